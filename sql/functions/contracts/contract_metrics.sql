/* How each contract stands, for metrics. Takes no lock. */
create or replace function pgdispatch.contract_metrics()
returns table (
    contract text,
    site text,
    state text,
    late_chance double precision,
    slack_seconds double precision
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        c.name,
        c.site,
        v.state,
        v.chance,
        extract(epoch from v.due - coalesce(v.ended_at, v.expected_at))::double precision
    from pgdispatch.contract as c
    cross join lateral pgdispatch.contract_verdict(c.id) as v
    where c.enabled
        and v.state is not null
$$;

comment on function pgdispatch.contract_metrics() is
'The state of each enabled contract, its chance of being late, and how much time is left.';
