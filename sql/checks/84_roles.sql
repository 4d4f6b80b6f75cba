/*
 * Users who are members of our roles otherwise than they seem: who may pass them on, who cannot use
 * them, and who is confined to sites in one role and not in another. Whom a login may become, as
 * the console does for the people that a proxy names, is no such role. Superusers, the owners of
 * the schema and the database, and whoever may make roles anyway are left out.
 */
with ours as (
    select
        oid,
        rolname,
        rolname ~ '^pgdispatch_site_' as is_confined
    from pg_roles
    where rolname ~ '^pgdispatch_(site_)?(producer|worker|viewer|operator)$'
),
person as (
    select r.*
    from pg_roles as r
    where not r.rolsuper
        and not r.rolcreaterole
        and r.oid not in (select oid from ours)
        and r.oid not in (select nspowner from pg_namespace where nspname = 'pgdispatch')
        and r.oid not in (select datdba from pg_database where datname = current_database())
)
select
    format('%s may give %s to others', p.rolname, o.rolname) as problem,
    'a member with admin option, granted by ' || pg_get_userbyid(m.grantor) as evidence,
    format('revoke admin option for %I from %I', o.rolname, p.rolname) as advice
from pg_auth_members as m
join person as p on p.oid = m.member
join ours as o on o.oid = m.roleid
where m.admin_option
union all
select
    format('%s is a member of %s, and cannot use it', p.rolname, o.rolname),
    case
        when not p.rolinherit then 'its role is noinherit'
        else 'on the way to it a role or a membership does not inherit'
    end,
    case
        when current_setting('server_version_num')::integer >= 160000
            then format('grant %I to %I with inherit true', o.rolname, p.rolname)
        else format('alter role %I inherit', p.rolname)
    end
from person as p
join ours as o
    on pg_has_role(p.oid, o.oid, 'member')
    and not pg_has_role(p.oid, o.oid, 'usage')
where p.rolcanlogin
    and not exists (  -- it becomes somebody who can
        select
        from pg_roles as q
        where q.oid <> p.oid
            and q.oid not in (select oid from ours)
            and pg_has_role(p.oid, q.oid, 'member')
            and pg_has_role(q.oid, o.oid, 'usage')
    )
union all
select
    format('%s is confined to sites, and is not', p.rolname),
    'a member of ' || string_agg(o.rolname, ', ' order by o.rolname),
    'revoke one kind, see pgdispatch revoke: nobody is confined in some roles only; a login that '
        || 'becomes other people inherits nothing from them'
from person as p
join ours as o on pg_has_role(p.oid, o.oid, 'member')
where p.rolcanlogin
group by p.rolname
having bool_or(not o.is_confined)
    and bool_or(o.is_confined and (
        pg_has_role(p.oid, o.oid, 'usage')
        or exists (
            select
            from pg_auth_members as m
            where m.member = p.oid
                and m.roleid = o.oid
        )
    ))
order by 1
