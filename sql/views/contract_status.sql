/*
 * The contracts, and how each stands now: at the due time that has passed without data, or else at
 * the next one. Takes no lock.
 */
create or replace view pgdispatch.contract_status
with (security_invoker = true) as
select
    c.id as contract,
    c.name,
    c.site,
    pgdispatch.subject_words(c) as subject,
    coalesce(v.state, 'disabled') as state,
    coalesce(c.due, 'at most ' || c.max_age || ' old') as terms,
    c.time_zone,
    v.due,
    v.data_after,
    v.chance,
    v.early_at,
    v.expected_at,
    v.late_at,
    v.beyond,
    v.due - coalesce(v.ended_at, v.expected_at) as slack,
    v.began_at,
    v.ended_at,
    v.job,
    v.task,
    v.reason,
    v.runs,
    v.forecast_at,
    c.datasource,
    c.task as of_task,
    c.schedule,
    c.linked_task,
    c.types,
    c.calendar,
    c.since,
    c.max_age,
    c.warn_chance,
    c.warn_before,
    c.target,
    c.note,
    c.enabled,
    c.created_at,
    c.created_by
from pgdispatch.contract as c
cross join lateral pgdispatch.contract_verdict(c.id) as v
order by
    c.site,
    c.name;

comment on view pgdispatch.contract_status is
'The contracts, and how each stands now.';
comment on column pgdispatch.contract_status.contract is 'Number of the contract.';
comment on column pgdispatch.contract_status.name is 'Its name.';
comment on column pgdispatch.contract_status.site is 'Its site.';
comment on column pgdispatch.contract_status.subject is 'What it is about, in words.';
comment on column pgdispatch.contract_status.state is
'fresh (the data are there, or on their way); at risk (the chance of being late is warn_chance or '
'more); will be late (it is one half or more); late (they are not there in time, and a run is '
'coming that brings them); broken (none is: nothing is scheduled in time); or disabled.';
comment on column pgdispatch.contract_status.terms is 'When it is due, or how old data may be.';
comment on column pgdispatch.contract_status.time_zone is 'The zone in which that counts.';
comment on column pgdispatch.contract_status.due is
'The due time that this is about: one that has passed without data, or else the next; with max_age '
'when the data are too old.';
comment on column pgdispatch.contract_status.data_after is
'A run counts for it that began then or later.';
comment on column pgdispatch.contract_status.chance is
'The share of simulated runs in which the data are not there at the due time; null: not known, or '
'it has passed, or they are there.';
comment on column pgdispatch.contract_status.early_at is
'When the data are there in the best tenth of the simulated runs; null: not known, or not before '
'beyond.';
comment on column pgdispatch.contract_status.expected_at is 'The same in half of them.';
comment on column pgdispatch.contract_status.late_at is 'The same in nine tenths of them.';
comment on column pgdispatch.contract_status.beyond is
'The end of the hours that were simulated; null: there is no forecast that is new enough.';
comment on column pgdispatch.contract_status.slack is
'How long before the due time the data were there, or are expected; negative: after it.';
comment on column pgdispatch.contract_status.began_at is
'When the run began whose data count; of several the first; null: they are not there yet.';
comment on column pgdispatch.contract_status.ended_at is 'When the data were there.';
comment on column pgdispatch.contract_status.job is
'The job that brought them, or that decides when they come.';
comment on column pgdispatch.contract_status.task is 'The task of that job, or that is in the way.';
comment on column pgdispatch.contract_status.reason is
'How it stands with that job, or why nothing is coming; null: the data are there.';
comment on column pgdispatch.contract_status.runs is 'How many runs were simulated.';
comment on column pgdispatch.contract_status.forecast_at is 'As of when.';
comment on column pgdispatch.contract_status.datasource is 'The datasource that it is about.';
comment on column pgdispatch.contract_status.of_task is 'The task that it is about.';
comment on column pgdispatch.contract_status.schedule is 'The schedule that it is about.';
comment on column pgdispatch.contract_status.linked_task is 'The linked task that it is about.';
comment on column pgdispatch.contract_status.types is 'The job types that count; null: all.';
comment on column pgdispatch.contract_status.calendar is
'The calendar by which it is due; null: none.';
comment on column pgdispatch.contract_status.since is
'How long before the due time a run may have begun, by the clock on the wall.';
comment on column pgdispatch.contract_status.max_age is 'How old data may be.';
comment on column pgdispatch.contract_status.warn_chance is 'From which chance on it is at risk.';
comment on column pgdispatch.contract_status.warn_before is
'How long before the due time that is told at the earliest.';
comment on column pgdispatch.contract_status.target is 'The target that is told.';
comment on column pgdispatch.contract_status.note is 'Words of whoever owns it.';
comment on column pgdispatch.contract_status.enabled is 'Whether it is watched.';
comment on column pgdispatch.contract_status.created_at is 'When it was added.';
comment on column pgdispatch.contract_status.created_by is 'The database user who added it.';
