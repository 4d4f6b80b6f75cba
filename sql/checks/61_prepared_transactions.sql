/* Prepared transactions keep their snapshot and locks, across restarts, too. */
select
    format('prepared transaction %s is open', quote_literal(gid)) as problem,
    format(
        'by %s, for %s', owner, date_trunc('second', clock_timestamp() - prepared)
    ) as evidence,
    format('commit prepared %L or rollback prepared %L', gid, gid) as advice
from pg_prepared_xacts
where database = current_database()
    and prepared < clock_timestamp() - :patience::interval
order by prepared
