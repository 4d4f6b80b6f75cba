/*
 * Takes hold of a running attempt: its row, then the locks of the gates it occupies.
 * While the row is locked nobody adds a gate to it, so the gates read here are all of them.
 * Returned are those that it got: the end of an attempt waits for nobody, see take_gates.
 */
create or replace function pgdispatch.lock_attempt(p_job bigint, p_attempt integer)
returns pgdispatch.job
language plpgsql
as $$
declare
    v_job pgdispatch.job;
begin
    select *
    into v_job
    from pgdispatch.job
    where id = p_job
        and attempt = p_attempt
        and state = 'running'
    for update;
    if not found then
        perform pgdispatch.refuse_stale(p_job, p_attempt);
    end if;
    if v_job.gates <> '{}' then
        v_job.gates := pgdispatch.take_gates(v_job.gates);
    end if;
    return v_job;
end
$$;

comment on function pgdispatch.lock_attempt(bigint, integer) is
'Locks a running attempt and the gates that it occupies, and returns it with those it got; refuses '
'a stale one (JD003).';
