/* What `more` says of a verdict that is not run. Locks: none that anybody waits for. */
comment on column pgdispatch.verdict.verdict is
'run or again; the other columns are for run, but for more.';
comment on column pgdispatch.verdict.more is
'run, from claim: whether other jobs are ready, so that another idle backgrounder should ask, too; '
'again: whether jobs have been parked, so that one does not ask in vain.';
