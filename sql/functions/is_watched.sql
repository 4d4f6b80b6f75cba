/*
 * Notes that somebody looks for lost nodes, and says whether that has gone on for a whole lease.
 * The start of the server is not enough: a standby that takes over has been up for long.
 * A break is short enough that a heartbeat due at its start, and late by as much, is still in time:
 * the lease has 8 s or more, and a heartbeat comes every 1.8 s at most.
 * Locks: the one row of watch, skipping if another holds it; then the answer is no.
 */
create or replace function pgdispatch.is_watched(p_now timestamptz, p_lease interval)
returns boolean
language plpgsql
as $$
declare
    v_watch pgdispatch.watch;
begin
    select * into v_watch from pgdispatch.watch for update skip locked;
    if not found then
        return false;
    end if;
    if v_watch.observed_at < p_now - greatest(p_lease / 2, interval '4 s') then
        v_watch.since := p_now;
    end if;
    update pgdispatch.watch
    set since = v_watch.since,
        observed_at = p_now;
    return p_now - greatest(v_watch.since, pg_postmaster_start_time()) >= p_lease;
end
$$;

comment on function pgdispatch.is_watched(timestamptz, interval) is
'Notes a look for lost nodes; true if there has been no break in them for a whole lease and the '
'server has been up for as long.';
