/*
 * Trigger: a schedule that was serial is parallel now, renamed or gone: unparks those who are
 * parked at its gate, the best at once and the others with the next claims (unpark_up_to_room). One
 * that is made serial needs no such thing: claims look at it as it is.
 * Locks: the schedule's gate, so that no claim is parking there by the old execution. The trigger
 * is deferred, so the lock is held during the commit only, not while a person thinks.
 */
create or replace function pgdispatch.apply_execution()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_gate constant text := pgdispatch.schedule_gate(old.name);
begin
    if pgdispatch.lock_gates(array[v_gate], true) and pgdispatch.unpark_up_to_room(v_gate) then
        perform pgdispatch.notice_gate(v_gate);
    end if;
    return null;
end
$$;

comment on function pgdispatch.apply_execution() is
'Trigger: unparks the jobs of a schedule at commit when it is serial no longer.';

do $$
begin
    if not exists (
        select
        from pg_trigger
        where tgrelid = 'pgdispatch.schedule'::regclass
            and tgname = 'apply_execution'
    ) then
        create constraint trigger apply_execution
        after update of execution, name or delete on pgdispatch.schedule
        deferrable initially deferred
        for each row
        when (old.execution = 'serial')
        execute function pgdispatch.apply_execution();
    end if;
end $$;

comment on trigger apply_execution on pgdispatch.schedule is
'Unparks its jobs at commit when the schedule is serial no longer.';
