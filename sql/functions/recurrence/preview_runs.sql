/*
 * What next_runs gives, with what a calendar does to it: a row for each run, and one for each day
 * before the last of them that is left out.
 */
create or replace function pgdispatch.preview_runs(
    p_recurrence text,
    p_time_zone text,
    p_after timestamptz,
    p_count integer,
    p_calendar text default null,
    p_on_free_day text default 'run'
)
returns table (
    run_at timestamptz,
    day date,
    note text
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_runs constant timestamptz[] := pgdispatch.next_runs(
        p_recurrence, p_time_zone, p_after, p_count, p_calendar, p_on_free_day
    );
    v_rule constant record := pgdispatch.parse_recurrence(p_recurrence);
    v_first constant date := p_after at time zone p_time_zone;
    v_last constant date := coalesce(
        (v_runs[cardinality(v_runs)] at time zone p_time_zone)::date, v_first + 366
    );
begin
    return query
        with free as (
            select distinct
                p.planned,
                p.name,
                p.runs
            from generate_series(
                date_trunc('month', v_first::timestamp), v_last::timestamp, interval '1 month'
            ) as m
            cross join lateral pgdispatch.planned_days(
                m::date, v_rule.months, v_rule.days, v_rule.weekdays, v_rule.is_either,
                v_rule.workdays, p_calendar, p_on_free_day
            ) as p
            where p_calendar is not null
                and p_on_free_day <> 'run'
                and not p.is_working
        ),
        told as (
            select
                f.runs,
                string_agg(
                    to_char(f.planned::timestamp, 'Dy FMDD Mon')
                    || ' is free' || coalesce(' (' || f.name || ')', ''),
                    ', ' order by f.planned
                ) as words
            from free as f
            where f.runs is not null
            group by f.runs
        )
        select
            c.run_at,
            c.day,
            c.note
        from (
            select
                r.run_at,
                (r.run_at at time zone p_time_zone)::date as day,
                t.words as note
            from unnest(v_runs) as r (run_at)
            left join told as t on t.runs = (r.run_at at time zone p_time_zone)::date
            union all
            select
                null,
                f.planned,
                'free' || coalesce(' (' || f.name || ')', '') || ', left out'
            from free as f
            where f.runs is null
                and f.planned between v_first and v_last
        ) as c
        order by
            c.day,
            c.run_at;
end
$$;

comment on function pgdispatch.preview_runs(
    text, text, timestamptz, integer, text, text
) is
'What next_runs gives, a row each, with the local day and a note of the free days that were moved '
'there; and between them a row without run_at for each day that a calendar leaves out, with why. '
'Refuses what next_runs refuses.';
