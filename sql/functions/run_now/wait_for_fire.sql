/*
 * Waits until nobody is firing a schedule, so that the jobs of a fire can be seen.
 * Locks: the lock 'fire' of the schedule, shared, given back at once: what is locked in a block
 * that ends in an error goes with the block. A lock of the session, given back by a second call,
 * would stay if the caller were cancelled in between, and hold up the clock.
 */
create or replace function pgdispatch.wait_for_fire(p_schedule text)
returns void
language plpgsql
as $$
declare
    v_key integer;
begin
    select (id % 2147483648)::integer
    into v_key
    from pgdispatch.schedule
    where name = p_schedule;
    if found then
        begin
            perform pg_advisory_xact_lock_shared(pgdispatch.lock_class('fire'), v_key);
            raise triggered_action_exception;  -- no error: it ends the block
        exception
            when triggered_action_exception then
                null;
        end;
    end if;
end
$$;

comment on function pgdispatch.wait_for_fire(text) is
'Waits until the fire of a schedule that is under way, if one is, has been committed.';
