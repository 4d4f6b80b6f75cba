/*
 * A supervisor takes a node's name for itself. What a former one left running is lost.
 * p_gone is the incarnation of a former one whose process the caller has seen to be no more: its
 * name is free at once, and its jobs go back in this transaction.
 * A drain that was to be over ends with that: the machine that was to go has gone, or stayed.
 * p_backgrounders counts for a node that is new: from then on the number is the administrators'.
 * Locks: the node's row, its processes, then as declare_lost; then as apply_node_types.
 * Rivals: of two supervisors with one name, the second is refused while the first is alive. A name
 * that is forgotten meanwhile is made anew.
 */
create or replace function pgdispatch.register_node(
    p_node text,
    p_incarnation uuid,
    p_backgrounders integer default null,
    p_types text[] default null,
    p_processors integer default null,
    p_host text default null,
    p_pid integer default null,
    p_package_version text default null,
    p_process text default null,
    p_gone uuid default null
)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_node pgdispatch.node;
    v_unknown text;
    v_is_new boolean;
begin
    if p_node is null or p_node !~ '^[[:alnum:]][[:alnum:]._-]{0,62}$' then
        perform pgdispatch.refuse(
            format('%L is not a name for a node', left(p_node, 80)),
            'use up to 63 letters, digits, dots, underscores and hyphens'
        );
    end if;
    select t into v_unknown from unnest(p_types) as t
    where not exists (select from pgdispatch.job_type where name = t) limit 1;
    if v_unknown is not null then
        perform pgdispatch.refuse_unknown(v_unknown, 'default', null);
    end if;
    loop
        insert into pgdispatch.node (name, started_at)  -- so it is not taken for a person's doing
        values (p_node, pgdispatch.now())
        on conflict (name) do nothing;
        v_is_new := found;
        select * into v_node from pgdispatch.node where name = p_node for update;
        exit when found;
    end loop;
    if v_node.incarnation <> p_incarnation
        and v_node.incarnation is distinct from p_gone
        and v_node.heartbeat_at > pgdispatch.now() - pgdispatch.seconds('lease_seconds') then
        raise exception using
            errcode = 'JD007',
            message = format('node %s already has a live supervisor', p_node),
            detail = format('process %s on %s, last heard of at %s',
                v_node.pid, v_node.host, v_node.heartbeat_at),
            hint = format('stop it, choose another name, or wait until its lease of %s is over',
                pgdispatch.seconds('lease_seconds'));
    end if;
    if v_node.incarnation is distinct from p_incarnation then
        delete from pgdispatch.backgrounder where node = p_node;
        delete from pgdispatch.application_server where node = p_node;
        perform pgdispatch.declare_lost(p_node);
    end if;
    update pgdispatch.node
    set backgrounders = case when v_is_new then coalesce(p_backgrounders, 1) else backgrounders end,
        served_types = p_types,
        processors = p_processors,
        host = left(p_host, 255),
        pid = p_pid,
        package_version = left(p_package_version, 50),
        process = left(p_process, 500),
        is_drained = is_drained and (
            incarnation is not distinct from p_incarnation
            or coalesce(drain_ends_at, 'infinity') > pgdispatch.now()
        ),
        incarnation = p_incarnation,
        started_at = case
            when incarnation is distinct from p_incarnation then pgdispatch.now()
            else started_at
        end,
        heartbeat_at = pgdispatch.now(),
        stopped_at = null,
        is_idle = false
    where name = p_node;
end
$$;

comment on function pgdispatch.register_node(
    text, uuid, integer, text[], integer, text, integer, text, text, uuid
) is
'Takes a node''s name for one supervisor, known by its p_incarnation, which then has to send '
'heartbeats. Refused while another one under that name is alive (JD007), unless it is p_gone: the '
'incarnation of a supervisor whose process is no more, as the caller has seen for itself '
'(node_holder). Never name one that may be alive, on another machine, in a container or frozen: '
'two jobs could run with one datasource. Jobs of a former one go back to the queue as lost. '
'p_backgrounders: how many a new node shall run, at first 1; of a known one administrators set it. '
'p_types: the job types that it has handlers for, all that it ever claims; null: all. If they are '
'others than before, the best job of each type is woken at every gate. p_process: which process '
'the supervisor is, in words that tell it from all others. JD001: also for fewer processors than '
'backgrounders; JD008.';
