/*
 * Sites that have jobs parked because the day's budget is spent, or whose limits have changed; a
 * claim lets their jobs in when due. Appended to and deleted from, never updated, so that nobody
 * waits for a row of it.
 */
create table if not exists pgdispatch.deferral (
    site text not null,
    refill_at timestamptz not null
);

create index if not exists deferral_refill_idx on pgdispatch.deferral (refill_at);

alter table pgdispatch.deferral replica identity full;

comment on table pgdispatch.deferral is
'Sites whose waiting jobs are unparked at a time: at the refill of the daily budget, or at once. '
'The first claim after refill_at deletes the row and unparks them.';
comment on column pgdispatch.deferral.site is 'The site.';
comment on column pgdispatch.deferral.refill_at is
'When its budget is full again; -infinity: at once, as its limits have changed.';
