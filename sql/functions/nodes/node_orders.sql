/* What a node's supervisor has to see to: its running jobs, and which to stop or to kill. */
create or replace function pgdispatch.node_orders(p_node text)
returns table (
    job bigint,
    attempt integer,
    backgrounder text,
    stop text,
    is_kill boolean
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        j.id,
        j.attempt,
        j.backgrounder,
        case
            when j.cancel_requested_at is not null then 'cancelled'
            when j.started_at + j.timeout < clock.now then 'timed out'
        end,
        coalesce(
            j.cancel_requested_at + pgdispatch.seconds('cancel_grace_seconds') < clock.now, false
        ) or coalesce(
            j.started_at + j.timeout + pgdispatch.seconds('overrun_grace_seconds') < clock.now,
            false
        )
    from pgdispatch.job as j
    cross join (select pgdispatch.now() as now) as clock
    where j.state = 'running'
        and j.node = p_node
$$;

comment on function pgdispatch.node_orders(text) is
'The running jobs of a node as the database sees them, by the server''s clock; stop says why one '
'has to be asked to stop (cancelled, timed out), is_kill that its grace is over. An attempt not '
'listed is not its own. For nodes of former versions, and for people.';
