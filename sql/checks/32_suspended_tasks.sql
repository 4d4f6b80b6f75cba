/*
 * Tasks that failed too often in a row: their schedule creates no jobs for them. The last twenty;
 * of the others it is said how many there are.
 */
with suspended as materialized (
    select
        t.id,
        concat_ws(' ', 'task', t.id, '(' || t.title || ')', 'of site', t.site) as name,
        s.failures,
        s.job,
        s.suspended_at,
        row_number() over (order by s.suspended_at desc, t.id) as number
    from pgdispatch.suspension as s
    join pgdispatch.task as t
        on t.id = s.task
        and t.streak_since is not distinct from s.streak_since
    where t.enabled
)
select
    format('%s is suspended', s.name) as problem,
    format(
        '%s failures in a row, since %s; job %s: %s', s.failures,
        date_trunc('second', s.suspended_at), s.job, coalesce((
            select left(split_part(h.error, chr(10), 1), 200)
            from pgdispatch.job_history as h
            where h.id = s.job
                and h.ended_at = s.suspended_at
            limit 1
        ), 'its error is not in the history any more')
    ) as evidence,
    format('mend what the error names, then run: pgdispatch task resume %s', s.id) as advice
from suspended as s
where s.number <= 20
union all
select
    format('%s more tasks are suspended', count(*)),
    format('the last of them since %s', date_trunc('second', max(s.suspended_at))),
    'see pgdispatch task list'
from suspended as s
where s.number > 20
having count(*) > 0
