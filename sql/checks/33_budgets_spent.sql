/*
 * Sites that have nothing left of their budget: none of their jobs starts before the refill. One
 * whose budget is 0 is meant to start none, and is left out unless jobs wait for it.
 */
select
    case s.seconds_limit
        when 0 then format('site %s has a budget of 0 s', s.name)
        else format('site %s has spent its budget', s.name)
    end as problem,
    format(
        '%s of %s s; %s jobs wait for the refill at %s', round(b.spent_seconds::numeric),
        s.seconds_limit, w.jobs, date_trunc('second', b.refill_at)
    ) as evidence,
    format(
        '%s: pgdispatch site change %s --daily-seconds …',
        case s.seconds_limit
            when 0 then 'give it one'
            else 'wait for the refill, or give it more'
        end,
        s.name
    ) as advice
from pgdispatch.site as s
cross join lateral pgdispatch.site_budget(s.name) as b
left join (
    select
        q.site,
        sum(q.jobs)::bigint as jobs
    from pgdispatch.queue_counts() as q
    where q.kind = 'site budget'
    group by q.site
) as c on c.site = s.name
cross join lateral (
    select greatest(count(*), c.jobs) as jobs  -- those that no claim has come to yet, too
    from pgdispatch.job as j
    where j.state = 'parked'
        and j.gate = 'site/' || s.name
) as w
where b.spent_seconds >= s.seconds_limit
    and (s.seconds_limit > 0 or w.jobs > 0)
order by s.name
