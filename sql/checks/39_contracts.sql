/*
 * Contracts that are late or broken, and those that watch nothing: no task brings their data.
 * What is at risk is told by notices; here is what needs somebody.
 */
select
    format('contract %s of site %s is %s', left(s.name, 100), s.site, s.state) as problem,
    concat_ws(
        '; ', format('%s, due %s', s.subject, date_trunc('second', s.due)), left(s.reason, 300)
    ) as evidence,
    format('mend what is named, or change what is promised: see pgdispatch contract show %s',
        s.contract) as advice
from pgdispatch.contract_status as s
where s.state in ('late', 'broken')
union all
select
    format('nobody is told of contract %s of site %s', left(c.name, 100), c.site),
    'it names no target, and no rule of notices is for contracts of its site',
    format('let it tell somebody: pgdispatch contract change %s --to TARGET', c.id)
from pgdispatch.contract as c
where c.enabled
    and c.target is null
    and not exists (
        select
        from pgdispatch.notice_rule as r
        where r.what like 'contract%'
            and (r.site is null or r.site = c.site)
    )
