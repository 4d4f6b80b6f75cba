/*
 * Gates whose jobs a claim is to look at when the time has come: of sites whose budget is refilled
 * then, or whose limits have changed; and of pauses, which begin, or end.
 * Appended to and deleted from, never updated, so that nobody waits for a row of it.
 */
create table if not exists pgdispatch.deferral (
    gate text not null,
    refill_at timestamptz not null
);

create index if not exists deferral_refill_idx on pgdispatch.deferral (refill_at);

alter table pgdispatch.deferral replica identity full;

comment on table pgdispatch.deferral is
'Gates whose jobs are looked at anew at a time: a site''s at the refill of its daily budget, a '
'pause''s when it ends; or at once. The first claim after refill_at deletes the row and does so.';
comment on column pgdispatch.deferral.gate is 'The gate: site/NAME, or pause/….';
comment on column pgdispatch.deferral.refill_at is
'When the budget is full again, or the pause ends; -infinity: at once, as a limit has changed, or '
'a pause was set or ended.';
