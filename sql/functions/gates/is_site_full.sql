/*
 * Whether a site may start no job now: it runs as many as it may, or its budget is spent.
 * The caller holds the lock of the site's gate, else the answer may be stale at once.
 */
create or replace function pgdispatch.is_site_full(p_site text)
returns boolean
language plpgsql
as $$
declare
    v_is_full boolean;
    v_has_budget boolean;
    v_site pgdispatch.site;
begin
    select
        running_limit <= (
            select count(*)
            from pgdispatch.job
            where state = 'running'
                and site = p_site
        ),
        seconds_limit is not null
    into v_is_full, v_has_budget
    from pgdispatch.site
    where name = p_site;
    if v_has_budget and v_is_full is not true then
        select * into v_site from pgdispatch.site where name = p_site;
        return pgdispatch.is_budget_spent(v_site);
    end if;
    return coalesce(v_is_full, false);
end
$$;

comment on function pgdispatch.is_site_full(text) is
'Whether a site is at its limit of running jobs or has spent its budget.';
