/* What a turn or a claim says: one row type for turn, claim, finish and fail. */
do $$
begin
    if to_regtype('pgdispatch.verdict') is null then
        create type pgdispatch.verdict as (
            verdict text,
            id bigint,
            attempt integer,
            type text,
            site text,
            title text,
            datasource text,
            schedule text,
            task bigint,
            priority smallint,
            args jsonb,
            created_by text,
            scheduled_at timestamptz,
            more boolean,
            backgrounder text,
            reason text,
            traceparent text
        );
    end if;
end $$;

comment on type pgdispatch.verdict is
'What a turn or a claim says: run and the attempt to run; or again: commit and ask again; and, '
'from turn, what became of endings that were not accepted.';
comment on column pgdispatch.verdict.verdict is
'run: the job is yours, and the other columns say which; again: commit and ask again at once, as a '
'rival was busy at the same gate, or many jobs had to be parked or made ready. From turn, also '
'contended: as again, but nothing was done for a rival; stale: an ending was refused, as that '
'attempt is not running; held: it was not taken yet, as somebody holds the row of its job.';
comment on column pgdispatch.verdict.id is 'The job.';
comment on column pgdispatch.verdict.attempt is
'The attempt; finish, fail and progress must name it.';
comment on column pgdispatch.verdict.type is 'Its job type.';
comment on column pgdispatch.verdict.site is 'Its site.';
comment on column pgdispatch.verdict.title is 'Its name for people.';
comment on column pgdispatch.verdict.datasource is 'What it refreshes, if anything.';
comment on column pgdispatch.verdict.schedule is 'The schedule it belongs to, if any.';
comment on column pgdispatch.verdict.task is 'The task it is a run of, if any.';
comment on column pgdispatch.verdict.priority is 'Its priority.';
comment on column pgdispatch.verdict.args is 'A JSON object for the handler.';
comment on column pgdispatch.verdict.created_by is 'Who wants it.';
comment on column pgdispatch.verdict.scheduled_at is 'The scheduled time that it serves, if any.';
comment on column pgdispatch.verdict.more is
'run, from claim: whether other jobs are ready, so that another idle backgrounder should ask, too; '
'again: whether jobs have been parked or made ready, so that one does not ask in vain.';
comment on column pgdispatch.verdict.backgrounder is 'run, from turn: who is to run it.';
comment on column pgdispatch.verdict.reason is 'stale: where the job is now, in words.';
comment on column pgdispatch.verdict.traceparent is 'The trace that the job belongs to, if any.';
