/*
 * Takes a running attempt back to its old place in the queue; no retry is spent.
 * Locks: the job's row, then its gates.
 * Rivals: a stale attempt is refused (JD003); a cancel request that came first wins.
 */
create or replace function pgdispatch.requeue(
    p_job bigint,
    p_attempt integer,
    p_is_loss boolean default false
)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_job pgdispatch.job;
    v_gate text;
begin
    v_job := pgdispatch.lock_attempt(p_job, p_attempt);
    perform pgdispatch.charge_site(v_job);
    if v_job.cancel_requested_at is not null then
        perform pgdispatch.archive(v_job, 'cancelled');
    elsif p_is_loss
        and v_job.losses + 1 >= pgdispatch.setting('max_losses')::integer then
        v_job.losses := v_job.losses + 1;
        perform pgdispatch.archive(
            v_job, 'failed', 'lost',
            format('its node was lost %s times, the last was %s', v_job.losses, v_job.node)
        );
        if v_job.linked_run is not null then
            perform pgdispatch.end_step(v_job, 'failed');
        end if;
    else
        update pgdispatch.job
        set state = 'ready',
            losses = losses + p_is_loss::integer,
            node = null,
            backgrounder = null,
            gates = '{}',
            asked_at = null,
            started_at = null,
            progress = null,
            progress_note = null
        where id = p_job;
    end if;
    foreach v_gate in array v_job.gates loop
        perform pgdispatch.unpark(v_gate);
    end loop;
    perform pgdispatch.wake_idle();
end
$$;

comment on function pgdispatch.requeue(bigint, integer, boolean) is
'Takes a running attempt back to its old place in the queue. With p_is_loss it counts as a lost '
'node, and after max_losses the job fails as lost.';
