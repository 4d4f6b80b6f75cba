/* Whether a site has nothing left of its budget for today (semantics 5.5). */
create or replace function pgdispatch.is_budget_spent(p_site pgdispatch.site)
returns boolean
language plpgsql
as $$
begin
    return p_site.seconds_limit is not null
        and pgdispatch.spent_seconds(p_site) >= p_site.seconds_limit;
end
$$;

comment on function pgdispatch.is_budget_spent(pgdispatch.site) is
'Whether a site has spent the budget of the day; false if it has none.';
