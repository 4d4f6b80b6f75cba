/*
 * Closed windows that are open although their time is over, as no clock has closed them; those that
 * close nothing, as what they name is no more; schedules to which no time is left.
 */
select
    w.problem,
    w.evidence,
    w.advice
from (
    select
        1 as place,
        s.closed_window,
        format(
            'window %s has been open for %s minutes longer than it should', s.closed_window,
            (extract(epoch from pgdispatch.now() - s.closes_at) / 60)::integer
        ) as problem,
        format('it closes %s %s until %s', s.scope, s.target,
            date_trunc('second', s.closes_at)) as evidence,
        'its clock stands still: see whether a worker runs, and pgdispatch doctor' as advice
    from pgdispatch.window_status as s
    where s.enabled
        and s.closes_at < pgdispatch.now() - interval '1 minute'
    union all
    select
        2,
        s.closed_window,
        format('window %s closes nothing: there is no %s %s', s.closed_window, s.scope, s.target),
        format('added by %s', s.created_by),
        format('delete it: pgdispatch window delete %s', case
            when s.closed_window ~ '[[:space:]]' then quote_literal(s.closed_window)
            else s.closed_window
        end)
    from pgdispatch.window_status as s
    where not case s.scope
        when 'site' then exists (select from pgdispatch.site where name = s.target)
        when 'type' then exists (select from pgdispatch.job_type where name = s.target)
        when 'node' then exists (select from pgdispatch.node where name = s.target)
        else exists (select from pgdispatch.schedule where name = s.target)
    end
    union all
    select
        3,
        s.name,
        format('schedule %s never runs', s.name),
        'its calendar and its closed windows leave it no time',
        format('see: pgdispatch schedule preview %s', case
            when s.name ~ '[[:space:]]' then quote_literal(s.name)
            else s.name
        end)
    from pgdispatch.schedule as s
    where s.enabled
        and s.recurrence is not null
        and s.next_run_at is null
) as w
order by
    w.place,
    w.closed_window
