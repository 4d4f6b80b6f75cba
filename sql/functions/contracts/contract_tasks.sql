/*
 * The tasks that bring the data of one part of a contract, and what may run each of them: its own
 * schedule, and that of each linked task of which it is a step.
 */
create or replace function pgdispatch.contract_tasks(
    p_contract pgdispatch.contract,
    p_task bigint,
    p_linked_task bigint
)
returns table (
    task bigint,
    enabled boolean,
    schedule text,
    linked_task bigint
)
language sql
stable
as $$
    with own as (
        select t.id, t.enabled, t.schedule
        from pgdispatch.task as t
        where t.id = p_task
        union all
        select t.id, t.enabled, t.schedule
        from pgdispatch.task as t
        where p_task is null
            and p_linked_task is null
            and t.site = p_contract.site
            and t.datasource = p_contract.datasource
            and (p_contract.types is null or t.type = any (p_contract.types))
    )
    select o.id, o.enabled, o.schedule, null::bigint
    from own as o
    union all
    select o.id, o.enabled and l.enabled, l.schedule, l.id
    from own as o
    join pgdispatch.linked_task_step as s on s.task = o.id
    join pgdispatch.linked_task as l on l.id = s.linked_task
    union all
    select s.task, t.enabled and l.enabled, l.schedule, l.id
    from pgdispatch.linked_task as l
    join pgdispatch.linked_task_step as s on s.linked_task = l.id
    join pgdispatch.task as t on t.id = s.task
    where l.id = p_linked_task
$$;

comment on function pgdispatch.contract_tasks(pgdispatch.contract, bigint, bigint) is
'The tasks that bring the data of one part of a contract, with the schedules that run them, by '
'themselves or as a step of a linked task.';
