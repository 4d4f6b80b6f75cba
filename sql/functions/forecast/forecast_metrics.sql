/* What nodes tell of the forecast in their metrics. Locks: none. */
create or replace function pgdispatch.forecast_metrics()
returns table (
    name text,
    label text,
    value double precision
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        'age',
        null,
        greatest(extract(epoch from pgdispatch.now() - s.made_at), 0)::double precision
    from pgdispatch.forecast_state as s
    where s.made_at is not null
    union all
    select 'error', q.lead, sum(q.median_error_seconds * q.n) / sum(q.n)
    from pgdispatch.forecast_quality as q
    where q.state <> 'running'
    group by q.lead
    union all
    select 'coverage', null, sum(q.held * q.n) / sum(q.n)
    from pgdispatch.forecast_quality as q
    having sum(q.n) > 0
$$;

comment on function pgdispatch.forecast_metrics() is
'Numbers of the forecast: the age of the last one in seconds; by lead time the median error of its '
'starts in the last seven days, in seconds; and the share that its intervals held.';
