/*
 * Moves a job from the queue to the history; with p_attempt only if that attempt is running. All
 * nulls: there was nothing to move. `gates` are those that it occupied. What reported progress and
 * succeeded is done to 100 per cent.
 * Locks: the job's row, waiting for it.
 */
create or replace function pgdispatch.archive(
    p_job bigint,
    p_attempt integer,
    p_outcome text,
    p_failed_as text default null,
    p_error text default null,
    p_result jsonb default null,
    p_log text default null,
    p_progress real default null,
    p_note text default null,
    out backgrounder text,
    out gates text[],
    out site text,
    out task bigint,
    out linked_run bigint,
    out step integer,
    out started_at timestamptz,
    out has_budget boolean
)
language plpgsql
as $$
#variable_conflict use_column
begin
    insert into pgdispatch.job_history (
        id, attempt, type, site, title, datasource, schedule, task, priority, args, not_before,
        timeout, max_attempts, linked_run, step, created_by, inserted_by, created_at,
        scheduled_at, run_now, is_serial, usual_seconds, precedence, queued_at, type_rank,
        tie_first, tie_second, parked_gates, promoted_at, losses, failures, last_error, node,
        backgrounder, asked_at, started_at, ended_at, progress, progress_note, outcome,
        failed_as, error, result, log, cancel_requested_at, cancelled_by, cancel_reason
    )
    select
        id, attempt, type, site, title, datasource, schedule, task, priority, args, not_before,
        timeout, max_attempts, linked_run, step, created_by, inserted_by, created_at,
        scheduled_at, run_now, is_serial, usual_seconds, precedence, queued_at, type_rank,
        tie_first, tie_second, parked_gates, promoted_at, losses, failures, last_error, node,
        backgrounder, asked_at, started_at, pgdispatch.now(),
        case
            when p_outcome = 'succeeded' and coalesce(p_progress, progress) is not null then 100
            when p_progress is null then progress
            else least(greatest(p_progress, 0), 100)
        end,
        case when p_progress is null then progress_note else left(p_note, 500) end,
        p_outcome, p_failed_as, left(p_error, 8000), p_result, right(p_log, 65536),
        cancel_requested_at, cancelled_by, cancel_reason
    from pgdispatch.job
    where id = p_job
        and (p_attempt is null or (attempt = p_attempt and state = 'running'))
    for update;
    if found then
        delete from pgdispatch.job as j
        where id = p_job
        returning
            j.backgrounder, j.gates, j.site, j.task, j.linked_run, j.step, j.started_at,
            (select s.seconds_limit is not null from pgdispatch.site as s where s.name = j.site)
        into backgrounder, gates, site, task, linked_run, step, started_at, has_budget;
    end if;
end
$$;

comment on function pgdispatch.archive(
    bigint, integer, text, text, text, jsonb, text, real, text
) is
'Moves a job to the history with its outcome and last progress, and says what its end concerns.';
