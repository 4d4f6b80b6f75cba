/*
 * Why nothing brings the data of one part of a contract in time, in words: what of its tasks and
 * schedules is in the way, and how the last run that could have brought them ended.
 */
create or replace function pgdispatch.part_hindrance(
    p_contract pgdispatch.contract,
    p_task bigint,
    p_linked_task bigint,
    p_after timestamptz
)
returns text
language sql
stable
as $$
    with part as materialized (
        select
            c.*,
            s.failures,
            e as schedule_row
        from pgdispatch.contract_tasks(p_contract, p_task, p_linked_task) as c
        left join pgdispatch.task as t on t.id = c.task
        left join pgdispatch.suspension as s
            on s.task = c.task
            and s.streak_since is not distinct from t.streak_since
        left join pgdispatch.schedule as e on e.name = c.schedule
    )
    select coalesce(
        (
            select format('job %s %s', h.id, case h.outcome
                when 'failed' then concat('failed', ': ' || pgdispatch.headline(h.error))
                else 'was ' || h.outcome
            end)
            from part as p
            join pgdispatch.job_history as h on h.task = p.task
            where h.ended_at >= p_after
                and h.outcome <> 'succeeded'
                and coalesce(h.started_at, h.ended_at) >= p_after
            order by h.ended_at desc
            limit 1
        ) || '; ', ''
    ) || coalesce(
        (
            select case
                when p.failures is not null
                    then format('task %s is suspended after %s failures', p.task, p.failures)
                when not p.enabled and p.linked_task is not null
                    then format('linked task %s or its task %s is disabled', p.linked_task, p.task)
                when not p.enabled then format('task %s is disabled', p.task)
                when p.schedule is null and p.linked_task is not null
                    then format('linked task %s has no schedule', p.linked_task)
                when p.schedule is null then format('task %s has no schedule', p.task)
                when not (p.schedule_row).enabled then format('schedule %s is disabled', p.schedule)
                when (p.schedule_row).recurrence is null
                    then format('schedule %s has no recurrence', p.schedule)
                else format(
                    'schedule %s does not run before the data are due', p.schedule
                )
            end
            from part as p
            order by
                p.failures is not null desc,
                p.linked_task is not null,
                p.schedule is null,
                p.enabled,
                p.task
            limit 1
        ),
        case
            when p_contract.datasource is not null
                then format('no task refreshes datasource %s', left(p_contract.datasource, 100))
            when p_linked_task is not null then format('linked task %s has no step', p_linked_task)
            else format('schedule %s has no task of site %s', p_contract.schedule, p_contract.site)
        end
    )
$$;

comment on function pgdispatch.part_hindrance(
    pgdispatch.contract, bigint, bigint, timestamptz
) is
'Why nothing brings the data of one part of a contract that begin after an instant, in words.';
