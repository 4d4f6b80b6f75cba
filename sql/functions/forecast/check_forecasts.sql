/*
 * Finds out what happened to what was forecast: of each row of forecast_check whose job should have
 * ended by now, and of all whose horizon has passed. A job that is still there then is known, too:
 * it has not ended in time.
 *
 * Disturbed is what somebody's change may have made different: of a node, limit, schedule, setting
 * or pause meanwhile, or of the job itself. Who made it wrong by acting upon it is not its fault.
 * Locks: those rows; the caller sees to it that one is at it.
 */
create or replace function pgdispatch.check_forecasts()
returns bigint
language plpgsql
as $$
declare
    v_now constant timestamptz := pgdispatch.now();
    v_count bigint;
begin
    with open as materialized (
        select
            c.ctid as place,
            c.made_at,
            c.job,
            c.task,
            c.scheduled_at,
            c.made_at + make_interval(secs => c.until) as until
        from pgdispatch.forecast_check as c
        where c.known_at is null
            and c.made_at + make_interval(secs => least(coalesce(c.ends_late, c.until), c.until))
                <= v_now
    ),
    found as (
        select
            o.*,
            coalesce(h.id, j.id) as known,
            h.ended_at,
            coalesce(
                (
                    select min(a.started_at)
                    from pgdispatch.attempt as a
                    where a.job = coalesce(h.id, j.id)
                        and coalesce(h.attempt, j.attempt) > 1
                ),
                h.started_at,
                j.started_at
            ) as started_at,
            exists (
                select
                from pgdispatch.occurrence as s
                where s.task = o.task
                    and s.scheduled_at = o.scheduled_at
                    and s.skipped_for is not null
            ) as is_skipped
        from open as o
        left join lateral (
            select e.id, e.attempt, e.started_at, e.ended_at
            from pgdispatch.job_history as e
            where e.id = o.job
                and e.ended_at > o.made_at
            union all
            select e.id, e.attempt, e.started_at, e.ended_at
            from pgdispatch.job_history as e
            where o.job is null
                and e.task = o.task
                and e.ended_at > o.made_at
                and e.scheduled_at = o.scheduled_at
            limit 1
        ) as h on true
        left join lateral (
            select q.id, q.attempt, q.started_at
            from pgdispatch.job as q
            where h.id is null
                and q.id = o.job
            union all
            select q.id, q.attempt, q.started_at
            from pgdispatch.job as q
            where h.id is null
                and o.job is null
                and q.task = o.task
                and q.scheduled_at = o.scheduled_at
            limit 1
        ) as j on true
    )
    update pgdispatch.forecast_check as c
    set known_at = v_now,
        started = extract(epoch from f.started_at - f.made_at),
        ended = extract(epoch from f.ended_at - f.made_at),
        was_skipped = f.is_skipped,
        was_disturbed = exists (
            select
            from pgdispatch.change as e
            where e.changed_at >= f.made_at
                and e.changed_at <= least(coalesce(f.started_at, f.until), f.until)
                and (
                    e.kind in (
                        'node', 'site', 'schedule', 'setting', 'job type', 'everything',
                        'calendar', 'closed window'
                    )
                    or e.what in ('pause', 'end pause', 'set priority', 'cancel', 'backfill')
                    or e.kind = 'task' and e.name = f.task::text
                )
        )
    from found as f
    where c.ctid = f.place
        and (f.ended_at is not null or f.is_skipped or f.until <= v_now);
    get diagnostics v_count = row_count;
    return v_count;
end
$$;

comment on function pgdispatch.check_forecasts() is
'Finds out what became of what forecasts in forecast_check said; returns of how many.';
