/*
 * Whether a pause that a claim has seen still holds, so that a job may be parked there: whoever
 * ends it (apply_pauses) waits for this transaction then, and so sees that job.
 * Locks: the pause's gate, shared, trying only: who has it is just ending the pause.
 */
create or replace function pgdispatch.is_still_paused(p_gate text)
returns boolean
language plpgsql
as $$
begin
    if not pg_try_advisory_xact_lock_shared(pgdispatch.lock_class('gate'), hashtext(p_gate)) then
        return false;
    end if;
    return coalesce(p_gate = any (  -- a statement of its own: it sees what was done before the lock
        (select paused from pgdispatch.due order by id desc limit 1)::text[]
    ), false);
end
$$;

comment on function pgdispatch.is_still_paused(text) is
'Whether a pause still holds, which does not end before this transaction does.';
