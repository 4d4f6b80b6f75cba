/* Priority of a new job that names none (semantics 3). */
create or replace function pgdispatch.default_priority(
    p_type pgdispatch.job_type,
    p_task pgdispatch.task,
    p_schedule pgdispatch.schedule,
    p_run_now boolean
)
returns smallint
language plpgsql
immutable
as $$
begin
    if p_run_now and p_type.run_now_first then
        return 0;
    elsif p_type.priority_from = 'task' and p_task.id is not null then
        return coalesce(p_task.priority, p_type.default_priority);
    elsif p_schedule.name is null or p_type.default_priority = 0 then
        return p_type.default_priority;
    elsif p_type.priority_from = 'schedule' and p_schedule.is_custom then
        return 50;
    end if;
    return p_schedule.priority;
end
$$;

comment on function pgdispatch.default_priority(
    pgdispatch.job_type, pgdispatch.task, pgdispatch.schedule, boolean
) is
'Priority of a job that names none: 0 for Run Now, else the task''s, the schedule''s or the '
'default of its type.';
