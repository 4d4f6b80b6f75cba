/* Replication slots that hold rows or the log back, and that nobody reads. */
select
    format('replication slot %s is not being read', slot_name) as problem,
    format(
        '%s, keeps %s of the log%s', slot_type,
        pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)),
        case
            when xmin is not null then ' and dead rows'
            when catalog_xmin is not null then ' and dead rows of catalogues'
            else ''
        end
    ) as evidence,
    format(
        'start its reader, or: select pg_drop_replication_slot(%L)', slot_name
    ) as advice
from pg_replication_slots
where not active
    and not pg_is_in_recovery()
    and restart_lsn is not null
order by slot_name
