/* The thing that is scheduled. The trigger fill_task gives and checks its priority. */
create table if not exists pgdispatch.task (
    id bigint generated always as identity primary key,
    site text not null default 'default' references pgdispatch.site (name) on update cascade,
    type text not null references pgdispatch.job_type (name) on update cascade,
    title text not null,
    schedule text references pgdispatch.schedule (name) on update cascade,
    priority smallint,
    datasource text,
    args jsonb not null default '{}',
    timeout interval,
    max_attempts smallint,
    enabled boolean not null default true,
    created_at timestamptz not null default pg_catalog.now(),
    enabled_at timestamptz not null default pg_catalog.now(),
    history_since timestamptz,
    streak_since timestamptz,
    constraint task_title_check check (length(title) between 1 and 500),
    constraint task_priority_check check (priority between 1 and 100),
    constraint task_datasource_check check (length(datasource) between 1 and 500),
    constraint task_args_check check (jsonb_typeof(args) = 'object'),
    constraint task_max_attempts_check check (max_attempts between 1 and 100),
    constraint task_timeout_check
    check (timeout > interval '0' and timeout <= interval '10 years')
);

create index if not exists task_schedule_idx on pgdispatch.task (schedule);
create index if not exists task_datasource_idx on pgdispatch.task (site, datasource);

comment on table pgdispatch.task is
'One extract refresh, subscription, flow or alert check of one site: what schedules run. Any '
'update lifts its suspension. Deleting one keeps its jobs and their history; a step of a linked '
'task cannot be deleted.';
comment on column pgdispatch.task.id is 'Number of the task; run_now and job.task name it.';
comment on column pgdispatch.task.site is 'The site it belongs to.';
comment on column pgdispatch.task.type is 'The type of its jobs.';
comment on column pgdispatch.task.title is 'Name for people, up to 500 characters.';
comment on column pgdispatch.task.schedule is 'The schedule that runs it; null: only Run Now does.';
comment on column pgdispatch.task.priority is
'1 (highest) to 100, taken from the schedule when the task is created, or as changed since; '
'null for types that read their schedule.';
comment on column pgdispatch.task.datasource is 'What its jobs refresh; null: nothing shared.';
comment on column pgdispatch.task.args is 'A JSON object for the handler; data, never executed.';
comment on column pgdispatch.task.timeout is
'How long a run may take; null: as its site says for its type, else as its type says.';
comment on column pgdispatch.task.max_attempts is
'How often a job of it is tried before it fails; null: as its type says.';
comment on column pgdispatch.task.enabled is 'Whether its schedule creates jobs for it.';
comment on column pgdispatch.task.created_at is 'When it was created or last republished.';
comment on column pgdispatch.task.enabled_at is 'When it was created or last enabled.';
comment on column pgdispatch.task.history_since is
'Runs before this do not count for its historical run time (republish sets it); null: all do.';
comment on column pgdispatch.task.streak_since is
'Failures before this do not count for its suspension (an edit, republish or resume sets it); '
'null: all do.';
