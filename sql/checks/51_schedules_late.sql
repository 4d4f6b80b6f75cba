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
    'start a node, or end the transaction that edits it'
from pgdispatch.schedule
where next_run_at < pgdispatch.now() - interval '1 minute'
    and enabled
