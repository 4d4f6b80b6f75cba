/*
 * The historical run time of each task (usual_seconds), so that it can slide on: the successful
 * runs that have ended since an instant, their sum, when the last one did, and those of them that
 * have ended up to another instant, with their ends, which leave the window soon.
 * In two parts, as only the few of the second have to be sorted.
 */
create or replace function pgdispatch.forecast_usual(p_since timestamptz, p_leaving timestamptz)
returns table (
    task bigint,
    runs bigint,
    micros bigint,
    last_at timestamptz,
    leaving jsonb
)
language sql
stable
as $$
    select
        u.task,
        u.runs,
        u.micros,
        u.last_at,
        l.leaving
    from (
        select
            h.task,
            count(*) as runs,
            (1000000 * sum(extract(epoch from h.ended_at - h.started_at)))::bigint as micros,
            max(h.ended_at) as last_at
        from pgdispatch.job_history as h
        join pgdispatch.task as t on t.id = h.task
        where h.outcome = 'succeeded'
            and h.ended_at > p_since
            and h.started_at >= coalesce(t.history_since, '-infinity')
        group by h.task
    ) as u
    left join (
        select
            h.task,
            jsonb_agg(
                jsonb_build_array(
                    pgdispatch.micros(h.ended_at),
                    pgdispatch.micros_of(h.ended_at - h.started_at)
                )
                order by h.ended_at
            ) as leaving
        from pgdispatch.job_history as h
        join pgdispatch.task as t on t.id = h.task
        where h.outcome = 'succeeded'
            and h.ended_at > p_since
            and h.ended_at <= p_leaving
            and h.started_at >= coalesce(t.history_since, '-infinity')
        group by h.task
    ) as l on l.task = u.task
$$;

comment on function pgdispatch.forecast_usual(timestamptz, timestamptz) is
'How many successful runs of each task have ended since an instant, their microseconds, when the '
'last one did, and those that had ended by another instant, as pairs of end and run time.';
