/*
 * Ends a running attempt: history or another attempt later, gates, and the best job waiting at
 * each gate. A failure after a cancel request is a cancellation.
 * Locks: the job's row, then its gates.
 */
create or replace function pgdispatch.conclude(
    p_job bigint,
    p_attempt integer,
    p_outcome text,
    p_failed_as text,
    p_error text,
    p_result jsonb,
    p_log text
)
returns pgdispatch.job
language plpgsql
as $$
declare
    v_job pgdispatch.job;
    v_gate text;
    v_woken integer := 0;
begin
    v_job := pgdispatch.lock_attempt(p_job, p_attempt);
    if exists (
        select from pgdispatch.site where name = v_job.site and seconds_limit is not null
    ) then
        perform pgdispatch.charge_site(v_job);
    end if;
    if p_outcome = 'succeeded' then
        perform pgdispatch.archive(v_job, p_outcome, null, null, p_result, p_log);
        if v_job.task is not null then
            perform pgdispatch.end_streak(v_job.task);
        end if;
        if v_job.linked_run is not null then
            perform pgdispatch.end_step(v_job, p_outcome);
        end if;
    elsif v_job.cancel_requested_at is not null then
        perform pgdispatch.archive(v_job, 'cancelled', null, p_error, p_result, p_log);
    elsif v_job.failures + 1 < v_job.max_attempts then
        perform pgdispatch.retry(v_job, p_error);
    else
        v_job.failures := v_job.failures + 1;
        perform pgdispatch.archive(v_job, p_outcome, p_failed_as, p_error, p_result, p_log);
        perform pgdispatch.suspend(v_job);
        if v_job.linked_run is not null then
            perform pgdispatch.end_step(v_job, p_outcome);
        end if;
    end if;
    foreach v_gate in array v_job.gates loop
        v_woken := v_woken + pgdispatch.unpark(v_gate)::integer;
    end loop;
    if v_woken > 1 then
        perform pgdispatch.wake_idle();  -- one of them is for the caller
    end if;
    return v_job;
end
$$;

comment on function pgdispatch.conclude(bigint, integer, text, text, text, jsonb, text) is
'Ends a running attempt with an outcome and wakes the best job at each of its gates; returns '
'the job as it was. Refuses a stale attempt (JD003).';
