/*
 * One row: who makes the forecast, and what the last one was. Logged, unlike the forecast itself:
 * after a crash of the server there is none, and the next is made when it is due.
 */
create table if not exists pgdispatch.forecast_state (
    is_only boolean primary key default true,
    number bigint not null,
    node text,
    began_at timestamptz not null,
    ended_at timestamptz,
    period interval not null,
    problem text,
    made_at timestamptz,
    until timestamptz,
    runs integer,
    seconds real,
    checked_at timestamptz,
    calibration jsonb not null default '[]',
    constraint forecast_state_is_only_check check (is_only)
);

comment on table pgdispatch.forecast_state is
'Who makes the forecast, and what the last one was. One row, written by begin_forecast, '
'keep_forecast and end_forecast.';
comment on column pgdispatch.forecast_state.is_only is 'True; there is one row.';
comment on column pgdispatch.forecast_state.number is
'Counts the forecasts that were begun; whoever keeps or ends one must name the current one.';
comment on column pgdispatch.forecast_state.node is 'The node that makes it, or made the last.';
comment on column pgdispatch.forecast_state.began_at is 'When that began.';
comment on column pgdispatch.forecast_state.ended_at is
'When it was kept, or failed; null: it is being made.';
comment on column pgdispatch.forecast_state.period is
'After how long the next one is made, unless somebody looks; older than three of them, no row of '
'it is shown.';
comment on column pgdispatch.forecast_state.problem is
'Why the last one that was begun was not kept; null: it was.';
comment on column pgdispatch.forecast_state.made_at is
'The instant that the one in the tables is seen from; null: there has been none.';
comment on column pgdispatch.forecast_state.until is 'How far it looks ahead.';
comment on column pgdispatch.forecast_state.runs is 'How many simulated runs it was made of.';
comment on column pgdispatch.forecast_state.seconds is 'How much processor time it took.';
comment on column pgdispatch.forecast_state.checked_at is
'When forecasts were last compared with what happened, and some of them noted for that.';
comment on column pgdispatch.forecast_state.calibration is
'By how much intervals are widened, learnt then: see forecast_calibration.';
