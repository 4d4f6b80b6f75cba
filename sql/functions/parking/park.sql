/*
 * Parks a job at its first full gate and passes the baton: at each other gate of it that has room
 * the best parked job is woken, since this one will not use the room. Without the baton a job with
 * two gates that was woken by one and parked at the other left the first with room and nobody to
 * take it.
 *
 * The naive baton wakes anybody: twenty thousand jobs of one datasource, whose site is full, then
 * hand it on from one to the next until all have moved from one gate to the other. So a job that
 * is parked at a gate stands in for those at its earlier gates that need the same full gate, and
 * they are left alone: its turn is theirs. Who takes a stand-in away wakes them (cancel,
 * set_priority). Towards later gates anybody is woken, so each job moves there once at most.
 *
 * The occupants of every full gate are told, not only of the first: the job may have been the one
 * woken at a later gate, and whoever is parked there now waits for its occupants.
 *
 * Locks: the caller holds the job's row and the locks of all its gates.
 * False, with the job left ready: the gate has room after all, or an occupant could not be told.
 */
create or replace function pgdispatch.park(
    p_job pgdispatch.job,
    p_gates text[],
    p_full text[]
)
returns boolean
language plpgsql
as $$
declare
    v_site constant text := pgdispatch.site_gate(p_job.site);
    v_gate text;
    v_is_parked boolean := true;
    v_met text;
begin
    if v_site = any (p_full) then
        v_met := pgdispatch.apply_over_budget(p_job, v_site = p_full[1]);
    end if;
    if v_met in ('cancelled', 'put off') then
        return true;
    end if;
    foreach v_gate in array p_full loop
        v_is_parked := v_is_parked and (
            (v_gate = v_site and v_met is not null)
            or pgdispatch.mark_occupants(p_job, v_gate)
        );
    end loop;
    if v_is_parked then
        perform pgdispatch.park_at(p_full[1], array[p_job.id]);
    end if;
    foreach v_gate in array p_gates loop
        continue when v_gate = any (p_full);
        if pgdispatch.gate_kind(v_gate) collate "C" > pgdispatch.gate_kind(p_full[1]) then
            perform pgdispatch.unpark(v_gate);
        else
            perform pgdispatch.pass_baton(v_gate, p_job, p_full[1]);
        end if;
    end loop;
    return v_is_parked;
end
$$;

comment on function pgdispatch.park(pgdispatch.job, text[], text[]) is
'Parks a job at the first of its full gates and wakes the best job that can use the room at each '
'other gate; false if the job could not be parked and stays ready.';
