/*
 * Contracts say by when data have to be there, and people are told before they are late.
 * Locks: site, schedule, task and linked_task, which contracts refer to, against whoever changes
 * them; notice and notice_rule, against whoever writes them; for a moment.
 */
create table pgdispatch.contract (
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

create index contract_task_idx on pgdispatch.contract (task)
    where task is not null;
create index contract_linked_task_idx on pgdispatch.contract (linked_task)
    where linked_task is not null;
create index contract_schedule_idx on pgdispatch.contract (schedule)
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

create table pgdispatch.contract_state (
    contract bigint primary key references pgdispatch.contract (id) on delete cascade,
    state text,
    due timestamptz,
    changed_at timestamptz,
    is_told boolean not null default false,
    calm integer not null default 0,
    calm_at timestamptz,
    job bigint,
    began_at timestamptz,
    ended_at timestamptz,
    constraint contract_state_state_check
    check (state in ('fresh', 'at risk', 'will be late', 'late', 'broken'))
);

comment on table pgdispatch.contract_state is
'What was seen of each contract last; contract_status says how it stands. Written by supervisors.';
comment on column pgdispatch.contract_state.contract is 'The contract.';
comment on column pgdispatch.contract_state.state is
'fresh, at risk, will be late, late or broken; null: not judged yet.';
comment on column pgdispatch.contract_state.due is 'The due time that this is about.';
comment on column pgdispatch.contract_state.changed_at is 'Since when it has been so.';
comment on column pgdispatch.contract_state.is_told is
'Whether people were told of it, so that they are to be told when it is over.';
comment on column pgdispatch.contract_state.calm is
'How many forecasts in a row have seen less than half of the chance that it warns at.';
comment on column pgdispatch.contract_state.calm_at is 'When the last of these was made.';
comment on column pgdispatch.contract_state.job is
'The job that brought the newest data of a datasource, as far as seen.';
comment on column pgdispatch.contract_state.began_at is 'When that job began.';
comment on column pgdispatch.contract_state.ended_at is 'When it ended.';

create unlogged table pgdispatch.contract_forecast (
    contract bigint not null,
    due timestamptz not null,
    made_at timestamptz not null,
    good_until timestamptz not null,
    runs integer not null,
    late integer,
    early_at timestamptz,
    median_at timestamptz,
    late_at timestamptz,
    beyond timestamptz not null,
    job bigint,
    task bigint,
    scheduled_at timestamptz,
    decided integer not null,
    primary key (contract, due),
    constraint contract_forecast_runs_check check (runs > 0),
    constraint contract_forecast_late_check check (late between 0 and runs)
);

comment on table pgdispatch.contract_forecast is
'When each contract will be met at its next due times, by the last forecast.';
comment on column pgdispatch.contract_forecast.contract is 'The contract.';
comment on column pgdispatch.contract_forecast.due is 'The due time.';
comment on column pgdispatch.contract_forecast.made_at is 'As of when the forecast is.';
comment on column pgdispatch.contract_forecast.good_until is 'From then on it is too old to say.';
comment on column pgdispatch.contract_forecast.runs is 'How many runs were simulated.';
comment on column pgdispatch.contract_forecast.late is
'In how many of them the data were not there at the due time; null: that has passed.';
comment on column pgdispatch.contract_forecast.early_at is
'When it is met in the best tenth of the runs; null: not within the hours that were simulated.';
comment on column pgdispatch.contract_forecast.median_at is 'The same in half of them.';
comment on column pgdispatch.contract_forecast.late_at is 'The same in nine tenths of them.';
comment on column pgdispatch.contract_forecast.beyond is
'The end of the hours that were simulated.';
comment on column pgdispatch.contract_forecast.job is
'The job that decides most often when it is met; null: it is not created yet.';
comment on column pgdispatch.contract_forecast.task is 'The task of that job.';
comment on column pgdispatch.contract_forecast.scheduled_at is 'Its scheduled time.';
comment on column pgdispatch.contract_forecast.decided is 'In how many runs it decides.';

alter table pgdispatch.notice
    add column contract bigint,
    add column contract_state text;

drop index pgdispatch.notice_state_idx;
create unique index notice_state_idx
    on pgdispatch.notice (
        what, coalesce(contract::text, node, schedule, site), since, target, contract_state
    ) nulls not distinct
    where since is not null and (contract is null or recovered_at is null);

alter table pgdispatch.notice_rule
    drop constraint notice_rule_what_check,
    add constraint notice_rule_what_check check (what in (
        'failure', 'suspension', 'recovery', 'node_lost', 'schedule_late', 'budget_spent',
        'contract_at_risk', 'contract_late', 'contract_broken', 'contract_fresh'
    ));

comment on column pgdispatch.notice.title is 'The title of the job; or the name of the contract.';
comment on column pgdispatch.notice.since is
'Since when it has been so: the last heartbeat, the time that is late, the last refill; of a '
'contract the due time. Each such state is told once to a target.';
comment on column pgdispatch.notice.recovered_at is
'Of failure and suspension: when the task succeeded next; of a broken contract: when it was so no '
'more; null: not yet.';
comment on column pgdispatch.notice.contract is 'The contract it is about.';
comment on column pgdispatch.notice.contract_state is 'How that stood: as in contract_status.';
comment on column pgdispatch.notice_rule.what is
'failure (a job ended as failed), suspension (of a task), recovery (a task succeeds after one of '
'these was told), node_lost (no sign of life for a lease), schedule_late (what it is due for has '
'not been created), budget_spent (of a site, once a day), contract_at_risk (or will be late), '
'contract_late, contract_broken, contract_fresh (again, after one of these was told).';

do $$
declare
    v_table regclass;
begin
    for v_table in select relid from pg_partition_tree('pgdispatch.change') loop
        execute format(
            'comment on column %s.kind is %L', v_table,
            'What was changed: site, schedule, task, linked task, node, job type, setting, notice '
            'rule, token, contract, user or job; or everything, which can be paused.'
        );
    end loop;
end $$;
