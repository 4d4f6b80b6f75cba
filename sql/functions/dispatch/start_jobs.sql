/*
 * Marks ready jobs as running, each by the backgrounder in the same place of its list, if they have
 * kept their places and nobody has them; the others are left out. Whether their gates have room is
 * the caller's to know, who holds the locks of these: one job, or jobs without gates.
 * Locks: their rows, skipping those that are held.
 */
create or replace function pgdispatch.start_jobs(
    p_jobs bigint[],
    p_priorities smallint[],
    p_ties double precision[],
    p_gates text[],
    p_backgrounders text[],
    p_asked_at timestamptz,
    p_incarnation uuid
)
returns pgdispatch.verdict[]
language plpgsql
as $$
#variable_conflict use_column
declare
    v_started pgdispatch.verdict[];
begin
    with held as materialized (
        select j.id, m.n
        from unnest(p_jobs) with ordinality as m (job, n)  -- known to be few: the plan
        join pgdispatch.job as j on j.id = m.job
        where j.state = 'ready'
            and j.priority = p_priorities[n]
            and j.tie_first = p_ties[n]
        for update of j skip locked
    ),
    started as (
        update pgdispatch.job as j
        set state = 'running',
            attempt = attempt + 1,
            node = split_part(p_backgrounders[n], ':', 1),
            backgrounder = p_backgrounders[n],
            is_serial = coalesce('schedule/' || schedule = any (p_gates), false),
            gates = p_gates,
            asked_at = p_asked_at,
            started_at = pgdispatch.now(),
            incarnation = p_incarnation,
            progress = null,
            progress_note = null
        from held
        where j.id = held.id
        returning j.*
    )
    select array_agg(
        row(
            'run', id, attempt, type, site, title, datasource, schedule, task, priority, args,
            created_by, scheduled_at, null, backgrounder, null
        )::pgdispatch.verdict
    )
    into v_started
    from started;
    return coalesce(v_started, '{}');
end
$$;

comment on function pgdispatch.start_jobs(
    bigint[], smallint[], double precision[], text[], text[], timestamptz, uuid
) is
'Starts attempts at ready jobs that have kept their places, and returns them.';
