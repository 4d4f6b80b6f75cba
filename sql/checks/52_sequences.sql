/* Sequences that are behind their tables: inserts fail, numbers come twice, jobs never start. */
with live as (
    select
        g,
        coalesce(pg_sequence_last_value('pgdispatch.ready_generation'), 0) as at
    from pgdispatch.generation as g
    where g.id = (select max(id) from pgdispatch.generation)
)
select
    format('the sequence %s is behind its table', sequence) as problem,
    format('number %s has been given already', max(given)) as evidence,
    'as the owner: select pgdispatch.catch_up_sequences()' as advice
from pgdispatch.sequences_behind()
group by sequence
union all
select
    'the sequence ready_generation is not where its table says',
    format('it is at %s, the open generation is %s', at, (g).open),
    'as the owner: select pgdispatch.catch_up_sequences()'
from live
where at not between
    (g).open - ((g).step in ('announced', 'turning'))::integer and (g).open
union all
select
    'ready jobs are in a generation that nobody looks at',
    format('%s jobs, among them %s', count(*), min(j.id)),
    'as the owner: select pgdispatch.catch_up_sequences(); then the sweep goes on with it'
from live
cross join lateral (  -- two stretches of job_ready_idx
    select id
    from pgdispatch.job
    where state = 'ready'
        and generation < coalesce((g).older, (g).open)
    union all
    select id
    from pgdispatch.job
    where state = 'ready'
        and generation > (g).open
) as j
having count(*) > 0
