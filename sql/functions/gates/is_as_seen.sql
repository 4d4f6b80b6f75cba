/*
 * Whether a schedule is still what a claim has seen that is about to start a job of it. If it is
 * parallel, whoever takes its gate from now on, as it was made serial, waits for the claim, and
 * so sees its job running.
 * Locks: for a parallel schedule that gate, shared, trying only: who holds it has seen the schedule
 * serial, and if it is so no more, it does not matter.
 */
create or replace function pgdispatch.is_as_seen(p_schedule text, p_gates text[])
returns boolean
language plpgsql
as $$
declare
    v_is_held boolean;
begin
    if pgdispatch.schedule_gate(p_schedule) = any (p_gates) then
        return true;
    end if;
    v_is_held := pg_try_advisory_xact_lock_shared(
        pgdispatch.lock_class('gate'), hashtext(pgdispatch.schedule_gate(p_schedule))
    );
    return not exists (
        select
        from pgdispatch.schedule
        where name = p_schedule
            and execution = 'serial'
    );
end
$$;

comment on function pgdispatch.is_as_seen(text, text[]) is
'Whether a schedule is still parallel, or is among the gates of the job that is about to start.';
