/*
 * A job of a task has failed: suspends the task if that was one too many in a row (semantics 6).
 * The row is counted from the history, so a success in between, or an edit of the task, ends it.
 * Locks: none that a person could hold.
 */
create or replace function pgdispatch.suspend(p_job pgdispatch.job)
returns void
language plpgsql
as $$
declare
    v_allowed constant integer := pgdispatch.setting('suspend_after_failures')::integer;
    v_failures integer;
begin
    if p_job.task is null or v_allowed < 0
        or exists (select from pgdispatch.suspension where task = p_job.task) then
        return;
    end if;
    v_failures := pgdispatch.failure_streak(p_job.task);
    if v_failures >= v_allowed then
        insert into pgdispatch.suspension (task, failures, job, suspended_at)
        select id, v_failures, p_job.id, pgdispatch.now()
        from pgdispatch.task
        where id = p_job.task
        on conflict (task) do nothing;
    end if;
end
$$;

comment on function pgdispatch.suspend(pgdispatch.job) is
'Suspends the task of a job that has just failed, if it was the last of too many in a row.';
