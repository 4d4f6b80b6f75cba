/*
 * Keeps a forecast in place of the last one, if it has not been taken over meanwhile. Instants in
 * p_jobs, p_schedules and p_load are microseconds since 1970.
 * Of what has no start within the horizon it is said what keeps it, as far as one can see now.
 * Locks: the one row of forecast_state; readers of the forecast wait for nobody.
 */
create or replace function pgdispatch.keep_forecast(
    p_number bigint,
    p_made_at double precision,
    p_until double precision,
    p_runs integer,
    p_seconds double precision,
    p_jobs jsonb,
    p_schedules jsonb,
    p_load jsonb
)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
    v_made_at constant timestamptz := pgdispatch.instant_of(p_made_at);
    v_now timestamptz;
begin
    perform
    from pgdispatch.forecast_state
    where number = p_number
        and ended_at is null
    for update;
    if not found then
        return false;
    end if;
    v_now := pgdispatch.now();
    update pgdispatch.forecast_state
    set ended_at = v_now,
        problem = null,
        made_at = v_made_at,
        until = pgdispatch.instant_of(p_until),
        runs = p_runs,
        seconds = p_seconds,
        period = greatest(period, 15 * least(v_now - began_at, interval '2 minutes'));
    delete from pgdispatch.forecast_job;
    insert into pgdispatch.forecast_job (
        job, task, scheduled_at, type, site, schedule, linked_task, state, starts_early_at,
        starts_at, starts_late_at, ends_early_at, ends_at, ends_late_at, skipped_chance,
        late_chance, beyond
    )
    select
        f.job,
        f.task,
        pgdispatch.instant_of(f.scheduled),
        f.type,
        f.site,
        f.schedule,
        f.linked_task,
        f.state,
        pgdispatch.instant_of((f.starts ->> 0)::double precision),
        pgdispatch.instant_of((f.starts ->> 1)::double precision),
        pgdispatch.instant_of((f.starts ->> 2)::double precision),
        pgdispatch.instant_of((f.ends ->> 0)::double precision),
        pgdispatch.instant_of((f.ends ->> 1)::double precision),
        pgdispatch.instant_of((f.ends ->> 2)::double precision),
        f.skipped,
        f.late,
        f.beyond
    from jsonb_to_recordset(p_jobs) as f (
        job bigint, task bigint, scheduled double precision, type text, site text, schedule text,
        linked_task bigint, state text, starts jsonb, ends jsonb, skipped real, late real,
        beyond text
    );
    update pgdispatch.forecast_job as f
    set beyond = o.reason
    from pgdispatch.job as j
    cross join (select pgdispatch.obstacles_by_gate() as by_gate) as now
    cross join lateral (
        select pgdispatch.obstacle(j, now.by_gate, v_now) ->> 'reason' as reason
    ) as o
    where f.beyond is not null
        and f.job = j.id
        and j.backgrounder is null
        and o.reason is not null;
    perform pgdispatch.keep_forecast_sums(p_schedules, p_load);
    return true;
end
$$;

comment on function pgdispatch.keep_forecast(
    bigint, double precision, double precision, integer, double precision, jsonb, jsonb, jsonb
) is
'For supervisors: puts a forecast in place of the last one. False: another node has taken it over, '
'nothing is kept.';
