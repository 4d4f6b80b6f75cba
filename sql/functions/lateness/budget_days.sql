/*
 * The days of the budgets of sites over a stretch of time: a row for each span of a day in which
 * the budget was the same, with when the day began and since when the site had a budget at all,
 * as attempts that ended before that were not charged.
 */
create or replace function pgdispatch.budget_days(
    p_from timestamptz,
    p_to timestamptz,
    p_sites text[]
)
returns table (
    site text,
    most integer,
    refilled_at timestamptz,
    charged_since timestamptz,
    from_at timestamptz,
    to_at timestamptz
)
language plpgsql
stable
rows 50
as $$
declare
    v_at jsonb;
    v_zone jsonb;
begin
    select
        jsonb_object_agg(s.name, s.refill_at),
        jsonb_object_agg(s.name, s.time_zone)
    into v_at, v_zone
    from pgdispatch.site as s
    where s.name = any (p_sites);
    return query
    with bound as (
        select
            b.*,
            lag(b.most) over (partition by b.site order by b.from_at) is null as is_first
        from pgdispatch.limit_spans('daily_seconds', p_sites, p_from - interval '2 days', p_to) as b
    ),
    since as (
        select
            b.*,
            max(b.from_at) filter (
                where b.is_first and b.from_at > p_from - interval '2 days'
            ) over (partition by b.site order by b.from_at) as charged_since
        from bound as b
        where b.most is not null
    )
    select
        s.site,
        s.most,
        d.day_from,
        coalesce(s.charged_since, '-infinity'),
        greatest(s.from_at, a.from_at, z.from_at, d.day_from, p_from),
        least(s.to_at, a.to_at, z.to_at, d.day_to)
    from since as s
    join pgdispatch.value_spans('site', 'refill_at', v_at, p_from, p_to) as a
        on a.name = s.site and a.from_at < s.to_at and a.to_at > s.from_at
    join pgdispatch.value_spans('site', 'time_zone', v_zone, p_from, p_to) as z
        on z.name = s.site
    cross join lateral (
        select
            pgdispatch.local_instant(day + a.value::time, z.value) as day_from,
            pgdispatch.local_instant(day + 1 + a.value::time, z.value) as day_to
        from generate_series(
            -1, (p_to at time zone z.value)::date - (p_from at time zone z.value)::date + 1
        ) as n
        cross join lateral (select (p_from at time zone z.value)::date + n as day) as l
    ) as d
    where greatest(s.from_at, a.from_at, z.from_at, d.day_from, p_from)
        < least(s.to_at, a.to_at, z.to_at, d.day_to);
end
$$;

comment on function pgdispatch.budget_days(timestamptz, timestamptz, text[]) is
'The days of the budgets of sites between two times, and what each was.';
