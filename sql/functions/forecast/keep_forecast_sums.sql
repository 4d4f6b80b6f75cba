/* The part of keep_forecast that is about schedules and the load. Locks: the caller's. */
create or replace function pgdispatch.keep_forecast_sums(p_schedules jsonb, p_load jsonb)
returns void
language plpgsql
as $$
begin
    delete from pgdispatch.forecast_schedule;
    insert into pgdispatch.forecast_schedule (
        schedule, scheduled_at, site, jobs, starts_early_at, starts_at, starts_late_at,
        ends_early_at, ends_at, ends_late_at, late_chance, last_task, last_job, last_chance
    )
    select
        f.schedule,
        pgdispatch.instant_of(f.scheduled),
        f.site,
        f.jobs,
        pgdispatch.instant_of((f.starts ->> 0)::double precision),
        pgdispatch.instant_of((f.starts ->> 1)::double precision),
        pgdispatch.instant_of((f.starts ->> 2)::double precision),
        pgdispatch.instant_of((f.ends ->> 0)::double precision),
        pgdispatch.instant_of((f.ends ->> 1)::double precision),
        pgdispatch.instant_of((f.ends ->> 2)::double precision),
        f.late,
        f.last_task,
        f.last_job,
        f.last_chance
    from jsonb_to_recordset(p_schedules) as f (
        schedule text, scheduled double precision, site text, jobs integer, starts jsonb,
        ends jsonb, late real, last_task bigint, last_job bigint, last_chance real
    );
    delete from pgdispatch.forecast_load;
    insert into pgdispatch.forecast_load (
        at, busy, busy_high, waiting, waiting_high, backgrounders, runs
    )
    select
        pgdispatch.instant_of(f.at),
        f.busy,
        f.busy_high,
        f.waiting,
        f.waiting_high,
        f.backgrounders,
        f.runs
    from jsonb_to_recordset(p_load) as f (
        at double precision, busy real, busy_high real, waiting real, waiting_high real,
        backgrounders integer, runs integer
    );
end
$$;

comment on function pgdispatch.keep_forecast_sums(jsonb, jsonb) is
'Puts the forecast of schedules and of the load in place of the last one.';
