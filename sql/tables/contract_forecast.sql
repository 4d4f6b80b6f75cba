/*
 * When each contract will be met, from simulated runs of the coming hours. Written anew each time;
 * unlogged: after a crash it is made again.
 */
create unlogged table if not exists pgdispatch.contract_forecast (
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
