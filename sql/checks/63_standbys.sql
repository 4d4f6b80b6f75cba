/*
 * Standbys that keep dead rows here: by hot_standby_feedback or in their slot they name the oldest
 * transaction that their sessions may still look at; subscribers do so for catalogues. When that
 * was, nobody notes; it is longer ago than `:patience` if a job that ended before that has ended
 * since. Left out is what a transaction here explains: another check names it.
 */
select
    format('%s keeps dead rows%s', s.name, s.of_what) as problem,
    format(
        '%s%s; what was deleted since job %s ended, %s ago, is still there', s.state,
        ', slot ' || s.slot_name, j.id, date_trunc('second', pgdispatch.now() - j.ended_at)
    ) as evidence,
    case s.of_what
        when '' then 'on that server, end the transaction that is open for longest '
            '(pg_stat_activity), or set hot_standby_feedback = off'
        else 'see why that subscriber does not keep up, or drop its subscription'
    end as advice
from (
    select
        concat_ws(
            ' ', case o.slot_type when 'logical' then 'subscriber' else 'standby' end,
            coalesce(nullif(r.application_name, ''), 'of process ' || r.pid)
        ) as name,
        case when coalesce(r.backend_xmin, o.xmin) is null then ' of catalogues' else '' end
            as of_what,
        coalesce(r.state, 'replication') as state,
        o.slot_name,
        age(coalesce(r.backend_xmin, o.xmin, o.catalog_xmin)) as looks_back
    from pg_stat_replication as r
    left join pg_replication_slots as o on o.active_pid = r.pid
) as s
cross join (
    select
        id,
        ended_at,
        age(xmin) as is_back
    from pgdispatch.job_history
    where ended_at <= pgdispatch.now() - :patience::interval
    order by ended_at desc
    limit 1
) as j
where s.looks_back >= j.is_back
    and s.looks_back > all (
        select age(backend_xid)
        from pg_stat_activity
        where datname = current_database()
            and backend_xid is not null
        union all
        select age(transaction)
        from pg_prepared_xacts
        where database = current_database()
    )
order by s.name
