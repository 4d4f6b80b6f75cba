/*
 * What a node's supervisor has to see to, in spans: it measures them by a clock of its own that
 * never jumps. Older supervisors ask node_orders, which goes by the server's clock.
 */
create or replace function pgdispatch.node_attempts(p_node text)
returns table (
    job bigint,
    attempt integer,
    is_cancelled boolean,
    timeout double precision,
    cancel_grace double precision,
    overrun_grace double precision,
    is_drained boolean,
    drain_ends_at timestamptz,
    drain_left double precision
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        j.id,
        j.attempt,
        j.cancel_requested_at is not null,
        extract(epoch from j.timeout)::double precision,
        extract(epoch from grace.cancelled)::double precision,
        extract(epoch from grace.overrun)::double precision,
        coalesce(n.is_drained, false),
        n.drain_ends_at,
        extract(epoch from n.drain_ends_at - pgdispatch.now())::double precision
    from pgdispatch.job as j
    left join pgdispatch.node as n on n.name = j.node
    cross join (
        select
            pgdispatch.seconds('cancel_grace_seconds') as cancelled,
            pgdispatch.seconds('overrun_grace_seconds') as overrun
    ) as grace
    where j.state = 'running'
        and j.node = p_node
$$;

comment on function pgdispatch.node_attempts(text) is
'The running jobs of a node as the database sees them: whether one is to be cancelled, how many '
'seconds it may run (null: no limit), and how long after it was asked to stop for either reason it '
'is to be killed; whether the node is drained, by when, if nothing is to run there any more then, '
'and how many seconds are left of that. For a supervisor that measures spans itself, so that a '
'clock that jumps neither ends a job nor lets one run on. Takes no lock.';
