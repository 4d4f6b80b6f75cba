/*
 * Trigger: a wider limit lets waiting jobs of that site in at once.
 * Locks: the site's gate, so that no claim is parking there by the old limit. The trigger is
 * deferred, so the lock is held during the commit only, not while a person thinks.
 */
create or replace function pgdispatch.apply_site_limit()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_gate constant text := 'site/' || new.name;
begin
    perform pgdispatch.lock_gates(array[v_gate], true);
    if new.max_running_jobs is null then
        update pgdispatch.job
        set state = 'ready',
            gate = null,
            promoted_at = pgdispatch.now()
        where id in (
            select id
            from pgdispatch.job
            where state = 'parked'
                and gate = v_gate
            for update skip locked
        );
    else
        for v_freed in 1..new.max_running_jobs - coalesce(old.max_running_jobs, 0) loop
            exit when not pgdispatch.unpark(v_gate);
        end loop;
    end if;
    perform pgdispatch.wake_idle();
    return null;
end
$$;

comment on function pgdispatch.apply_site_limit() is
'Trigger: lets waiting jobs of a site in at commit when its limit is raised or lifted.';

do $$
begin
    if not exists (select from pg_trigger where tgname = 'apply_site_limit') then
        create constraint trigger apply_site_limit
        after update of max_running_jobs on pgdispatch.site
        deferrable initially deferred
        for each row
        when (old.max_running_jobs is distinct from new.max_running_jobs)
        execute function pgdispatch.apply_site_limit();
    end if;
end $$;

comment on trigger apply_site_limit on pgdispatch.site is
'Lets waiting jobs in at commit when a limit is raised or lifted.';
