/*
 * The parts of a contract that have no data yet and have to be looked at one by one, see
 * part_coming; and how far the others are, all at once: a schedule may have thousands of tasks.
 * Of its tasks those are plain that have had a run, have a job in the queue, or run at its next
 * time. Those that are not come first, so that the first that nothing brings ends the look.
 * Locks: none.
 */
create or replace function pgdispatch.contract_parts_left(
    p_contract pgdispatch.contract,
    p_after timestamptz,
    p_until timestamptz
)
returns table (
    task bigint,
    linked_task bigint,
    is_plain boolean,
    job bigint,
    began_at timestamptz,
    ended_at timestamptz,
    how text,
    coming_job bigint,
    at timestamptz
)
language plpgsql
stable
set jit = off
as $$
#variable_conflict use_column
declare
    v_now constant timestamptz := pgdispatch.now();
    v_next constant timestamptz := (
        select pgdispatch.scheduled_after(s, greatest(p_after, v_now))
        from pgdispatch.schedule as s
        where s.name = p_contract.schedule
    );
begin
    return query
    select
        p.task,
        p.linked_task,
        r.id is not null or q.id is not null or s.task is null and v_next <= p_until,
        r.id,
        r.started_at,
        r.ended_at,
        case
            when q.state = 'running' then 'runs'
            when q.id is not null then 'waits'
            else 'scheduled'
        end,
        q.id,
        coalesce(case when q.id is null then v_next else q.began_at end, v_now)
    from pgdispatch.contract_parts(p_contract) as p
    left join pgdispatch.task as t on t.id = p.task
    left join pgdispatch.suspension as s
        on s.task = t.id
        and s.streak_since is not distinct from t.streak_since
    left join lateral (
        select h.id, h.started_at, h.ended_at
        from pgdispatch.job_history as h
        where h.task = p.task
            and h.outcome = 'succeeded'
            and h.ended_at >= p_after
            and h.started_at >= p_after
            and (p_contract.types is null or h.type = any (p_contract.types))
        order by h.ended_at
        limit 1
    ) as r on true
    left join lateral (
        select
            j.id,
            j.state,
            case when j.state = 'running' then j.started_at else v_now end as began_at
        from pgdispatch.job as j
        where j.task = p.task
            and (j.not_before is null or j.not_before <= v_now or j.state = 'running')
            and (p_contract.types is null or j.type = any (p_contract.types))
            and case when j.state = 'running' then j.started_at else v_now end >= p_after
        order by j.state = 'running' desc, j.id
        limit 1
    ) as q on true
    order by 3, p.task, p.linked_task;
end
$$;

comment on function pgdispatch.contract_parts_left(
    pgdispatch.contract, timestamptz, timestamptz
) is
'The tasks and linked tasks of a contract of a schedule, with the run that brought the data of '
'each or what plainly is to bring them; first those that are not plain.';
