/*
 * Forgets nodes that stopped node_keep_hours ago, or fell silent seven times as long ago, and that
 * nobody has configured, with their processes; their jobs and the history stay. Who fell silent may
 * have crashed: doctor tells of it until then, over a weekend too. None while the database itself
 * has not been up and watched for a whole lease: those that are silent may be about to speak.
 * Locks: the nodes' rows, skipping what others hold; those of their processes.
 */
create or replace function pgdispatch.forget_nodes()
returns integer
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_lease constant interval := pgdispatch.seconds('lease_seconds');
    v_keep constant interval := greatest(
        make_interval(hours => pgdispatch.setting('node_keep_hours')::integer), v_lease * 2
    );
    v_names text[];
begin
    if not pgdispatch.is_watched(v_lease) then
        return 0;
    end if;
    v_names := array(
        select name
        from pgdispatch.node
        where not is_configured
            and (not is_drained or drain_ends_at <= pgdispatch.now())
            and coalesce(stopped_at, heartbeat_at + 6 * v_keep) < pgdispatch.now() - v_keep
            and not exists (
                select from pgdispatch.job as j where j.state = 'running' and j.node = node.name
            )
        for update skip locked
    );
    delete from pgdispatch.backgrounder where node = any (v_names);
    delete from pgdispatch.application_server where node = any (v_names);
    update pgdispatch.node  -- so that it is not taken for a person's doing
    set stopped_at = '-infinity'
    where name = any (v_names);
    delete from pgdispatch.node where name = any (v_names);
    return cardinality(v_names);
end
$$;

comment on function pgdispatch.forget_nodes() is
'Forgets nodes that stopped node_keep_hours ago, or fell silent seven times as long ago, and that '
'nobody has configured; returns how many.';
