/*
 * The spans of wait_spans with who was in the way: at a gate its holder; at a site's limit, or
 * where no backgrounder was free, each that ran (shared_blame). What rounding to microseconds
 * leaves over goes to the largest part: the parts of a span sum up to it, and the spans of a job
 * to its wait.
 */
create or replace function pgdispatch.wait_blame(
    p_from timestamptz,
    p_to timestamptz,
    p_job bigint,
    p_sites text[],
    p_gates text[],
    p_runs pgdispatch.run[]
)
returns table (
    job bigint,
    site text,
    type text,
    schedule text,
    task bigint,
    from_at timestamptz,
    to_at timestamptz,
    kind text,
    reason text,
    behind_job bigint,
    micros bigint
)
language plpgsql
stable
as $$
begin
    return query
    with wait as materialized (
        select
            w.*,
            (extract(epoch from w.to_at - w.from_at) * 1000000)::bigint as whole,
            case w.kind
                when 'site limit' then pgdispatch.site_gate(w.site)
                when 'no backgrounder' then 'type/' || w.type
            end as pool
        from pgdispatch.wait_spans(p_from, p_to, p_job, p_sites, p_gates, p_runs) as w
    ),
    span as materialized (
        select w.*, row_number() over (order by w.pool, w.from_at, w.job) as n
        from wait as w
        where w.pool is not null
    ),
    part as (
        select
            b.n,
            b.behind_job,
            b.micros + case
                when row_number() over (
                    partition by b.n order by b.micros desc, b.behind_job
                ) = 1 then s.whole - sum(b.micros) over (partition by b.n)
                else 0
            end as micros
        from pgdispatch.shared_blame(
            p_from, p_to,
            array(select s.pool from span as s order by s.n),
            array(select s.from_at from span as s order by s.n),
            array(select s.to_at from span as s order by s.n),
            p_runs
        ) as b
        join span as s on s.n = b.n
    )
    select
        w.job, w.site, w.type, w.schedule, w.task, w.from_at, w.to_at, w.kind, w.reason, w.holder,
        w.whole
    from wait as w
    where w.pool is null
    union all
    select
        s.job, s.site, s.type, s.schedule, s.task, s.from_at, s.to_at, s.kind, s.reason,
        p.behind_job, p.micros::bigint
    from span as s
    join part as p on p.n = s.n
    where p.micros > 0;
end
$$;

comment on function pgdispatch.wait_blame(
    timestamptz, timestamptz, bigint, text[], text[], pgdispatch.run[]
) is
'Why jobs waited between two times, and behind whom, in microseconds that sum up to each wait.';
