/*
 * Notes that somebody looks for lost nodes, and says whether that has gone on for a whole lease,
 * by one run of the server: the start of a standby that takes over is long ago.
 * A break is short enough that a heartbeat due at its start, and late by as much, is still in time:
 * the lease has 8 s or more, and a heartbeat comes every 1.8 s at most.
 * A last look that lies in the future says that the clock went back: the watch begins afresh.
 * Locks: the one row of watch, skipping if another holds it; then the answer is no. Then as
 * set_back_times.
 */
create or replace function pgdispatch.is_watched(p_lease interval)
returns boolean
language plpgsql
as $$
declare
    v_watch pgdispatch.watch;
    v_now timestamptz;
begin
    select * into v_watch from pgdispatch.watch for update skip locked;
    if not found then
        return false;
    end if;
    v_now := pgdispatch.now();  -- not before the lock: a rival's look would lie in the future
    if v_watch.observed_at not between v_now - greatest(p_lease / 2, interval '4 s') and v_now
        or v_watch.since > v_now
        or v_watch.server_started_at is distinct from pg_postmaster_start_time() then
        v_watch.since := v_now;
    end if;
    update pgdispatch.watch
    set since = v_watch.since,
        observed_at = v_now,
        server_started_at = pg_postmaster_start_time();
    if v_watch.observed_at > v_now + interval '1 minute' then
        perform pgdispatch.set_back_times();
    end if;
    return v_watch.since <= v_now - p_lease;
end
$$;

comment on function pgdispatch.is_watched(interval) is
'Notes a look for lost nodes; true if there has been no break in them for a whole lease, nor a '
'restart of the server, nor has its clock gone back.';
