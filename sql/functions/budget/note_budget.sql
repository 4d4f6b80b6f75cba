/*
 * Notes the first time in a day that a site has used up 70, 90 and 100 per cent of its budget.
 * Locks: pg_try_advisory_xact_lock(1885824112, hash of the site); if a rival is at it, the next run
 * that ends makes up for it. A plain conflict on the key would wait, holding gates.
 */
create or replace function pgdispatch.note_budget(p_site pgdispatch.site)
returns void
language plpgsql
as $$
declare
    v_spent constant double precision := pgdispatch.spent_seconds(p_site);
begin
    if v_spent < 0.7 * p_site.seconds_limit
        or not pg_try_advisory_xact_lock(1885824112, hashtext(p_site.name)) then
        return;
    end if;
    insert into pgdispatch.budget_notice
        (site, refilled_at, percent, spent_seconds, seconds_limit, noticed_at)
    select
        p_site.name,
        pgdispatch.refilled_at(p_site),
        percent,
        v_spent,
        p_site.seconds_limit,
        pgdispatch.now()
    from unnest(array[70, 90, 100]) as percent
    where v_spent * 100 >= p_site.seconds_limit * percent
    on conflict do nothing;
end
$$;

comment on function pgdispatch.note_budget(pgdispatch.site) is
'Notes in budget_notice when a site has reached 70, 90 and 100 per cent of the budget of the day.';
