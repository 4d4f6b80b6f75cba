/*
 * Waits until nobody is firing a schedule, so that the jobs of a fire can be seen.
 * Locks: pg_advisory_lock_shared(1885824114, schedule), which it gives back at once.
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
        perform pg_advisory_lock_shared(1885824114, v_key);
        perform pg_advisory_unlock_shared(1885824114, v_key);
    end if;
end
$$;

comment on function pgdispatch.wait_for_fire(text) is
'Waits until the fire of a schedule that is under way, if one is, has been committed.';
