/*
 * Rules and contracts that name a target which no live node has; notices that have waited for
 * longer than a digest, or were given up within a day; nodes that deliver notices, but not to every
 * target.
 */
with live as (
    select
        n.name,
        n.targets
    from pgdispatch.node as n
    where n.heartbeat_at > pgdispatch.now() - pgdispatch.seconds('lease_seconds')
),
ruled as (
    select
        target,
        count(*) as rules
    from (
        select target from pgdispatch.notice_rule
        union all
        select target from pgdispatch.contract where enabled and target is not null
    ) as all_rules
    group by target
)
select
    format('no live node has the target %s', r.target) as problem,
    format('%s rules or contracts name it', r.rules) as evidence,
    format(
        'add [target.%s] to the configuration file of a node and start that anew, or remove the '
        'rules: see pgdispatch notice rule list', r.target
    ) as advice
from ruled as r
where not exists (select from live as l where r.target = any (l.targets))
union all
select
    format('node %s does not have the target %s', l.name, r.target),
    format('it has %s, and takes jobs that go to any', array_to_string(l.targets, ', ')),
    'give all nodes that have targets the same ones'
from live as l
cross join ruled as r
where r.target <> all (l.targets)
    and exists (select from live as o where r.target = any (o.targets))
union all
select
    format('%s notices to %s are not delivered', count(*), n.target),
    format(
        'the oldest is of %s; %s', date_trunc('second', min(n.at)),
        coalesce(max(n.delivery_error), 'no attempt has failed')
    ),
    format('mend what is named, then run: pgdispatch notice test %s', n.target)
from pgdispatch.notice as n
where n.ended_at is null
group by n.target
having min(n.at) < pgdispatch.now() - pgdispatch.seconds('notice_digest_seconds')
    - interval '5 minutes'
union all
select
    format('%s notices to %s were given up', count(*), n.target),
    format('the last at %s: %s', date_trunc('second', max(n.ended_at)), max(n.delivery_error)),
    'see pgdispatch notices'
from pgdispatch.notice as n
where n.outcome = 'given up'
    and n.at > pgdispatch.now() - interval '1 day'
group by n.target
