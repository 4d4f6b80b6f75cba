/* Historical run time (semantics 4.5): mean over the successful runs of the recent hours. */
create or replace function pgdispatch.usual_seconds(p_task bigint)
returns double precision
language sql
stable
as $$
    select pg_catalog.avg(extract(epoch from h.ended_at - h.started_at))::double precision
    from pgdispatch.task as t
    join pgdispatch.job_history as h
        on h.task = t.id
        and h.outcome = 'succeeded'
        and h.started_at >= coalesce(t.history_since, '-infinity')
    where t.id = p_task
        and h.ended_at > (select pgdispatch.now())
            - 3600 * pgdispatch.seconds('history_hours')
$$;

comment on function pgdispatch.usual_seconds(bigint) is
'Historical run time of a task in seconds: the mean over its successful runs in the last '
'history_hours since it was last republished; null without such runs.';
