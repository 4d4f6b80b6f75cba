/*
 * Trigger: refuses a wrong value, and lets a change reach what depends on it.
 * Locks: for tie_break, the table job against writers and row locks, until the transaction ends.
 * The lock comes before the update reads: no job filled under the old rule is missed. A weaker one
 * would let a claim lock a row that the update needs, and then wait for the table: a deadlock.
 * For the limits of sites, their rows.
 */
create or replace function pgdispatch.check_setting()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '5s'
as $$
declare
    v_hint constant text := case
        when new.name = 'tie_break' and new.value not in ('history', 'created')
            then 'set it to history or created'
        when new.name = 'tie_break'
            then null
        when new.name = 'lease_seconds' and new.value !~ '^([89]|[1-9][0-9]{1,3})$'
            then 'set it to 8 to 9999: nodes send a heartbeat every 2 seconds'
        when new.name = 'suspend_after_failures' and new.value !~ '^(-1|[1-9][0-9]{0,5})$'
            then 'set it to a whole number from 1 to 999999, or -1 for never'
        when new.name in ('site_max_running_jobs', 'site_daily_seconds')
            and new.value !~ '^(-1|0|[1-9][0-9]{0,8})$'
            then 'set it to a whole number from 0 to 999999999, or -1 for no limit'
        when new.name not in (
            'suspend_after_failures', 'site_max_running_jobs', 'site_daily_seconds'
        ) and new.value !~ '^[1-9][0-9]{0,5}$'
            then 'set it to a whole number from 1 to 999999'
    end;
    v_site text;
begin
    if v_hint is not null then
        perform pgdispatch.refuse(
            format('setting %s cannot be %L', new.name, left(new.value, 40)), v_hint
        );
    end if;
    if tg_when = 'BEFORE' then
        return new;
    elsif new.name = 'tie_break' then
        lock table pgdispatch.job in exclusive mode;
        update pgdispatch.job
        set tie_first = tie_second,
            tie_second = tie_first,
            state = case state when 'parked' then 'ready' else state end,
            generation = pgdispatch.current_generation(),
            gate = null
        where scheduled_at is not null;
    elsif new.name in ('site_max_running_jobs', 'site_daily_seconds') then
        for v_site in
            select name
            from pgdispatch.site
            where max_running_jobs is null
                or daily_seconds is null
            order by name  -- so that two such changes wait for each other, not in a circle
        loop
            update pgdispatch.site set name = name where name = v_site;
        end loop;
    end if;
    return null;
end
$$;

comment on function pgdispatch.check_setting() is
'Trigger: refuses a wrong setting; a change of tie_break re-orders the queue at once, one of a '
'default limit reaches all sites that say none of their own.';

create or replace trigger check_setting
before update of value on pgdispatch.setting
for each row execute function pgdispatch.check_setting();

create or replace trigger apply_setting
after update on pgdispatch.setting
for each row
when (old.value is distinct from new.value)
execute function pgdispatch.check_setting();

comment on trigger check_setting on pgdispatch.setting is 'Refuses a wrong value.';
comment on trigger apply_setting on pgdispatch.setting is
'Applies a change of tie_break and of the default limits of sites.';
