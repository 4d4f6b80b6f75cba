/*
 * Trigger: a node takes other types than before, or takes jobs again. Where types are limited, it
 * wakes one job of each type at every gate: what a release has to wake has changed.
 * Locks: rows, skipping what others hold. Waking is harmless, so no gate's lock is needed. The
 * trigger is deferred: jobs it wakes are not held while a person thinks.
 */
create or replace function pgdispatch.apply_node_types()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set jit = off
as $$
declare
    v_gate text := '';
begin
    if pgdispatch.is_any_node_limited() then
        loop
            select gate
            into v_gate
            from pgdispatch.job
            where state = 'parked'
                and gate > v_gate
            order by gate
            limit 1;
            exit when not found;
            perform pgdispatch.unpark(v_gate);
        end loop;
    end if;
    perform pg_notify('pgdispatch', 'node:' || new.name);
    perform pgdispatch.notify_idle_nodes();
    return null;
end
$$;

comment on function pgdispatch.apply_node_types() is
'Trigger: lets a change of what a node takes reach the waiting jobs and its supervisor at once.';

do $$
begin
    if not exists (
        select
        from pg_trigger
        where tgrelid = 'pgdispatch.node'::regclass
            and tgname = 'apply_node_types'
    ) then
        create constraint trigger apply_node_types
        after update on pgdispatch.node
        deferrable initially deferred
        for each row
        when (
            old.types is distinct from new.types
            or old.is_drained is distinct from new.is_drained
            or (old.heartbeat_at is null and new.heartbeat_at is not null)
        )
        execute function pgdispatch.apply_node_types();
    end if;
end $$;

comment on trigger apply_node_types on pgdispatch.node is
'Applies a change of what the node takes, at commit.';
