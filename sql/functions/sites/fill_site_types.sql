/*
 * Trigger: works site_type out anew. Only rows that differ are written.
 * Locks: the lock 'site_types', so that of two such changes the second sees the first: a site and a
 * job type that are added at once are a pair, too.
 */
create or replace function pgdispatch.fill_site_types()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pgdispatch.check_isolation();
    perform pg_advisory_xact_lock(pgdispatch.lock_class('site_types'), 0);
    delete from pgdispatch.site_type as known
    where not exists (select from pgdispatch.site where name = known.site)
        or not exists (select from pgdispatch.job_type where name = known.type);
    insert into pgdispatch.site_type as known
        (site, type, rank, timeout, max_attempts, priority_from, default_priority, run_now_first)
    select
        s.name,
        t.name,
        t.rank,
        case when l.site is null then t.timeout else l.timeout end,
        t.max_attempts,
        t.priority_from,
        t.default_priority,
        t.run_now_first
    from pgdispatch.site as s
    cross join pgdispatch.job_type as t
    left join pgdispatch.site_timeout as l on l.site = s.name and l.type = t.name
    except
    select site, type, rank, timeout, max_attempts, priority_from, default_priority, run_now_first
    from pgdispatch.site_type
    on conflict (site, type) do update
    set rank = excluded.rank,
        timeout = excluded.timeout,
        max_attempts = excluded.max_attempts,
        priority_from = excluded.priority_from,
        default_priority = excluded.default_priority,
        run_now_first = excluded.run_now_first;
    return null;
end
$$;

comment on function pgdispatch.fill_site_types() is
'Trigger: works out what the jobs of each type get at each site.';

create or replace trigger fill_site_types
after insert or delete or truncate or update of name on pgdispatch.site
for each statement execute function pgdispatch.fill_site_types();

comment on trigger fill_site_types on pgdispatch.site is
'Works out what the jobs of each type get there.';

create or replace trigger fill_site_types
after insert or update or delete or truncate on pgdispatch.job_type
for each statement execute function pgdispatch.fill_site_types();

comment on trigger fill_site_types on pgdispatch.job_type is
'Works out what jobs of it get at each site.';

create or replace trigger fill_site_types
after insert or update or delete or truncate on pgdispatch.site_timeout
for each statement execute function pgdispatch.fill_site_types();

comment on trigger fill_site_types on pgdispatch.site_timeout is
'Works out what the jobs of its site and type get.';
