/* What does not belong to the owner of the schema: functions of two owners refuse each other. */
select
    format('%s of the schema''s objects belong to %s, and not to %s', count(*), o.owner, o.wanted)
        as problem,
    'among them ' || min(o.name) as evidence,
    'run: pgdispatch install --again, as a superuser or as a member of both' as advice
from (
    select
        case c.relkind when 'v' then 'view ' when 'c' then 'type ' when 'S' then 'sequence '
            else 'table ' end || c.relname as name,
        pg_get_userbyid(c.relowner) as owner,
        pg_get_userbyid(n.nspowner) as wanted
    from pg_class as c
    join pg_namespace as n on n.oid = c.relnamespace
    where n.nspname = 'pgdispatch'
        and c.relkind in ('r', 'p', 'v', 'm', 'f', 'c', 'S')
        and c.relowner <> n.nspowner
        and not exists (  -- the sequence of a column goes with its table
            select
            from pg_depend as d
            where d.classid = 'pg_class'::regclass
                and d.objid = c.oid
                and c.relkind = 'S'
                and d.deptype in ('a', 'i')
        )
    union all
    select
        'function ' || p.proname,
        pg_get_userbyid(p.proowner),
        pg_get_userbyid(n.nspowner)
    from pg_proc as p
    join pg_namespace as n on n.oid = p.pronamespace
    where n.nspname = 'pgdispatch'
        and p.proowner <> n.nspowner
    union all
    select
        'type ' || t.typname,
        pg_get_userbyid(t.typowner),
        pg_get_userbyid(n.nspowner)
    from pg_type as t
    join pg_namespace as n on n.oid = t.typnamespace
    where n.nspname = 'pgdispatch'
        and t.typtype in ('d', 'e', 'r')
        and t.typowner <> n.nspowner
) as o
group by o.owner, o.wanted
order by o.owner
