/*
 * A type for what ran, by which it is told why a job was late.
 * Locks: none.
 */
create type pgdispatch.run as (
    job bigint,
    is_last boolean,
    site text,
    datasource text,
    schedule text,
    node text,
    started_at timestamptz,
    ended_at timestamptz
);

comment on type pgdispatch.run is
'A stretch in which a job ran, as runs_between finds them: an attempt that ended it (is_last), did '
'not, or runs.';
comment on column pgdispatch.run.job is 'Number of the job.';
comment on column pgdispatch.run.is_last is 'Whether the job ended with it, or runs.';
comment on column pgdispatch.run.site is 'Its site.';
comment on column pgdispatch.run.datasource is 'What it refreshed, if anything.';
comment on column pgdispatch.run.schedule is 'Its schedule, if any.';
comment on column pgdispatch.run.node is 'The node that ran it.';
comment on column pgdispatch.run.started_at is 'When it started.';
comment on column pgdispatch.run.ended_at is 'When it ended; infinity: it runs.';
