/*
 * The last resort against a job that is parked at a pause that holds no more: has the next claim
 * wake all that are, in their order, and notes it. There is none: see park_paused.
 * Locks: the pause's gate, trying only, until the transaction ends.
 */
create or replace function pgdispatch.sweep_pause(p_gate text, p_job bigint)
returns integer
language plpgsql
as $$
declare
    v_due pgdispatch.due;
begin
    if not pgdispatch.lock_gates(array[p_gate], false) then
        return 0;
    end if;
    v_due := pgdispatch.last_due();
    if p_gate = any (v_due.gates || v_due.paused)
        or p_gate = any (pgdispatch.pauses_at(pgdispatch.now()))
        or exists (select from pgdispatch.deferral where gate = p_gate)
        or not exists (
            select
            from pgdispatch.job
            where id = p_job
                and state = 'parked'
                and gate = p_gate
                and id <> all (v_due.passed_over)
        ) then
        return 0;
    end if;
    insert into pgdispatch.deferral (gate, refill_at) values (p_gate, '-infinity');
    insert into pgdispatch.swept_job (job, gate, swept_at)
    values (p_job, p_gate, pgdispatch.now());
    return 1;
end
$$;

comment on function pgdispatch.sweep_pause(text, bigint) is
'Has a job woken that was left behind at a pause that holds no more, and returns 1; else 0.';
