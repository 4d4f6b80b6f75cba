/* The kinds of work. The list is data: add your own with `insert`. */
create table if not exists pgdispatch.job_type (
    name text primary key,
    rank smallint not null default 2,
    timeout interval,
    max_attempts smallint not null default 1,
    priority_from text not null default 'task',
    default_priority smallint not null default 50,
    run_now_first boolean not null default true,
    description text not null default '',
    is_built_in boolean not null default false,
    constraint job_type_name_check check (name ~ '^[a-z][a-z0-9_]{0,62}$'),
    constraint job_type_rank_check check (rank between 0 and 1000),
    constraint job_type_timeout_check
    check (timeout > interval '0' and timeout <= interval '10 years'),
    constraint job_type_max_attempts_check check (max_attempts between 1 and 100),
    constraint job_type_priority_from_check check (priority_from in ('task', 'schedule')),
    constraint job_type_default_priority_check check (default_priority between 0 and 100)
);

comment on table pgdispatch.job_type is
'What kind of work a job is. Fixes its rank, its usual timeout and the handler that runs it. Each '
'installation adds those of pgdispatch that are missing, and changes none.';
comment on column pgdispatch.job_type.name is 'Name: lower-case letters, digits and underscores.';
comment on column pgdispatch.job_type.rank is
'Place within one batch, lowest first; a new type gets the rank of system.';
comment on column pgdispatch.job_type.timeout is 'How long a run may take; null: no limit.';
comment on column pgdispatch.job_type.max_attempts is
'How often a job of it is tried before it fails; 1: no retry.';
comment on column pgdispatch.job_type.priority_from is
'task: a task has a priority of its own. schedule: a job reads that of its schedule.';
comment on column pgdispatch.job_type.default_priority is
'Priority of a job that neither names one nor gets one from a task or schedule.';
comment on column pgdispatch.job_type.run_now_first is
'Whether Run Now puts a job before all others (flows keep the priority of their task).';
comment on column pgdispatch.job_type.description is 'What it is, for people.';
comment on column pgdispatch.job_type.is_built_in is
'Whether it comes with the package, and can be neither deleted nor renamed.';
