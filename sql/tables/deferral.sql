/*
 * Sites that have jobs parked because the day's budget is spent; a claim wakes them when due.
 * Appended to and deleted from, never updated, so that nobody waits for a row of it.
 */
create table if not exists pgdispatch.deferral (
    site text not null,
    refill_at timestamptz not null
);

create index if not exists deferral_refill_idx on pgdispatch.deferral (refill_at);

alter table pgdispatch.deferral replica identity full;

comment on table pgdispatch.deferral is
'Sites whose jobs wait for the refill of the daily budget.';
comment on column pgdispatch.deferral.site is 'The site.';
comment on column pgdispatch.deferral.refill_at is 'When its budget is full again.';
