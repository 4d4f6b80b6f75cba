/*
 * Trigger: refuses what is wrong with a site, and works its limits out from the defaults.
 * Locks: for a new site, the two settings, shared.
 */
create or replace function pgdispatch.fill_site()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'INSERT' or new.time_zone is distinct from old.time_zone then
        perform pgdispatch.check_time_zone(new.time_zone);
    end if;
    if new.max_running_jobs < -1 or new.daily_seconds < -1 then
        perform pgdispatch.refuse(
            'a limit of a site is below -1',
            'use 0 or more; -1 for no limit; null for the default of all sites'
        );
    elsif extract(second from new.refill_at) <> 0 or new.refill_at = time '24:00' then
        perform pgdispatch.refuse(
            format('refill_at %s is not a whole minute of the day', new.refill_at),
            'use 00:00 to 23:59'
        );
    elsif new.over_budget not in ('defer', 'cancel') then
        perform pgdispatch.refuse(
            format('over_budget cannot be %L', left(new.over_budget, 40)),
            'use defer or cancel'
        );
    end if;
    if tg_op = 'INSERT' then  -- else a change of a default under way would miss this site
        perform
        from pgdispatch.setting
        where name in ('site_max_running_jobs', 'site_daily_seconds')
        order by name
        for share;
    end if;
    new.running_limit := nullif(coalesce(
        new.max_running_jobs, pgdispatch.setting('site_max_running_jobs')::integer
    ), -1);
    new.seconds_limit := nullif(coalesce(
        new.daily_seconds, pgdispatch.setting('site_daily_seconds')::integer
    ), -1);
    return new;
end
$$;

comment on function pgdispatch.fill_site() is
'Trigger: fills in the limits of a site from its own columns and the defaults, and refuses what '
'is wrong with a hint (JD001).';

create or replace trigger fill_site
before insert or update on pgdispatch.site
for each row execute function pgdispatch.fill_site();

comment on trigger fill_site on pgdispatch.site is 'Fills in and checks the limits of a site.';
