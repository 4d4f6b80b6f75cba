/* Schedules that could not be fired, or that nobody fires. */
select
    format('schedule %s could not be fired', name) as problem,
    last_error as evidence,
    'mend what the error names; the clock tries again' as advice
from pgdispatch.schedule
where last_error is not null
union all
select
    format('schedule %s is overdue', name),
    format('next run was due %s ago', date_trunc('second', pgdispatch.now() - next_run_at)),
    case
        when exists (
            select
            from pgdispatch.node
            where heartbeat_at > pgdispatch.now() - pgdispatch.seconds('lease_seconds')
        ) then 'end the transaction that edits it or one of its tasks (pg_stat_activity)'
        else 'start a node: each of them is a clock, too'
    end
from pgdispatch.schedule
where next_run_at < pgdispatch.now() - interval '1 minute'
    and enabled
    and last_error is null
