/* How full the coming hours are, by quarter of an hour, as the last forecast has it. */
create unlogged table if not exists pgdispatch.forecast_load (
    "at" timestamptz primary key,
    busy real not null,
    busy_high real not null,
    waiting real not null,
    waiting_high real not null,
    backgrounders integer not null,
    runs integer not null
);

comment on table pgdispatch.forecast_load is
'How full the coming 24 hours are, by quarter of an hour; the view load_ahead shows it unless it '
'is too old. Unlogged, replaced as a whole.';
comment on column pgdispatch.forecast_load.at is 'When the quarter of an hour begins.';
comment on column pgdispatch.forecast_load.busy is 'Busy backgrounders, on average.';
comment on column pgdispatch.forecast_load.busy_high is
'So many or fewer are busy in nine simulated runs of ten.';
comment on column pgdispatch.forecast_load.waiting is 'Waiting jobs, on average.';
comment on column pgdispatch.forecast_load.waiting_high is
'So many or fewer wait in nine simulated runs of ten.';
comment on column pgdispatch.forecast_load.backgrounders is
'How many backgrounders there were when the forecast was made.';
comment on column pgdispatch.forecast_load.runs is
'How many simulated runs this was taken from: fewer look beyond forecast_hours.';
