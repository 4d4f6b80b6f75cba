/* Transactions that hold a gate's lock for so long that claims pass the jobs of that gate over. */
select
    format('a transaction holds up the jobs of %s', n.gate) as problem,
    format(
        '%s; %s jobs wait there; noticed %s ago', h.whose, (
            select count(*) from pgdispatch.job as j where j.state = 'parked' and j.gate = n.gate
        ), date_trunc('second', pgdispatch.now() - n.noticed_at)
    ) as evidence,
    case
        when h.gid is not null then format('commit prepared %1$L or rollback prepared %1$L', h.gid)
        else format('end that transaction, or: select pg_terminate_backend(%s)', h.pid)
    end as advice
from (
    select gate, min(noticed_at) as noticed_at from pgdispatch.gate_notice group by gate
) as n
cross join lateral pgdispatch.gate_holder(n.gate) as h
where h.whose is not null
order by n.gate
