/*
 * Trigger: refuses a wrong value, and lets a change of tie_break reach the waiting jobs.
 * Locks: for tie_break, the table job against writers and row locks, until the transaction ends.
 * The lock comes before the update reads: no job filled under the old rule is missed. A weaker one
 * would let a claim lock a row that the update needs, and then wait for the table: a deadlock.
 */
create or replace function pgdispatch.check_setting()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '5s'
as $$
begin
    if new.name = 'tie_break' then
        if new.value not in ('history', 'created') then
            raise exception using
                errcode = 'JD001',
                message = format('setting tie_break cannot be %L', new.value),
                hint = 'set it to history or created';
        end if;
    elsif new.name = 'lease_seconds' and new.value !~ '^([4-9]|[1-9][0-9]{1,3})$' then
        raise exception using
            errcode = 'JD001',
            message = format('setting lease_seconds cannot be %L', left(new.value, 40)),
            hint = 'set it to 4 to 9999: nodes send a heartbeat every 2 seconds';
    elsif new.value !~ '^[1-9][0-9]{0,5}$' then
        raise exception using
            errcode = 'JD001',
            message = format('setting %s cannot be %L', new.name, left(new.value, 40)),
            hint = 'set it to a whole number from 1 to 999999';
    end if;
    if new.name = 'tie_break' and new.value <> old.value then
        lock table pgdispatch.job in exclusive mode;
        update pgdispatch.job
        set tie_first = tie_second,
            tie_second = tie_first,
            state = case state when 'parked' then 'ready' else state end,
            gate = null
        where scheduled_at is not null;
    end if;
    return new;
end
$$;

comment on function pgdispatch.check_setting() is
'Trigger: refuses a wrong setting; a change of tie_break re-orders the queue at once.';

create or replace trigger check_setting
before update on pgdispatch.setting
for each row execute function pgdispatch.check_setting();

comment on trigger check_setting on pgdispatch.setting is
'Refuses a wrong value; applies a change of tie_break.';
