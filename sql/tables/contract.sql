/*
 * By when, or how fresh, data have to be: people change it. Read by whoever judges contracts, never
 * by a claim.
 */
create table if not exists pgdispatch.contract (
    id bigint generated always as identity primary key,
    name text not null,
    site text not null default 'default' references pgdispatch.site (name) on update cascade,
    datasource text,
    task bigint references pgdispatch.task (id),
    schedule text references pgdispatch.schedule (name) on update cascade,
    linked_task bigint references pgdispatch.linked_task (id),
    types text[],
    due text,
    time_zone text not null default 'UTC',
    calendar text references pgdispatch.calendar (name) on update cascade,
    since interval,
    max_age interval,
    warn_chance double precision not null default 0.2,
    warn_before interval not null default '4 hours',
    target text,
    note text,
    enabled boolean not null default true,
    created_at timestamptz not null default pg_catalog.now(),
    created_by text not null default session_user,
    watched_since timestamptz not null default pg_catalog.now(),
    constraint contract_name_key unique (site, name),
    constraint contract_name_check check (length(name) between 1 and 200),
    constraint contract_subject_check
    check (num_nonnulls(datasource, task, schedule, linked_task) = 1),
    constraint contract_datasource_check check (length(datasource) between 1 and 500),
    constraint contract_terms_check
    check (num_nonnulls(due, max_age) = 1 and (due is null) = (since is null)),
    constraint contract_calendar_check check (calendar is null or due is not null),
    constraint contract_since_check check (since > interval '0' and since <= interval '366 days'),
    constraint contract_max_age_check
    check (max_age >= interval '1 minute' and max_age <= interval '366 days'),
    constraint contract_warn_chance_check check (warn_chance > 0 and warn_chance <= 1),
    constraint contract_warn_before_check
    check (warn_before >= interval '0' and warn_before <= interval '31 days'),
    constraint contract_target_check check (target ~ '^[[:alnum:]][[:alnum:]._-]{0,62}$'),
    constraint contract_note_check check (length(note) between 1 and 2000)
);

create index if not exists contract_task_idx on pgdispatch.contract (task)
    where task is not null;
create index if not exists contract_linked_task_idx on pgdispatch.contract (linked_task)
    where linked_task is not null;
create index if not exists contract_schedule_idx on pgdispatch.contract (schedule)
    where schedule is not null;

comment on table pgdispatch.contract is
'By when the data of a datasource, a task, a schedule or a linked task have to be there, or how '
'old they may be. See contract_status for how each stands.';
comment on column pgdispatch.contract.id is 'Number of the contract.';
comment on column pgdispatch.contract.name is 'Name, up to 200 characters, one at each site.';
comment on column pgdispatch.contract.site is 'The site whose data it is about.';
comment on column pgdispatch.contract.datasource is
'The datasource that has to be fresh, whichever job refreshes it; or one of the three that follow.';
comment on column pgdispatch.contract.task is 'The task whose run counts.';
comment on column pgdispatch.contract.schedule is
'The schedule: each enabled task and linked task that the site has on it counts, all of them.';
comment on column pgdispatch.contract.linked_task is 'The linked task: all its steps count.';
comment on column pgdispatch.contract.types is
'Only jobs of these types count, for example full_extract; null: of all. Not for a linked task.';
comment on column pgdispatch.contract.due is
'When the data have to be there, in the words of a recurrence, such as daily at 07:00; or max_age.';
comment on column pgdispatch.contract.time_zone is
'IANA name of the time zone in which due counts.';
comment on column pgdispatch.contract.calendar is
'With due: the calendar whose working days on working days means; null: none.';
comment on column pgdispatch.contract.since is
'With due: data count of a run that began at most so long before, by the clock on the wall: 7 '
'hours before 07:00 is midnight, on a change-over day, too.';
comment on column pgdispatch.contract.max_age is
'How long ago the run may have begun that the data are of; or due.';
comment on column pgdispatch.contract.warn_chance is
'From which chance of being late on it is at risk, 0 to 1. It is fresh again below half of that.';
comment on column pgdispatch.contract.warn_before is
'How long before the due time that is told at the earliest.';
comment on column pgdispatch.contract.target is
'The target of notices that is told; null: only those that a rule names.';
comment on column pgdispatch.contract.note is 'Words of whoever owns it, for people.';
comment on column pgdispatch.contract.enabled is 'Whether it is watched.';
comment on column pgdispatch.contract.created_at is 'When it was added.';
comment on column pgdispatch.contract.created_by is 'The database user who added it.';
comment on column pgdispatch.contract.watched_since is
'Since when it is watched in these terms: due times before it do not count.';
