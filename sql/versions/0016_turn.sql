/*
 * What a turn says beyond a claim. Locks: none that anybody waits for; sessions that claim plan
 * anew.
 */
alter type pgdispatch.verdict
    add attribute backgrounder text,
    add attribute reason text;

comment on type pgdispatch.verdict is
'What a turn or a claim says: run and the attempt to run; or again: commit and ask again; and, '
'from turn, what became of endings that were not accepted.';
comment on column pgdispatch.verdict.verdict is
'run: the job is yours, and the other columns say which; again: commit and ask again at once, as a '
'rival was busy at the same gate, or many jobs had to be parked or made ready. From turn, also '
'contended: as again, but nothing was done for a rival; stale: an ending was refused, as that '
'attempt is not running; held: it was not taken yet, as somebody holds the row of its job.';
comment on column pgdispatch.verdict.backgrounder is 'run, from turn: who is to run it.';
comment on column pgdispatch.verdict.reason is 'stale: where the job is now, in words.';
