/*
 * The last resort against a stall: wakes a parked job that nobody woke although its gate has
 * room. That is so only if the best job parked at a gate with room comes before every ready job:
 * else one that was woken for this gate may be among those.
 * It happens when the only job parked at a gate was row-locked by an open transaction at the
 * moment of release: a release never waits for a person.
 * Locks: each gate in turn, trying only, until the transaction ends.
 */
create or replace function pgdispatch.sweep()
returns integer
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set jit = off
as $$
declare
    v_job pgdispatch.job;
    v_gate text := '';
    v_count integer := 0;
begin
    loop
        select *
        into v_job
        from pgdispatch.job
        where state = 'parked'
            and gate > v_gate
        order by gate, precedence, priority, queued_at, type_rank, tie_first, tie_second, id
        limit 1;
        exit when not found;
        v_gate := v_job.gate;
        continue when not pgdispatch.lock_gates(array[v_gate], false)
            or v_gate = any (pgdispatch.full_gates(v_job, pgdispatch.gates(v_job)))
            or pgdispatch.is_ready_before(v_job)
            or not pgdispatch.unpark(v_gate);
        insert into pgdispatch.swept_job (job, gate, swept_at)
        values (v_job.id, v_gate, pgdispatch.now());
        v_count := v_count + 1;
    end loop;
    if v_count > 0 then
        perform pgdispatch.wake_idle();
    end if;
    return v_count;
end
$$;

comment on function pgdispatch.sweep() is
'Wakes parked jobs that were left behind at a gate with room, notes them in swept_job and returns '
'how many: 0 on a healthy system.';
