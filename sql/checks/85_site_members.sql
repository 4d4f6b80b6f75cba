/* Who is confined to sites, and to which: neither is of use without the other. */
with confined as (
    select oid
    from pg_roles
    where rolname ~ '^pgdispatch_site_(producer|viewer|operator)$'
)
select
    format('%s is confined to sites, and to none', r.rolname) as problem,
    'it sees nothing: no row of site_member names it, or a role that it is a member of' as evidence,
    'name sites: pgdispatch grant … --site …; or take the role away: pgdispatch revoke' as advice
from pg_roles as r
where r.rolcanlogin
    and not r.rolsuper
    and exists (select from confined as c where pg_has_role(r.oid, c.oid, 'member'))
    and pgdispatch.sites_of(r.rolname, false) = '{}'
union all
select
    format('%s has sites, and no role that is confined to them', m.member),
    'sites: ' || string_agg(m.site, ', ' order by m.site),
    format('delete from pgdispatch.site_member where member = %L', m.member)
from pgdispatch.site_member as m
left join pg_roles as r on r.rolname = m.member
where not exists (
    select
    from confined as c
    where pg_has_role(r.oid, c.oid, 'member')
)
group by m.member
order by 1
