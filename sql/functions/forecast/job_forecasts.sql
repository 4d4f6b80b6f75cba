/*
 * What the view forecast says of these jobs, for whoever shows jobs and, beside them, when they
 * start: no row of one of which nothing is said. Says that somebody looks. On a standby, which has
 * no unlogged tables, there is nothing.
 * Whoever is confined to sites gets what concerns these.
 * Locks: as look_at_forecast.
 */
create or replace function pgdispatch.job_forecasts(p_jobs bigint[])
returns table (
    job bigint,
    starts_early_at timestamptz,
    starts_at timestamptz,
    starts_late_at timestamptz,
    ends_early_at timestamptz,
    ends_at timestamptz,
    ends_late_at timestamptz,
    late_chance real,
    beyond text,
    made_at timestamptz,
    until timestamptz
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_sites constant text[] := pgdispatch.caller_sites();
begin
    if pg_is_in_recovery() then
        return;
    end if;
    perform pgdispatch.look_at_forecast();
    return query
    select
        f.job,
        f.starts_early_at,
        f.starts_at,
        f.starts_late_at,
        f.ends_early_at,
        f.ends_at,
        f.ends_late_at,
        f.late_chance,
        f.beyond,
        f.made_at,
        f.until
    from pgdispatch.forecast as f
    where f.job = any (p_jobs)
        and (v_sites is null or f.site = any (v_sites));
end
$$;

comment on function pgdispatch.job_forecasts(bigint[]) is
'When these jobs start and end, as the view forecast has it; says that somebody looks at it. No '
'row of a job of which nothing is said, and none on a standby.';
