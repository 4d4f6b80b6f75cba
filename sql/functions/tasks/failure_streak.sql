/* How many jobs of a task have failed in a row (semantics 6): timeouts count, losses do not. */
create or replace function pgdispatch.failure_streak(p_task bigint)
returns integer
language sql
stable
as $$
    select pg_catalog.count(*)::integer
    from pgdispatch.task as t
    join pgdispatch.job_history as h
        on h.task = t.id
        and h.outcome = 'failed'
        and h.failed_as <> 'lost'
        and h.ended_at > greatest(
            coalesce(t.streak_since, '-infinity'),
            (
                select pg_catalog.max(s.ended_at)
                from pgdispatch.job_history as s
                where s.task = p_task
                    and s.outcome = 'succeeded'
            )
        )
    where t.id = p_task
$$;

comment on function pgdispatch.failure_streak(bigint) is
'How many jobs of a task have failed since its last success, edit, republish or resume; '
'cancelled and lost ones do not count.';
