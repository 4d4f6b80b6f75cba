/* One row: when somebody last looked at the forecast. It is then made each minute for a while. */
create table if not exists pgdispatch.forecast_look (
    is_only boolean primary key default true,
    looked_at timestamptz not null,
    constraint forecast_look_is_only_check check (is_only)
);

comment on table pgdispatch.forecast_look is
'When somebody last looked at the forecast, to half a minute. One row, written by '
'look_at_forecast.';
comment on column pgdispatch.forecast_look.is_only is 'True; there is one row.';
comment on column pgdispatch.forecast_look.looked_at is 'When that was.';
