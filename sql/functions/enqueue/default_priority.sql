/* Priority of a new job that names none (semantics 3). */
create or replace function pgdispatch.default_priority(
    p_is_first boolean,
    p_priority_from text,
    p_default smallint,
    p_task pgdispatch.task,
    p_schedule pgdispatch.schedule
)
returns smallint
language plpgsql
immutable
as $$
begin
    if p_is_first then
        return 0;
    elsif p_priority_from = 'task' and p_task.id is not null then
        return coalesce(p_task.priority, p_default);
    elsif p_schedule.name is null or p_default = 0 then
        return p_default;
    elsif p_priority_from = 'schedule' and p_schedule.is_custom then
        return 50;
    end if;
    return p_schedule.priority;
end
$$;

comment on function pgdispatch.default_priority(
    boolean, text, smallint, pgdispatch.task, pgdispatch.schedule
) is
'Priority of a job that names none: 0 if Run Now puts it first, else the task''s, the '
'schedule''s or the default of its type.';
