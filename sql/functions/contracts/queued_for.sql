/*
 * The jobs in the queue that may bring the data of one part of a contract, with when each began, or
 * could at the earliest. Of a linked task the first step tells. A step of it that is not
 * created yet comes with the step that is in the queue.
 * Of a datasource jobs without a task count, too; there is no index to find them by.
 * Locks: none.
 */
create or replace function pgdispatch.queued_for(
    p_contract pgdispatch.contract,
    p_tasks bigint[],
    p_linked_task bigint
)
returns table (
    how text,
    id bigint,
    task bigint,
    at timestamptz
)
language sql
stable
as $$
    select
        case j.state when 'running' then 'runs' else 'waits' end,
        j.id,
        j.task,
        case
            when j.linked_run is not null and p_linked_task is not null then coalesce(
                (
                    select min(h.started_at)
                    from pgdispatch.job_history as h
                    where h.linked_run = j.linked_run
                ),
                case when j.state = 'running' then j.started_at end,
                greatest(j.not_before, pgdispatch.now())
            )
            when j.state = 'running' then j.started_at
            else greatest(j.not_before, pgdispatch.now())
        end
    from pgdispatch.job as j
    where j.task = any (p_tasks)
        and (p_contract.types is null or j.type = any (p_contract.types))
        and (
            p_linked_task is null
            or exists (
                select
                from pgdispatch.linked_run as r
                where r.id = j.linked_run
                    and r.linked_task = p_linked_task
            )
        )
    union all
    select 'waits', j.id, s.task, pgdispatch.now()
    from pgdispatch.linked_task_step as s
    join pgdispatch.linked_run as r on r.linked_task = s.linked_task
    join pgdispatch.job as j
        on j.linked_run = r.id
        and j.step < s.step
    where p_linked_task is null
        and s.task = any (p_tasks)
    union all
    select
        case j.state when 'running' then 'runs' else 'waits' end,
        j.id,
        null,
        case
            when j.state = 'running' then j.started_at
            else greatest(j.not_before, pgdispatch.now())
        end
    from pgdispatch.job as j
    where p_contract.datasource is not null
        and j.task is null
        and j.site = p_contract.site
        and j.datasource = p_contract.datasource
        and (p_contract.types is null or j.type = any (p_contract.types))
$$;

comment on function pgdispatch.queued_for(pgdispatch.contract, bigint[], bigint) is
'The jobs in the queue that may bring the data of one part of a contract: runs or waits, and when '
'each began or can begin.';
