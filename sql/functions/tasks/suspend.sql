/*
 * A job of a task has failed: suspends the task if that was one too many in a row (semantics 6).
 * The row is counted from the history, so a success in between, or an edit of the task, ends it.
 * Locks: the lock 'suspension' of the task, trying; if a rival is at it, that one suspends, or the
 * next failure does. A plain conflict on the key would wait, holding gates.
 * Rivals: a resume or an edit meanwhile makes the suspension void: it notes the streak_since seen.
 */
create or replace function pgdispatch.suspend(p_job bigint, p_task bigint)
returns void
language plpgsql
as $$
declare
    v_allowed constant integer := pgdispatch.setting('suspend_after_failures')::integer;
    v_since timestamptz;
    v_failures integer;
begin
    if p_task is null or v_allowed < 0 or pgdispatch.is_suspended(p_task) then
        return;
    end if;
    select streak_since into v_since from pgdispatch.task where id = p_task;
    v_failures := pgdispatch.failure_streak(p_task);
    if v_failures < v_allowed or not pg_try_advisory_xact_lock(
        pgdispatch.lock_class('suspension'), (p_task % 2147483648)::integer
    ) or pgdispatch.is_suspended(p_task) then  -- a rival may have done so meanwhile
        return;
    end if;
    perform from pgdispatch.suspension where task = p_task for update skip locked;
    if not found and exists (select from pgdispatch.suspension where task = p_task) then
        return;
    end if;
    insert into pgdispatch.suspension (task, failures, job, streak_since, suspended_at)
    select p_task, v_failures, p_job, v_since, max(ended_at)
    from pgdispatch.job_history
    where task = p_task
        and id = p_job
    on conflict (task) do update
    set failures = excluded.failures,
        job = excluded.job,
        streak_since = excluded.streak_since,
        suspended_at = excluded.suspended_at;
end
$$;

comment on function pgdispatch.suspend(bigint, bigint) is
'Suspends the task of a job that has just failed, if it was the last of too many in a row.';
