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
begin
    v_job := pgdispatch.lock_attempt(p_job, p_attempt);
    perform pgdispatch.charge_site(v_job.site, v_job.started_at);
    if v_job.cancel_requested_at is not null then
        perform pgdispatch.archive(p_job, null, 'cancelled');
    elsif p_is_loss
        and v_job.losses + 1 >= pgdispatch.setting('max_losses')::integer then
        update pgdispatch.job set losses = losses + 1 where id = p_job;
        perform pgdispatch.archive(
            p_job, null, 'failed', 'lost',
            format('its node was lost %s times, the last was %s', v_job.losses + 1, v_job.node)
        );
        if v_job.linked_run is not null then
            perform pgdispatch.end_step(v_job.linked_run, v_job.step, 'failed');
        end if;
    else
        update pgdispatch.job
        set state = 'ready',
            generation = pgdispatch.current_generation(),
            losses = losses + p_is_loss::integer,
            node = null,
            backgrounder = null,
            gates = '{}',
            asked_at = null,
            started_at = null,
            incarnation = null,
            progress = null,
            progress_note = null
        where id = p_job;
    end if;
    perform pgdispatch.release_gates(v_job.gates, false);
    perform pgdispatch.notify_idle_nodes();
end
$$;

comment on function pgdispatch.requeue(bigint, integer, boolean) is
'Takes a running attempt back to its old place in the queue, or ends the job as cancelled if that '
'had been asked for. With p_is_loss it counts as a lost node, and after max_losses the job fails '
'as lost. Locks the job and its gates. JD003: it is not the running attempt; JD008.';
