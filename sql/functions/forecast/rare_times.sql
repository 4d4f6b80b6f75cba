/*
 * The last run times of a task that seldom runs: of its last 40 successes in 60 days, newest first,
 * and their median. Without taking out the level of half days, which are not known so far back.
 * Without a task there are none. Locks: none.
 */
create or replace function pgdispatch.rare_times(
    p_task bigint,
    p_history_since timestamptz,
    p_now timestamptz,
    out median double precision,
    out times real[]
)
returns record
language plpgsql
stable
as $$
begin
    if p_task is null then
        return;
    end if;
    select
        percentile_cont(0.5) within group (order by h.seconds),
        array_agg(h.seconds::real order by h.ended_at desc)
    into median, times
    from (
        select
            greatest(extract(epoch from e.ended_at - e.started_at), 0.001)::double precision
                as seconds,
            e.ended_at
        from pgdispatch.job_history as e
        where e.task = p_task
            and e.ended_at > p_now - interval '60 days'
            and e.outcome = 'succeeded'
            and e.started_at >= coalesce(p_history_since, '-infinity')
        order by e.ended_at desc
        limit 40
    ) as h;
end
$$;

comment on function pgdispatch.rare_times(bigint, timestamptz, timestamptz) is
'The median and the times in seconds of the last 40 successes of a task within 60 days.';
