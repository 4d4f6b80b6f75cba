/*
 * How full the coming hours are, by quarter of an hour. Nothing that is older than three periods is
 * shown. Locks: none.
 */
create or replace view pgdispatch.load_ahead
with (security_invoker = true) as
select
    f.at,
    f.busy,
    f.busy_high,
    f.waiting,
    f.waiting_high,
    f.backgrounders,
    f.runs,
    s.made_at
from pgdispatch.forecast_state as s
join pgdispatch.forecast_load as f on true
where (select pgdispatch.now())
    between s.made_at - interval '1 minute' and s.made_at + 3 * s.period
order by f.at;

comment on view pgdispatch.load_ahead is
'How many backgrounders will be busy and how many jobs will wait in each quarter of an hour of the '
'next 24 hours. Empty if the last forecast is older than three periods.';
comment on column pgdispatch.load_ahead.at is 'When the quarter of an hour begins.';
comment on column pgdispatch.load_ahead.busy is 'Busy backgrounders, on average.';
comment on column pgdispatch.load_ahead.busy_high is
'So many or fewer are busy in nine simulated runs of ten.';
comment on column pgdispatch.load_ahead.waiting is 'Waiting jobs, on average.';
comment on column pgdispatch.load_ahead.waiting_high is
'So many or fewer wait in nine simulated runs of ten.';
comment on column pgdispatch.load_ahead.backgrounders is
'How many backgrounders there were when the forecast was made.';
comment on column pgdispatch.load_ahead.runs is
'How many simulated runs this was taken from: fewer look beyond forecast_hours.';
comment on column pgdispatch.load_ahead.made_at is 'The instant that the forecast is seen from.';
