/*
 * Whether a site may start no job now: it runs as many as it may, or its budget is spent.
 * The caller holds the lock of the site's gate, else the answer may be stale at once.
 */
create or replace function pgdispatch.is_site_full(p_site text)
returns boolean
language plpgsql
as $$
declare
    v_site pgdispatch.site;
begin
    select * into v_site from pgdispatch.site where name = p_site;
    return coalesce(v_site.running_limit <= (
        select count(*)
        from pgdispatch.job
        where state = 'running'
            and site = p_site
    ), false)
        or pgdispatch.is_budget_spent(v_site);
end
$$;

comment on function pgdispatch.is_site_full(text) is
'Whether a site is at its limit of running jobs or has spent its budget.';
