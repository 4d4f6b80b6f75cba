/* When tasks run, with what priority, and whether its jobs run side by side. */
create table if not exists pgdispatch.schedule (
    id bigint generated always as identity,
    name text primary key,
    priority smallint not null default 50,
    execution text not null default 'parallel',
    is_custom boolean not null default false,
    enabled boolean not null default true,
    created_at timestamptz not null default pg_catalog.now(),
    constraint schedule_id_key unique (id),
    constraint schedule_name_check check (length(name) between 1 and 200),
    constraint schedule_priority_check check (priority between 1 and 100),
    constraint schedule_execution_check check (execution in ('parallel', 'serial'))
);

comment on table pgdispatch.schedule is
'When tasks run, with what priority, and whether their jobs run in parallel or one at a time.';
comment on column pgdispatch.schedule.id is 'Number of the schedule.';
comment on column pgdispatch.schedule.name is 'Unique name, up to 200 characters.';
comment on column pgdispatch.schedule.priority is
'1 (highest) to 100. Extract and flow tasks take it over when they are created.';
comment on column pgdispatch.schedule.execution is
'parallel, or serial: jobs created while it is serial run one at a time in the whole cluster.';
comment on column pgdispatch.schedule.is_custom is
'Made by a user for one subscription or alert: its jobs have priority 50.';
comment on column pgdispatch.schedule.enabled is 'Whether it creates jobs.';
comment on column pgdispatch.schedule.created_at is 'When it was added.';
