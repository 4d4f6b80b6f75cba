/*
 * What is in the schema `:schema`, one row an object: kind, name, and all that defines it. Left
 * out: partitions of the history, which come and go, and rights of roles that are not ours.
 * `pgdispatch install` and `pgdispatch doctor` compare by this what is there and what should be.
 * Of tables it is the definition, and those rows that come with the package.
 */
with mine as (
    select oid, nspowner, nspacl from pg_namespace where nspname = :schema
),
relation as (
    select c.*
    from pg_class as c
    join mine on mine.oid = c.relnamespace
    where c.relname !~ '^(job_history|job_log|attempt|change|node_state)_[0-9]{4}_[0-9]{2}(_|$)'
        and c.relkind in ('r', 'p', 'v', 'c', 'S', 'i', 'I')
),
named as (
    select
        case
            when relkind in ('r', 'p') then 'table'
            when relkind = 'v' then 'view'
            when relkind = 'c' then 'type'
            when relkind = 'S' then 'sequence'
            else 'index'
        end as kind,
        r.relname::text as name,
        r.*
    from relation as r
),
routine as (
    select p.*, p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' as name
    from pg_proc as p
    join mine on mine.oid = p.pronamespace
),
acl as (
    select 'schema' as kind, '' as name, nspowner as owner, nspacl as acl from mine
    union all
    select kind, name, relowner,
        coalesce(relacl, acldefault(case when kind = 'sequence' then 's' else 'r' end::"char",
            relowner))
    from named
    where kind in ('table', 'view', 'sequence')
    union all
    select 'function', name, proowner, coalesce(proacl, acldefault('f', proowner)) from routine
    union all
    select 'column', n.name || '.' || a.attname, n.relowner, a.attacl
    from named as n
    join pg_attribute as a on a.attrelid = n.oid and a.attnum > 0 and not a.attisdropped
    where a.attacl is not null
)
select kind, name, concat_ws(
        ' ', relkind, relpersistence, relrowsecurity, relforcerowsecurity, reloptions::text,
        pg_get_partkeydef(oid), pg_get_expr(relpartbound, oid)
    ) as definition
from named
where kind in ('table', 'type')
union all
select 'view', name, concat_ws(' ', reloptions::text, pg_get_viewdef(oid))
from named
where kind = 'view'
union all
select 'sequence', name, concat_ws(
        ' ', seqtypid::regtype, seqstart, seqincrement, seqcache, seqcycle
    )
from named
join pg_sequence on seqrelid = oid
union all
select 'index', name, concat_ws(
        ' ', pg_get_indexdef(n.oid), case when not i.indisvalid then '(invalid)' end
    )
from named as n
join pg_index as i on i.indexrelid = n.oid
where i.indrelid in (select oid from named)
union all
select 'column', n.name || '.' || a.attname, concat_ws(
        ' ', row_number() over (partition by a.attrelid order by a.attnum),
        format_type(a.atttypid, a.atttypmod), case when a.attnotnull then 'not null' end,
        a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid)
    )
from named as n
join pg_attribute as a on a.attrelid = n.oid and a.attnum > 0 and not a.attisdropped
left join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
where n.kind in ('table', 'view', 'type')
union all
select 'constraint', n.name || '.' || k.conname, concat_ws(
        ' ', pg_get_constraintdef(k.oid), case when not k.convalidated then '(not valid)' end
    )
from named as n
join pg_constraint as k on k.conrelid = n.oid
where k.contype not in ('n', 't')
union all
select 'trigger', n.name || '.' || t.tgname, concat_ws(
        ' ', pg_get_triggerdef(t.oid),
        case t.tgenabled
            when 'D' then '(disabled)' when 'R' then '(replica only)' when 'A' then '(always)'
        end
    )
from named as n
join pg_trigger as t on t.tgrelid = n.oid
where not t.tgisinternal
union all
select 'policy', n.name || '.' || p.polname, concat_ws(
        ' ', p.polcmd, p.polpermissive, pg_get_expr(p.polqual, p.polrelid), 'check',
        pg_get_expr(p.polwithcheck, p.polrelid),
        (select string_agg(role::regrole::text, ',' order by role::regrole::text)
         from unnest(p.polroles) as role where role <> 0)
    )
from named as n
join pg_policy as p on p.polrelid = n.oid
union all
select 'function', name, pg_get_functiondef(oid)
from routine
where prokind in ('f', 'p')
union all
select 'comment', o.kind || ' ' || o.name, d.description
from (
    select kind, name, oid, 'pg_class'::regclass as catalog, 0 as part from named
    union all
    select 'column', n.name || '.' || a.attname, n.oid, 'pg_class'::regclass, a.attnum
    from named as n
    join pg_attribute as a on a.attrelid = n.oid and a.attnum > 0
    union all
    select 'function', name, oid, 'pg_proc'::regclass, 0 from routine
    union all
    select 'schema', '', oid, 'pg_namespace'::regclass, 0 from mine
    union all
    select 'trigger', n.name || '.' || t.tgname, t.oid, 'pg_trigger'::regclass, 0
    from named as n
    join pg_trigger as t on t.tgrelid = n.oid
    union all
    select 'policy', n.name || '.' || p.polname, p.oid, 'pg_policy'::regclass, 0
    from named as n
    join pg_policy as p on p.polrelid = n.oid
) as o
join pg_description as d
    on d.objoid = o.oid
    and d.classoid = o.catalog
    and d.objsubid = o.part
union all
select
    'grant',
    acl.kind || ' ' || acl.name || ' to ' || coalesce(r.rolname, 'public'),
    string_agg(x.privilege_type || case when x.is_grantable then '*' else '' end, ', '
        order by x.privilege_type)
from acl
cross join lateral aclexplode(acl.acl) as x
left join pg_roles as r on r.oid = x.grantee
where x.grantee <> acl.owner
    and (x.grantee = 0 or r.rolname ~ '^pgdispatch_')
group by acl.kind, acl.name, r.rolname
union all
select 'row', 'setting ' || s.name, concat_ws(
        ' ', '(default ' || (to_jsonb(s) ->> 'default_value') || ')', s.description
    )
from pgdispatch.setting as s
union all
select 'row', 'job_type ' || t.name, ''
from pgdispatch.job_type as t
where to_jsonb(t) -> 'is_built_in' is distinct from 'false'  -- a former version has no such column
union all
select 'row', 'site ' || name, '' from pgdispatch.site where name = 'default'
union all
select 'row', 'watch', '' from pgdispatch.watch
order by 1, 2
