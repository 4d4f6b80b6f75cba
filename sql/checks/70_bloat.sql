/* Dead rows in the queue, and indexes that have outgrown it. */
select
    'the table job holds mostly dead rows' as problem,
    format(
        '%s dead, %s live; last vacuumed %s', s.n_dead_tup, s.n_live_tup,
        coalesce(greatest(s.last_autovacuum, s.last_vacuum)::text, 'never')
    ) as evidence,
    'end what holds old snapshots, then: vacuum pgdispatch.job' as advice
from pg_stat_user_tables as s
where s.relid = 'pgdispatch.job'::regclass
    and s.n_dead_tup > 20000
    and s.n_dead_tup > 2 * s.n_live_tup
union all
select
    'the index job_ready_idx has outgrown the queue',
    format(
        '%s for %s jobs', pg_size_pretty(pg_relation_size('pgdispatch.job_ready_idx')),
        s.n_live_tup
    ),
    'reindex index concurrently pgdispatch.job_ready_idx'
from pg_stat_user_tables as s
where s.relid = 'pgdispatch.job'::regclass
    and pg_relation_size('pgdispatch.job_ready_idx') > 16777216 + 1024 * s.n_live_tup
