/*
 * Moves a job from the queue to the history.
 * Locks: the caller holds the job's row.
 */
create or replace function pgdispatch.archive(
    p_job pgdispatch.job,
    p_outcome text,
    p_failed_as text default null,
    p_error text default null,
    p_result jsonb default null,
    p_log text default null
)
returns void
language plpgsql
as $$
begin
    delete from pgdispatch.job where id = p_job.id;
    insert into pgdispatch.job_history (
        id, attempt, type, site, title, datasource, schedule, task, priority, args, not_before,
        timeout, max_attempts, linked_run, step, created_by, inserted_by, created_at,
        scheduled_at, run_now, is_serial, usual_seconds, precedence, queued_at, type_rank,
        tie_first, tie_second, parked_gates, promoted_at, losses, failures, last_error, node,
        backgrounder, asked_at, started_at, ended_at, progress, progress_note, outcome,
        failed_as, error, result, log, cancel_requested_at, cancelled_by, cancel_reason
    )
    values (
        p_job.id, p_job.attempt, p_job.type, p_job.site, p_job.title, p_job.datasource,
        p_job.schedule, p_job.task, p_job.priority, p_job.args, p_job.not_before,
        p_job.timeout, p_job.max_attempts, p_job.linked_run, p_job.step, p_job.created_by,
        p_job.inserted_by, p_job.created_at, p_job.scheduled_at, p_job.run_now,
        p_job.is_serial, p_job.usual_seconds, p_job.precedence, p_job.queued_at,
        p_job.type_rank, p_job.tie_first, p_job.tie_second, p_job.parked_gates,
        p_job.promoted_at, p_job.losses, p_job.failures, p_job.last_error, p_job.node,
        p_job.backgrounder, p_job.asked_at, p_job.started_at, pgdispatch.now(),
        p_job.progress, p_job.progress_note, p_outcome, p_failed_as, left(p_error, 8000),
        p_result, right(p_log, 65536), p_job.cancel_requested_at, p_job.cancelled_by,
        p_job.cancel_reason
    );
end
$$;

comment on function pgdispatch.archive(pgdispatch.job, text, text, text, jsonb, text) is
'Moves a job to the history with its outcome.';
