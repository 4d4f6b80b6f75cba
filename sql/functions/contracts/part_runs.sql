/*
 * The runs that count for one part of a contract: succeeded, and begun at or after an instant. Of a
 * linked task a run counts in which all its steps have succeeded.
 * A datasource is looked up by the tasks that have it: the history has no index on it. What jobs
 * without a task have brought is in contract_state, see see_data.
 * Locks: none.
 */
create or replace function pgdispatch.part_runs(
    p_contract pgdispatch.contract,
    p_task bigint,
    p_linked_task bigint,
    p_after timestamptz
)
returns table (
    job bigint,
    began_at timestamptz,
    ended_at timestamptz
)
language sql
stable
as $$
    select h.id, h.started_at, h.ended_at
    from pgdispatch.job_history as h
    where h.task = p_task
        and h.outcome = 'succeeded'
        and h.ended_at >= p_after
        and h.started_at >= p_after
        and (p_contract.types is null or h.type = any (p_contract.types))
    union all
    select h.id, h.started_at, h.ended_at
    from pgdispatch.task as t
    join pgdispatch.job_history as h on h.task = t.id
    where p_task is null
        and p_linked_task is null
        and t.site = p_contract.site
        and t.datasource = p_contract.datasource
        and h.datasource = p_contract.datasource
        and h.outcome = 'succeeded'
        and h.ended_at >= p_after
        and h.started_at >= p_after
        and (p_contract.types is null or h.type = any (p_contract.types))
    union all
    select s.job, s.began_at, s.ended_at
    from pgdispatch.contract_state as s
    where s.contract = p_contract.id
        and p_contract.datasource is not null
        and s.began_at >= p_after
    union all
    select e.job, e.began_at, e.ended_at
    from pgdispatch.linked_run as r
    cross join lateral (
        select
            (array_agg(h.id order by h.ended_at desc))[1] as job,
            min(h.started_at) as began_at,
            max(h.ended_at) as ended_at,
            count(distinct h.step) as steps
        from pgdispatch.job_history as h
        join pgdispatch.linked_task_step as s
            on s.linked_task = r.linked_task
            and s.step = h.step
        where h.linked_run = r.id
            and h.outcome = 'succeeded'
    ) as e
    where r.linked_task = p_linked_task
        and r.created_at >= p_after - interval '7 days'
        and r.skipped_for is null
        and e.began_at >= p_after
        and e.steps = (
            select count(*)
            from pgdispatch.linked_task_step as s
            where s.linked_task = r.linked_task
        )
$$;

comment on function pgdispatch.part_runs(pgdispatch.contract, bigint, bigint, timestamptz) is
'The runs that began at or after p_after and brought the data of one part of a contract; of a '
'linked task with its first begin and the job that ended last.';
