/*
 * An attempt has ended: charges its run time to the budget of its site, if that has one, and
 * notes the first time in a day that it passes 70, 90 and 100 per cent.
 * Locks: none; both tables are appended to.
 */
create or replace function pgdispatch.charge_site(p_job pgdispatch.job)
returns void
language plpgsql
as $$
declare
    v_site pgdispatch.site;
    v_spent double precision;
begin
    select * into v_site from pgdispatch.site where name = p_job.site;
    if v_site.seconds_limit is null then
        return;
    end if;
    insert into pgdispatch.charge (site, started_at, seconds)
    values (
        p_job.site,
        p_job.started_at,
        greatest(extract(epoch from pgdispatch.now() - p_job.started_at), 0)
    );
    v_spent := pgdispatch.spent_seconds(v_site);
    if v_spent < 0.7 * v_site.seconds_limit then
        return;
    end if;
    insert into pgdispatch.budget_notice
        (site, refilled_at, percent, spent_seconds, seconds_limit, noticed_at)
    select
        v_site.name,
        pgdispatch.refilled_at(v_site),
        percent,
        v_spent,
        v_site.seconds_limit,
        pgdispatch.now()
    from unnest(array[70, 90, 100]) as percent
    where v_spent * 100 >= v_site.seconds_limit * percent
    on conflict do nothing;
end
$$;

comment on function pgdispatch.charge_site(pgdispatch.job) is
'Charges the run time of an attempt that has ended to the budget of its site.';
