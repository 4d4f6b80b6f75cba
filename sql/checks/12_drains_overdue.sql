/* Nodes that were to be empty by a time, and are not: nobody there obeys. */
select
    format(
        'node %s was to be empty by %s', n.name, date_trunc('second', n.drain_ends_at)
    ) as problem,
    format('%s jobs run there; its version is %s', j.jobs, n.package_version) as evidence,
    'its worker is of a version before 0.2.0, or is stuck: stop it, or cancel what runs there'
        as advice
from pgdispatch.node as n
cross join lateral (
    select count(*) as jobs
    from pgdispatch.job
    where state = 'running'
        and node = n.name
) as j
where n.drain_ends_at < pgdispatch.now() - interval '10 seconds'
    and j.jobs > 0
order by n.name
