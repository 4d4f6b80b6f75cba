/*
 * Marks ready jobs as running, if they have kept their places and nobody has them; the others are
 * left out. Each is run by the backgrounder in the same place of its list; of more jobs than that,
 * the first that are to be had. Whether their gates have room is the caller's to know, who holds
 * the locks of these: one job, or jobs without gates.
 *
 * Null: one of p_older, which are of the older generation, cannot be had as it goes over to the
 * open one: nothing is started, or it would be passed by what comes behind it. So where there is
 * something behind such a job, the rows are locked before any is started.
 *
 * Locks: their rows, skipping those that are held.
 */
create or replace function pgdispatch.start_jobs(
    p_jobs bigint[],
    p_priorities smallint[],
    p_ties double precision[],
    p_gates text[],
    p_backgrounders text[],
    p_asked_at timestamptz,
    p_incarnation uuid,
    p_older bigint[] default null,
    p_older_generation integer default null
)
returns pgdispatch.verdict[]
language plpgsql
as $$
#variable_conflict use_column
declare
    v_ready constant text := 'ready';  -- else the planner takes an index of all that are
    v_wanted bigint[];
    v_started pgdispatch.verdict[] := '{}';
    v_one pgdispatch.verdict;
begin
    if cardinality(p_jobs) > cardinality(p_backgrounders)
        or p_older is not null and cardinality(p_jobs) > 1 then
        v_wanted := p_jobs;
        select array_agg(held.id), array_agg(held.priority), array_agg(held.tie_first)
        into p_jobs, p_priorities, p_ties
        from (
            select id, priority, tie_first
            from pgdispatch.job
            where id = any (p_jobs)
                and state = v_ready
                and priority = p_priorities[array_position(p_jobs, id)]
                and tie_first = p_ties[array_position(p_jobs, id)]
            order by array_position(p_jobs, id)
            limit cardinality(p_backgrounders)
            for update skip locked
        ) as held;
        if p_older is not null
            and p_jobs is distinct from v_wanted[:cardinality(p_jobs)]
            and pgdispatch.is_changing_generation(p_older, p_older_generation) then
            return null;
        end if;
    end if;
    for v_one in
        update pgdispatch.job as j
        set state = 'running',
            attempt = attempt + 1,
            node = split_part(p_backgrounders[n], ':', 1),
            backgrounder = p_backgrounders[n],
            is_serial = coalesce(pgdispatch.schedule_gate(schedule) = any (p_gates), false),
            gates = p_gates,
            asked_at = p_asked_at,
            started_at = pgdispatch.now(),
            incarnation = p_incarnation,
            progress = null,
            progress_note = null
        from (
            select id, array_position(p_jobs, id) as n
            from pgdispatch.job
            where id = any (p_jobs)
                and state = v_ready
                and priority = p_priorities[array_position(p_jobs, id)]
                and tie_first = p_ties[array_position(p_jobs, id)]
            for update skip locked
        ) as held
        where j.id = held.id
        returning
            'run', j.id, attempt, type, site, title, datasource, schedule, task, priority, args,
            created_by, scheduled_at, null, backgrounder, null, traceparent
    loop
        v_started := v_started || v_one;
    end loop;
    if v_started = '{}'
        and p_older is not null
        and pgdispatch.is_changing_generation(p_older, p_older_generation) then
        return null;
    end if;
    return v_started;
end
$$;

comment on function pgdispatch.start_jobs(
    bigint[], smallint[], double precision[], text[], text[], timestamptz, uuid, bigint[],
    integer
) is
'Starts attempts at ready jobs that have kept their places, and returns them; null if one of '
'p_older is going over to another generation.';
