/* The day's budget of a site (semantics 5.5), for those who look. No row: it has none. */
create or replace function pgdispatch.site_budget(p_site text)
returns table (
    spent_seconds double precision,
    refill_at timestamptz
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        pgdispatch.spent_seconds(s),
        pgdispatch.refill_at(s)
    from pgdispatch.site as s
    where s.name = p_site
        and pgdispatch.may_see(s.name)
        and s.seconds_limit is not null
$$;

comment on function pgdispatch.site_budget(text) is
'What a site has spent of its budget today, and when it is full again; no row: it has no budget.';
