/*
 * Trigger: changed limits of a site take effect at once on the jobs that wait for them. One is
 * always woken: it is parked again if nothing has changed for it, and else passes the room on.
 * Locks: the site's gate, so that no claim is parking there by the old limits. The trigger is
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
    delete from pgdispatch.deferral
    where ctid = any (array(
        select ctid
        from pgdispatch.deferral
        where site = new.name
        for update skip locked
    ));
    if old.seconds_limit is null and new.seconds_limit is not null then
        perform pgdispatch.open_budget(new);
    end if;
    if new.seconds_limit is not null then
        perform pgdispatch.note_budget(new);
    end if;
    if new.running_limit is null and new.seconds_limit is null then
        update pgdispatch.job
        set state = 'ready',
            generation = pgdispatch.open_generation(),
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
        for v_woken in 1..greatest(new.running_limit, 1) loop
            exit when not pgdispatch.unpark(v_gate);
        end loop;
    end if;
    perform pgdispatch.wake_idle();
    return null;
end
$$;

comment on function pgdispatch.apply_site_limit() is
'Trigger: lets waiting jobs of a site in at commit when its limits change.';

do $$
begin
    if not exists (
        select
        from pg_trigger
        where tgrelid = 'pgdispatch.site'::regclass
            and tgname = 'apply_site_limit'
    ) then
        create constraint trigger apply_site_limit
        after update on pgdispatch.site
        deferrable initially deferred
        for each row
        when (
            (old.running_limit, old.seconds_limit, old.refill_at, old.time_zone, old.over_budget)
            is distinct from
            (new.running_limit, new.seconds_limit, new.refill_at, new.time_zone, new.over_budget)
        )
        execute function pgdispatch.apply_site_limit();
    end if;
end $$;

comment on trigger apply_site_limit on pgdispatch.site is
'Lets waiting jobs in at commit when a limit changes.';
