/* Warns whoever fires a schedule by hand of what got no job for that time. Locks: none. */
create or replace function pgdispatch.warn_passed_over(
    p_schedule text,
    p_scheduled_at timestamptz
)
returns void
language plpgsql
as $$
declare
    v_counts record;
    v_words text;
begin
    select
        count(*) filter (where not enabled) as disabled,
        count(*) filter (where enabled and skipped_for = 'suspended') as suspended,
        count(*) filter (where enabled and skipped_for = 'waiting') as waiting
    into v_counts
    from (
        select t.enabled, o.skipped_for
        from pgdispatch.task as t
        left join pgdispatch.occurrence as o
            on o.task = t.id
            and o.scheduled_at = p_scheduled_at
        where t.schedule = p_schedule
        union all
        select t.enabled, r.skipped_for
        from pgdispatch.linked_task as t
        left join pgdispatch.linked_run as r
            on r.linked_task = t.id
            and r.scheduled_at = p_scheduled_at
        where t.schedule = p_schedule
    ) as fired;
    v_words := concat_ws(
        ', ',
        nullif(v_counts.suspended, 0) || ' suspended',
        nullif(v_counts.disabled, 0) || ' disabled',
        nullif(v_counts.waiting, 0) || ' with a job waiting'
    );
    if v_words <> '' then
        raise warning using
            message = format('tasks of schedule %s that got no job: %s', p_schedule, v_words),
            hint = 'resume or enable them, or wait for their jobs; see pgdispatch.task_status';
    end if;
end
$$;

comment on function pgdispatch.warn_passed_over(text, timestamptz) is
'Warns of the tasks and linked tasks of a schedule that got no job for a scheduled time: how many '
'are suspended, disabled, or have a job waiting.';
