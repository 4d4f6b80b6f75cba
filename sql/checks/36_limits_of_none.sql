/*
 * Jobs that wait for a site that may run none: no time ends that. Other reasons that only a person
 * ends have checks of their own. Of all that wait the first 10,000 are looked at.
 */
select
    format('jobs wait for site %s, which may run none', q.site) as problem,
    format('%s jobs; its limit is 0', sum(q.jobs)) as evidence,
    format(
        'let it run some: pgdispatch site change %s --max-running …; or cancel them', q.site
    ) as advice
from pgdispatch.queue_counts() as q
where q.needs_person
    and q.kind = 'site limit'
group by q.site
order by q.site
