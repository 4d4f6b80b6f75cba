/*
 * Tasks that failed too often in a row. A row of its own, not a column of the task: the end of a
 * job must not wait for somebody who edits the task.
 */
create table if not exists pgdispatch.suspension (
    task bigint primary key,
    failures integer not null,
    job bigint not null,
    streak_since timestamptz,
    suspended_at timestamptz not null
);

comment on table pgdispatch.suspension is
'Suspended tasks: their schedule creates no jobs for them until a success, an edit, a republish or '
'a resume. A row whose streak_since is not that of its task any more is void.';
comment on column pgdispatch.suspension.task is 'The task.';
comment on column pgdispatch.suspension.failures is 'How many jobs in a row had failed.';
comment on column pgdispatch.suspension.job is 'The job whose failure was the last of them.';
comment on column pgdispatch.suspension.streak_since is
'What the task had as streak_since; it counts while the task still has that.';
comment on column pgdispatch.suspension.suspended_at is 'When it was suspended.';
