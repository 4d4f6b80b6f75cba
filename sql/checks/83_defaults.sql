/*
 * Defaults of the server, of this database or of those who work with it, that refuse or end what
 * they do. Nodes and the command set what they rely on; applications and psql get these.
 */
with setting as (
    select
        d.setrole,
        d.setdatabase,
        split_part(c, '=', 1) as name,
        substr(c, strpos(c, '=') + 1) as value
    from pg_db_role_setting as d
    cross join lateral unnest(d.setconfig) as c
    where d.setdatabase = 0
        or d.setdatabase = (select oid from pg_database where datname = current_database())
),
given as (
    select
        case
            when s.setrole = 0 then format('database %I', current_database())
            when s.setdatabase = 0 then format('role %I', r.rolname)
            else format('role %I in database %I', r.rolname, current_database())
        end as place,
        s.name,
        s.value
    from setting as s
    left join pg_roles as r on r.oid = s.setrole
    where s.setrole = 0
        or has_schema_privilege(s.setrole, 'pgdispatch', 'usage')
    union all
    select
        null,
        p.name,
        p.reset_val
    from pg_settings as p
    where not exists (  -- else that is where this session has it from
        select
        from setting as s
        where s.name = p.name
            and s.setrole in (0, (select oid from pg_roles where rolname = session_user))
    )
),
judged as (
    select
        g.*,
        case
            when g.name = 'default_transaction_isolation' and lower(g.value) <> 'read committed'
                then 'who adds jobs, sites or types is refused (JD008)'
            when g.name = 'default_transaction_read_only'
                and lower(g.value) in ('on', 'true', 'yes', '1', 't', 'y')
                then 'who adds a job or changes anything is refused'
            when g.name in (
                'statement_timeout', 'lock_timeout', 'transaction_timeout',
                'idle_in_transaction_session_timeout'
            )
                and g.value ~ '^ *[0-9.]+ *(us|ms|s|min|h|d)? *$'
                and extract(
                    epoch from case
                        when g.value ~ '[a-z]' then g.value
                        else g.value || ' ms'
                    end::interval
                ) between 0.000001 and 0.999999
                then 'under a second: inserts and changes are broken off'
        end as means
    from given as g
)
select
    format('%s is %s for %s', name, value, coalesce(place, 'the server')) as problem,
    means as evidence,
    case
        when place is null
            then format('alter system reset %I; select pg_reload_conf(); or what sets it', name)
        else format('alter %s reset %I', place, name)
    end as advice
from judged
where means is not null
order by place nulls first, name
