/*
 * What schedule_runs gives, with what the calendar and closed windows of the schedule do to it: a
 * row for each run, and between them one for each day on which times are left out. A disabled one
 * is shown as if it were not. Locks: none.
 */
create or replace function pgdispatch.preview_schedule(
    p_schedule text,
    p_after timestamptz,
    p_count integer
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
    v_schedule pgdispatch.schedule;
    v_runs timestamptz[];
    v_last date;
begin
    select s.*
    into v_schedule
    from pgdispatch.schedule as s
    where s.name = p_schedule
        and (pgdispatch.caller_sites() is null
            or s.name = any (pgdispatch.own_schedules()));
    if not found then
        raise exception using
            errcode = 'JD002',
            message = format('schedule %L does not exist', left(p_schedule, 60)),
            hint = 'see pgdispatch.schedule';
    elsif v_schedule.recurrence is null then
        return;
    end if;
    v_runs := pgdispatch.schedule_runs(v_schedule, p_after, p_count);
    v_last := v_runs[cardinality(v_runs)] at time zone v_schedule.time_zone;
    return query
        with planned as (
            select
                p.run_at,
                p.day,
                p.note,
                c.name as closed_by,
                c.run_at_end
            from pgdispatch.preview_runs(
                v_schedule.recurrence, v_schedule.time_zone, p_after, p_count + 200,
                v_schedule.calendar, v_schedule.on_free_day
            ) as p
            left join lateral pgdispatch.closing_of(v_schedule.name, p.run_at) as c on true
        )
        select
            t.run_at,
            t.day,
            t.note
        from (
            select
                r.run_at,
                (r.run_at at time zone v_schedule.time_zone)::date as day,
                case
                    when p.run_at is null then 'at the end of a closed window'
                    else p.note
                end as note
            from unnest(v_runs) as r (run_at)
            left join planned as p on p.run_at = r.run_at
            union all
            select
                null,
                p.day,
                p.note
            from planned as p
            where p.run_at is null
                and p.day <= v_last
            union all
            select
                null,
                p.day,
                format('closed (window %s), left out', p.closed_by)
                    || case when count(*) > 1 then format(': %s times', count(*)) else '' end
            from planned as p
            where not p.run_at_end
                and p.day <= v_last
            group by
                p.day,
                p.closed_by
        ) as t
        order by
            t.day,
            t.run_at;
end
$$;

comment on function pgdispatch.preview_schedule(text, timestamptz, integer) is
'The next scheduled times of a schedule, a row each, with the local day and a note where a '
'calendar or a closed window has moved it; and between them a row without run_at for each day on '
'which times are left out, with why. JD002: unknown.';
