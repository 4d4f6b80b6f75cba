/*
 * The last resort against a stall: wakes a parked job that nobody woke although its gates have
 * room. That is so only if the best job parked at a gate comes before every ready job that a node
 * takes: else one that was woken for this gate may be among those.
 * It happens when the only job parked at a gate was row-locked by an open transaction at the
 * moment of release: a release never waits for a person.
 * Locks: all gates of each job that it suspects, trying only, until the transaction ends, and those
 * of all pauses, as whoever parks there wakes another in its stead. With less than all, one could
 * be taken between two of the looks. Who waits for a refill that is due, or
 * at a gate of the table due or with a notice, the next claim wakes.
 * A job parked at a pause that holds no more is woken, too: sweep_pause.
 * It tends the generations, too, for when few claims do, and sequences that are behind, and sees
 * to it that no delayed job is forgotten whose time the table due has passed.
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
    v_paused text[];
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
        if pgdispatch.gate_kind(v_gate) = 'pause' then
            v_count := v_count + pgdispatch.sweep_pause(v_gate, v_job.id);
            continue;
        end if;
        v_paused := (pgdispatch.last_due()).paused;
        continue when pgdispatch.full_gates(v_job, pgdispatch.gates_of(v_job)) <> '{}'
            or not pgdispatch.lock_gates(
                pgdispatch.gates_of(v_job) || coalesce(v_paused, '{}'), false
            );
        -- a rival may have woken, started and ended it before the locks were got
        continue when not exists (
            select from pgdispatch.job where id = v_job.id and state = 'parked' and gate = v_gate
        )
            or pgdispatch.full_gates(v_job, pgdispatch.gates_of(v_job)) <> '{}'
            or (pgdispatch.last_due()).paused is distinct from v_paused
            or pgdispatch.is_ready_before(v_job)
            or exists (
                select
                from pgdispatch.gate_notice
                where gate = any (pgdispatch.gates_of(v_job) || v_gate)
            )
            or exists (
                select
                from pgdispatch.deferral
                where gate = pgdispatch.site_gate(v_job.site)
                    and refill_at <= pgdispatch.now()
            )
            or v_gate = any ((pgdispatch.last_due()).gates)
            or not pgdispatch.unpark(v_gate);
        insert into pgdispatch.swept_job (job, gate, swept_at)
        values (v_job.id, v_gate, pgdispatch.now());
        v_count := v_count + 1;
    end loop;
    perform pgdispatch.catch_up_sequences(false);
    perform pgdispatch.check_due();
    if v_count > 0 then
        perform pgdispatch.notify_idle_nodes();
    end if;
    return v_count;
end
$$;

comment on function pgdispatch.sweep() is
'Wakes parked jobs that were left behind at a gate with room, notes them in swept_job and returns '
'how many: 0 on a healthy system. Puts sequences forward that are behind their tables, too. Passes '
'over gates whose locks are held. Supervisors call it every 2 seconds. JD008.';
