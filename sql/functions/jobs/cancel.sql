/*
 * Cancels a job: a waiting one ends at once; a running one is asked, and killed by its
 * supervisor after a grace.
 * Locks: the job's row; no gates. Waking the next job at a gate needs no lock: whoever is just
 * parking there saw the gate full, and the end of its occupant wakes again.
 * Rivals: of cancel and claim, or cancel and finish, the one that gets the row first wins.
 */
create or replace function pgdispatch.cancel(
    p_job bigint,
    p_reason text default null,
    p_by text default session_user
)
returns text
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_job pgdispatch.job;
    v_is_first boolean;
begin
    select *
    into v_job
    from pgdispatch.job
    where id = p_job
        and pgdispatch.may_see(site)
    for update;
    if not found then
        perform pgdispatch.refuse_ended(p_job, 'cancelled');
    end if;
    v_is_first := v_job.cancel_requested_at is null;
    v_job.cancel_requested_at := coalesce(v_job.cancel_requested_at, pgdispatch.now());
    v_job.cancelled_by := coalesce(v_job.cancelled_by, left(p_by, 500));
    v_job.cancel_reason := coalesce(v_job.cancel_reason, left(p_reason, 2000));
    update pgdispatch.job
    set cancel_requested_at = v_job.cancel_requested_at,
        cancelled_by = v_job.cancelled_by,
        cancel_reason = v_job.cancel_reason
    where id = p_job;
    if v_is_first then
        perform pgdispatch.note_change(
            'cancel', 'job', p_job::text, v_job.site, null, null, p_reason, p_by
        );
    end if;
    if v_job.state = 'running' then
        perform pg_notify('pgdispatch', 'node:' || v_job.node);
        return 'requested';
    end if;
    perform pgdispatch.archive(array[p_job], array['cancelled']);
    perform pgdispatch.hand_back_gates(v_job);
    return 'cancelled';
end
$$;

comment on function pgdispatch.cancel(bigint, text, text) is
'Cancels a job. Returns cancelled: it was waiting and has ended; or requested: it runs, has been '
'asked to stop and will be killed after cancel_grace_seconds. A second request changes nothing. '
'Locks the job, and waits while that is being claimed or ended. Refuses a job that is unknown '
'(JD002) or has ended (JD004); JD008.';
