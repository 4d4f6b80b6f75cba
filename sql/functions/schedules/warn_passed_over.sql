/* Warns whoever fires a schedule by hand of what got no job for one of the times. Locks: none. */
create or replace function pgdispatch.warn_passed_over(
    p_schedule text,
    p_runs timestamptz[]
)
returns void
language plpgsql
as $$
declare
    v_counts record;
    v_words text;
begin
    select
        count(*) filter (where passed_over_as = 'disabled') as disabled,
        count(*) filter (where passed_over_as = 'suspended') as suspended,
        count(*) filter (where passed_over_as = 'waiting') as waiting
    into v_counts
    from (
        select
            'task' as kind,
            t.id,
            case when t.enabled then o.skipped_for else 'disabled' end as passed_over_as
        from pgdispatch.task as t
        left join pgdispatch.occurrence as o
            on o.task = t.id
            and o.scheduled_at = any (p_runs)
        where t.schedule = p_schedule
        union
        select
            'linked task',
            t.id,
            case when t.enabled then r.skipped_for else 'disabled' end
        from pgdispatch.linked_task as t
        left join pgdispatch.linked_run as r
            on r.linked_task = t.id
            and r.scheduled_at = any (p_runs)
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

comment on function pgdispatch.warn_passed_over(text, timestamptz[]) is
'Warns of the tasks and linked tasks of a schedule that got no job for one of these scheduled '
'times: how many are suspended, disabled, or have a job waiting.';
