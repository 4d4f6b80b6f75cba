/*
 * What a simulation has to know to say when each contract will be met: of each that is enabled its
 * due times of the coming hours, and the parts whose data are not there yet. Instants are
 * microseconds since 1970.
 * Locks: none.
 */
create or replace function pgdispatch.contract_input(p_hours double precision default 12)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(
        jsonb_agg(
            jsonb_build_object(
                'id', c.id, 'site', c.site, 'datasource', c.datasource, 'types', c.types,
                'dues', d.dues
            )
            order by c.id
        ) filter (where d.dues is not null),
        '[]'
    )
    from pgdispatch.contract as c
    cross join lateral (
        select jsonb_agg(
            jsonb_build_object(
                'due', (extract(epoch from d.due) * 1000000)::bigint,
                'after', (extract(epoch from d.data_after) * 1000000)::bigint,
                'parts', p.parts
            )
            order by d.due
        ) as dues
        from pgdispatch.contract_dues(c, 50) as d
        cross join lateral (
            select jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                'task', p.task,
                'linked_task', p.linked_task,
                'steps', case when p.linked_task is not null then (
                    select jsonb_agg(s.task order by s.step)
                    from pgdispatch.linked_task_step as s
                    where s.linked_task = p.linked_task
                ) end,
                'began', (
                    select (extract(epoch from min(h.started_at)) * 1000000)::bigint
                    from pgdispatch.job as j
                    join pgdispatch.linked_run as r on r.id = j.linked_run
                    join pgdispatch.job_history as h on h.linked_run = r.id
                    where r.linked_task = p.linked_task
                )
            ))) as parts
            from pgdispatch.contract_parts(c) as p
            where not exists (
                select
                from pgdispatch.part_runs(c, p.task, p.linked_task, d.data_after)
            )
        ) as p
        where p.parts is not null
            and d.due <= pgdispatch.now() + make_interval(secs => 3600 * p_hours)
    ) as d
    where c.enabled
$$;

comment on function pgdispatch.contract_input(double precision) is
'What a simulation has to know of contracts, as one JSON array: due times of the coming hours, '
'from when on data count, and whose are missing. Instants in microseconds since 1970 (UTC).';
