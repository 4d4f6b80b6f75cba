/*
 * Tells that this transaction writes delayed jobs, and then returns the time: not_before lies
 * behind it, or the job is no delayed one. See seen_until for what that is good for.
 * Locks: the lock 'delays' of the second of its first job, shared, once in a transaction. Nobody
 * asks for it otherwise, so nobody waits: it is read in pg_locks.
 */
create or replace function pgdispatch.announce_delay()
returns timestamptz
language plpgsql
as $$
declare
    v_own constant text := pg_current_xact_id()::text;
begin
    if current_setting('pgdispatch.delays', true) is distinct from v_own then
        perform pg_advisory_xact_lock_shared(
            pgdispatch.lock_class('delays'),
            (floor(extract(epoch from pgdispatch.now()))::bigint - 2147483648)::integer
        );
        perform set_config('pgdispatch.delays', v_own, true);
    end if;
    return pgdispatch.now();
end
$$;

comment on function pgdispatch.announce_delay() is
'Tells rivals that this transaction writes delayed jobs, and returns the time after that.';
