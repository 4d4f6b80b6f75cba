/*
 * Trigger: changed limits of a site take effect on the jobs that wait for them at the next claim,
 * which unparks them, see unpark_sites. One always is: it is parked again if nothing has
 * changed for it, and else passes the room on.
 * Locks: none that anybody waits for; rows, skipping what others hold. The naive way, under the
 * site's gate, would keep claims waiting while a person thinks (set constraints all immediate), and
 * two sites changed in one statement would take their gates in the order of the rows.
 */
create or replace function pgdispatch.apply_site_limit()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    delete from pgdispatch.deferral
    where ctid = any (array(
        select ctid
        from pgdispatch.deferral
        where gate = pgdispatch.site_gate(new.name)
        for update skip locked
    ));
    if old.seconds_limit is null and new.seconds_limit is not null then
        perform pgdispatch.seed_charges(new);
    end if;
    insert into pgdispatch.deferral (gate, refill_at)
    values (pgdispatch.site_gate(new.name), '-infinity');
    perform pgdispatch.notify_idle_nodes();
    return null;
end
$$;

comment on function pgdispatch.apply_site_limit() is
'Trigger: has jobs of a site unparked by the next claim when its limits change.';

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
'Has its jobs unparked by the next claim when a limit changes.';
