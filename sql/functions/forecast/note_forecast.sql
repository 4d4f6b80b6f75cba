/*
 * Notes some rows of a forecast, to be compared with what happens: p_checks as in forecast_check,
 * instants in microseconds since 1970. First finds out what became of earlier ones, and learns from
 * these by how much intervals are to be widened. Whoever makes a forecast calls it, in a
 * transaction of its own; at most once in 14 minutes anything is done.
 * Locks: the one row of forecast_state.
 */
create or replace function pgdispatch.note_forecast(
    p_made_at double precision, p_until double precision, p_checks jsonb
)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
    v_now constant timestamptz := pgdispatch.now();
begin
    perform
    from pgdispatch.forecast_state
    where checked_at is null
        or v_now not between checked_at and checked_at + interval '14 minutes'
    for update skip locked;
    if not found then
        return false;
    end if;
    perform pgdispatch.check_forecasts();
    insert into pgdispatch.forecast_check (
        made_at, job, task, scheduled_at, site, state, due, until, starts_early, starts,
        starts_late, starts_widened, ends_early, ends, ends_late, ends_widened, skipped_chance,
        late_chance, late_after
    )
    select
        pgdispatch.instant_of(p_made_at),
        f.job,
        f.task,
        pgdispatch.instant_of(f.scheduled),
        f.site,
        f.state,
        (f.due - p_made_at) / 1e6,
        (p_until - p_made_at) / 1e6,
        ((f.starts ->> 0)::double precision - p_made_at) / 1e6,
        ((f.starts ->> 1)::double precision - p_made_at) / 1e6,
        ((f.starts ->> 2)::double precision - p_made_at) / 1e6,
        f.starts_widened,
        ((f.ends ->> 0)::double precision - p_made_at) / 1e6,
        ((f.ends ->> 1)::double precision - p_made_at) / 1e6,
        ((f.ends ->> 2)::double precision - p_made_at) / 1e6,
        f.ends_widened,
        f.skipped,
        f.late,
        (f.late_after - p_made_at) / 1e6
    from jsonb_to_recordset(p_checks) as f (
        job bigint, task bigint, scheduled double precision, site text, state text,
        due double precision, starts jsonb, starts_widened real, ends jsonb, ends_widened real,
        skipped real, late real, late_after double precision
    );
    update pgdispatch.forecast_state
    set checked_at = v_now,
        calibration = coalesce(
            (select jsonb_agg(to_jsonb(c)) from pgdispatch.forecast_calibration() as c), '[]'
        );
    return true;
end
$$;

comment on function pgdispatch.note_forecast(double precision, double precision, jsonb) is
'For supervisors: notes some rows of a forecast in forecast_check, after finding out what became '
'of earlier ones. False: that was done less than 14 minutes ago, and nothing is.';
