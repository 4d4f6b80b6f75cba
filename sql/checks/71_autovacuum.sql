/* Tables of ours that nobody vacuums. */
select
    format('autovacuum is off for %s', c.relname) as problem,
    format('its options: %s', array_to_string(c.reloptions, ', ')) as evidence,
    format('alter table pgdispatch.%I reset (autovacuum_enabled)', c.relname) as advice
from pg_class as c
where c.relnamespace = 'pgdispatch'::regnamespace
    and c.relkind in ('r', 'p')
    and exists (
        select
        from pg_options_to_table(c.reloptions) as o
        where o.option_name = 'autovacuum_enabled'
            and not o.option_value::boolean
    )
union all
select
    format('%s is off', name),
    format('set in %s', coalesce(sourcefile, source)),
    format('alter system set %I = on; select pg_reload_conf()', name)
from pg_settings
where name in ('autovacuum', 'track_counts')
    and setting = 'off'
