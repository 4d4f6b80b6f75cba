/*
 * Waits for the lock of a gate that somebody else holds. False: it is held by one transaction for
 * longer than gate_wait_seconds, or by a prepared one; or somebody has found that out before.
 *
 * The naive way, to give up when the time is over, passes over the jobs of a gate at which many are
 * at work, each for a moment. So after each half of the time it looks who holds the lock. Only the
 * number of a transaction is compared: its age is hidden from roles without special rights.
 *
 * Locks: the lock 'gate' of the gate.
 * The exception block is a sub-transaction; this is not the usual path.
 */
create or replace function pgdispatch.wait_for_gate(p_gate text)
returns boolean
language plpgsql
as $$
declare
    v_key constant integer := hashtext(p_gate);
    v_own_timeout constant text := current_setting('lock_timeout');
    v_patience constant text := (500 * pgdispatch.setting('gate_wait_seconds')::integer)::text;
    v_is_got boolean;
    v_before text[] := '{}';
    v_holders text[];
    v_is_prepared boolean;
begin
    for v_round in 1..40 loop
        if pg_try_advisory_xact_lock(pgdispatch.lock_class('gate'), v_key) then
            return true;
        end if;
        exit when v_holders && v_before
            or v_is_prepared
            or v_round = 1
            and exists (select from pgdispatch.gate_notice where gate = p_gate);
        v_before := coalesce(v_holders, '{}');
        perform set_config('lock_timeout', v_patience, true);
        begin
            perform pg_advisory_xact_lock(pgdispatch.lock_class('gate'), v_key);
            v_is_got := true;
        exception
            when lock_not_available then
                v_is_got := false;
        end;
        perform set_config('lock_timeout', v_own_timeout, true);
        if v_is_got then
            return true;
        end if;
        select
            array_agg(virtualtransaction),
            bool_or(pid is null)
        into v_holders, v_is_prepared
        from pgdispatch.gate_holders(p_gate);
    end loop;
    return false;
end
$$;

comment on function pgdispatch.wait_for_gate(text) is
'Waits for the lock of a gate; false if one transaction goes on holding it.';
