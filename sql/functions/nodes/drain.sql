/*
 * Lets a node take no new jobs, and be empty by a time: its supervisor asks what still runs there
 * to stop some seconds before, kills what does not, and gives it back to the queue without a
 * failure. The last call counts: it sets another time, or none.
 * With a time it is for machines that are about to go. Then it ends when that supervisor stops, or
 * when one starts after the time, so that the next machine of that name takes jobs.
 * Locks: the node's row.
 */
create or replace function pgdispatch.drain(
    p_node text,
    p_within interval default null,
    p_reason text default null,
    p_by text default session_user
)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_by constant text := coalesce(current_setting('pgdispatch.by', true), '');
    v_reason constant text := coalesce(current_setting('pgdispatch.reason', true), '');
begin
    if p_within not between interval '0' and interval '30 days' then
        perform pgdispatch.refuse(
            format('a node cannot drain within %s', p_within),
            'give a span from 0 to 30 days, or none: then what runs there goes on'
        );
    end if;
    perform set_config('pgdispatch.by', coalesce(nullif(p_by, session_user), v_by), true);
    perform set_config('pgdispatch.reason', coalesce(nullif(p_reason, ''), v_reason), true);
    update pgdispatch.node
    set is_drained = true,
        drain_ends_at = pgdispatch.now() + p_within
    where name = p_node;
    if not found then
        perform pgdispatch.find_thing('node', p_node, 'drain');
    end if;
    perform set_config('pgdispatch.by', v_by, true);
    perform set_config('pgdispatch.reason', v_reason, true);
    perform pg_notify('pgdispatch', 'node:' || p_node);
    return (
        select count(*)
        from pgdispatch.job
        where state = 'running'
            and node = p_node
    );
end
$$;

comment on function pgdispatch.drain(text, interval, text, text) is
'Lets a node take no new jobs; returns how many run there. They go on; with p_within, until about '
'5 seconds before that is over: then they are asked to stop, those that do not are killed, and go '
'back to the queue without a failure. By the server''s clock. A node that is drained already gets '
'the time given now, or none. Resume it by setting is_drained to false. With p_within it also ends '
'when the supervisor of the node stops, or when one starts after that time. Locks the node. JD001: '
'a span below 0 or above 30 days; JD002: unknown.';
