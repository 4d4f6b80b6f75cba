/* Sessions that have held a snapshot for longer than `:patience`: vacuum removes nothing since. */
select
    format('process %s holds an old snapshot', pid) as problem,
    format(
        '%s of %s, %s, for %s; last statement: %s', nullif(application_name, ''), usename, state,
        date_trunc('second', clock_timestamp() - xact_start),
        left(regexp_replace(query, '[[:space:]]+', ' ', 'g'), 80)
    ) as evidence,
    format(
        'end its transaction, or: select pg_terminate_backend(%s); '
        'set idle_in_transaction_session_timeout', pid
    ) as advice
from pg_stat_activity
where pid <> pg_backend_pid()
    and (backend_xmin is not null or backend_xid is not null)
    and xact_start < clock_timestamp() - :patience::interval
    and (datname = current_database() or datname is null)
    and backend_type <> 'autovacuum worker'
order by xact_start
