/*
 * Trigger: a wider limit lets waiting jobs of that site in at once.
 * Locks: the gates of the changed sites, in the global order, so that no claim is parking there
 * by the old limit.
 */
create or replace function pgdispatch.apply_site_limit()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_site record;
begin
    perform pgdispatch.lock_gates(
        (
            select array_agg('site/' || o.name)
            from old_site as o
            join new_site as n on n.id = o.id
            where n.max_running_jobs is distinct from o.max_running_jobs
        ),
        true
    );
    for v_site in
        select
            'site/' || o.name as gate,
            n.max_running_jobs - o.max_running_jobs as room
        from old_site as o
        join new_site as n on n.id = o.id
        where o.max_running_jobs is not null
            and n.max_running_jobs is distinct from o.max_running_jobs
    loop
        if v_site.room is null then
            update pgdispatch.job
            set state = 'ready',
                gate = null,
                promoted_at = pgdispatch.now()
            where id in (
                select id
                from pgdispatch.job
                where state = 'parked'
                    and gate = v_site.gate
                for update skip locked
            );
        end if;
        for v_freed in 1..coalesce(v_site.room, 0) loop
            exit when not pgdispatch.unpark(v_site.gate);
        end loop;
    end loop;
    perform pgdispatch.wake_idle();
    return null;
end
$$;

comment on function pgdispatch.apply_site_limit() is
'Trigger: lets waiting jobs of a site in at once when its limit is raised or lifted.';

create or replace trigger apply_site_limit
after update on pgdispatch.site
referencing old table as old_site new table as new_site
for each statement execute function pgdispatch.apply_site_limit();

comment on trigger apply_site_limit on pgdispatch.site is
'Lets waiting jobs in at once when a limit is raised or lifted.';
