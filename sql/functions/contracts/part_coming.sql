/*
 * What is to bring the data of one part of a contract next: a job that runs and began at or after
 * an instant, one that waits, a linked task under way whose step is still to come, or the first
 * scheduled time up to another instant. The first of these that there is.
 * A run that began before p_after does not count, however late it ends. Once the data are due,
 * whatever waits counts.
 * Locks: none.
 */
create or replace function pgdispatch.part_coming(
    p_contract pgdispatch.contract,
    p_task bigint,
    p_linked_task bigint,
    p_after timestamptz,
    p_until timestamptz,
    p_is_due boolean
)
returns table (
    how text,
    job bigint,
    task bigint,
    at timestamptz
)
language plpgsql
stable
as $$
#variable_conflict use_column
declare
    v_now constant timestamptz := pgdispatch.now();
    v_latest constant timestamptz := case when p_is_due then 'infinity' else p_until end;
    v_tasks constant bigint[] := array(
        select distinct c.task
        from pgdispatch.contract_tasks(p_contract, p_task, p_linked_task) as c
    );
begin
    return query
    select q.how, q.id, q.task, q.at
    from pgdispatch.queued_for(p_contract, v_tasks, p_linked_task) as q
    where q.at between p_after and v_latest
    order by q.how, q.at, q.id
    limit 1;
    if found then
        return;
    end if;
    return query
    select 'scheduled', null::bigint, f.task, f.at
    from (
        select
            w.task,
            pgdispatch.scheduled_after(s, greatest(p_after, v_now)) as at
        from (
            select c.schedule, min(c.task) as task
            from pgdispatch.contract_tasks(p_contract, p_task, p_linked_task) as c
            group by c.schedule, c.linked_task
            having case
                when p_linked_task is null
                    then bool_or(c.enabled and not pgdispatch.is_suspended(c.task))
                else bool_and(c.enabled and not pgdispatch.is_suspended(c.task))
            end
        ) as w
        join pgdispatch.schedule as s on s.name = w.schedule
    ) as f
    where f.at <= p_until
    order by f.at
    limit 1;
end
$$;

comment on function pgdispatch.part_coming(
    pgdispatch.contract, bigint, bigint, timestamptz, timestamptz, boolean
) is
'What brings the data of one part of a contract next, by a run that begins between two instants: '
'runs, waits or scheduled, with the job or task and when; no row: nothing does.';
