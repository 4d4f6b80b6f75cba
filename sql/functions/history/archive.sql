/*
 * Moves jobs from the queue to the history. The lists have one place for each job; where the
 * outcome is null, the job stays. Lists of less than that are nulls. What reported progress and
 * succeeded is done to 100 per cent.
 * Locks: the caller holds the jobs' rows.
 */
create or replace function pgdispatch.archive(
    p_jobs bigint[],
    p_outcomes text[],
    p_failed_as text[] default null,
    p_errors text[] default null,
    p_results jsonb[] default null,
    p_logs text[] default null,
    p_progress real[] default null,
    p_notes text[] default null
)
returns integer
language plpgsql
as $$
#variable_conflict use_column
declare
    v_count integer;
begin
    with gone as (
        delete from pgdispatch.job as j
        where j.id = any (p_jobs)
            and p_outcomes[array_position(p_jobs, j.id)] is not null
        returning
            array_position(p_jobs, j.id) as n, id, attempt, type, site, title, datasource,
            schedule, task, priority, args, not_before, timeout, max_attempts, linked_run, step,
            created_by, inserted_by, created_at, scheduled_at, run_now, is_serial, usual_seconds,
            precedence, queued_at, type_rank, tie_first, tie_second, parked_gates, promoted_at,
            losses, failures, last_error, node, backgrounder, asked_at, started_at, progress,
            progress_note, cancel_requested_at, cancelled_by, cancel_reason, traceparent
    )
    insert into pgdispatch.job_history (
        id, attempt, type, site, title, datasource, schedule, task, priority, args, not_before,
        timeout, max_attempts, linked_run, step, created_by, inserted_by, created_at,
        scheduled_at, run_now, is_serial, usual_seconds, precedence, queued_at, type_rank,
        tie_first, tie_second, parked_gates, promoted_at, losses, failures, last_error, node,
        backgrounder, asked_at, started_at, ended_at, progress, progress_note, outcome,
        failed_as, error, result, log, cancel_requested_at, cancelled_by, cancel_reason,
        traceparent
    )
    select
        id, attempt, type, site, title, datasource, schedule, task, priority, args, not_before,
        timeout, max_attempts, linked_run, step, created_by, inserted_by, created_at,
        scheduled_at, run_now, is_serial, usual_seconds, precedence, queued_at, type_rank,
        tie_first, tie_second, parked_gates, promoted_at,
        losses + coalesce(p_failed_as[n] = 'lost', false)::integer,
        failures + coalesce(p_failed_as[n] <> 'lost', false)::integer,
        last_error, node, backgrounder, asked_at, started_at, pgdispatch.now(),
        case
            when p_outcomes[n] = 'succeeded' and coalesce(p_progress[n], progress) is not null
                then 100
            when p_progress[n] is null then progress
            else least(greatest(p_progress[n], 0), 100)
        end,
        case when p_progress[n] is null then progress_note else left(p_notes[n], 500) end,
        p_outcomes[n],
        p_failed_as[n],
        case when p_outcomes[n] <> 'succeeded' then left(p_errors[n], 8000) end,
        case when p_outcomes[n] = 'succeeded' then p_results[n] end,
        right(p_logs[n], 65536),
        cancel_requested_at, cancelled_by, cancel_reason, traceparent
    from gone;
    get diagnostics v_count = row_count;
    return v_count;
end
$$;

comment on function pgdispatch.archive(
    bigint[], text[], text[], text[], jsonb[], text[], real[], text[]
) is
'Moves jobs to the history, each with its outcome, last progress and what else is said of it; '
'returns how many.';
