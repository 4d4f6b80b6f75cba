/*
 * Whether one of some jobs of the older generation, which were passed over, is held by nobody who
 * starts it, but goes over to the open generation just now, or has just gone.
 * Locks: the second lock 'generations', shared, trying, and given back in the same expression: it
 * only asks. Within one, PostgreSQL looks for no cancel, so it cannot stay.
 */
create or replace function pgdispatch.is_changing_generation(p_jobs bigint[], p_generation integer)
returns boolean
language plpgsql
as $$
begin
    if pg_try_advisory_lock_shared(pgdispatch.lock_class('generations'), 1)
        and pg_advisory_unlock_shared(pgdispatch.lock_class('generations'), 1) then
        return exists (
            select
            from pgdispatch.job
            where id = any (p_jobs)
                and state = 'ready'
                and generation <> p_generation
        );
    end if;
    return true;
end
$$;

comment on function pgdispatch.is_changing_generation(bigint[], integer) is
'Whether one of these ready jobs is just going over to another generation.';
