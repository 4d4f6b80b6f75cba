/*
 * Which job of a serial schedule ran when; of several, as it was made serial while they ran, the
 * one of the lowest number, as the view queue says it. p_gates: of these schedules only.
 */
create or replace function pgdispatch.serial_spans(
    p_from timestamptz,
    p_to timestamptz,
    p_gates text[],
    p_runs pgdispatch.run[]
)
returns table (
    gate text,
    holder bigint,
    from_at timestamptz,
    to_at timestamptz
)
language plpgsql
stable
rows 100
as $$
declare
    v_now constant jsonb := jsonb_object_agg(s.name, s.execution)
    from pgdispatch.schedule as s
    where p_gates is null or pgdispatch.schedule_gate(s.name) = any (p_gates);
begin
    if v_now is null then
        return;
    end if;
    return query
    with serial as materialized (
        select v.name, v.from_at, v.to_at
        from pgdispatch.value_spans('schedule', 'execution', v_now, p_from, p_to) as v
        where v.value = 'serial'
    ),
    run as materialized (
        select
            s.name,
            r.job,
            greatest(r.started_at, s.from_at) as since,
            least(r.ended_at, s.to_at) as until
        from unnest(p_runs) as r
        join serial as s
            on s.name = r.schedule
            and s.from_at < r.ended_at
            and s.to_at > r.started_at
        where exists (select from serial)
    ),
    marked as materialized (
        select
            r.*,
            tstzrange(r.since, r.until) as span,
            max(r.until) over (
                partition by r.name order by r.since, r.job
                rows between unbounded preceding and 1 preceding
            ) > r.since
            or lead(r.since) over (partition by r.name order by r.since, r.job) < r.until
                as is_shared
        from run as r
    )
    select
        pgdispatch.schedule_gate(m.name),
        m.job,
        lower(p.span),
        upper(p.span)
    from marked as m
    cross join lateral unnest(
        case
            when m.is_shared then tstzmultirange(m.span) - coalesce((
                select range_agg(o.span)
                from marked as o
                where o.name = m.name
                    and o.job < m.job
                    and o.is_shared
            ), '{}')
            else tstzmultirange(m.span)
        end
    ) as p (span);
end
$$;

comment on function pgdispatch.serial_spans(timestamptz, timestamptz, text[], pgdispatch.run[]) is
'When a serial schedule was busy between two times, and with which job.';
