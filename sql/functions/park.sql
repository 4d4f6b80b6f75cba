/*
 * Parks a job at its first full gate and passes the baton: at every other gate of it that is not
 * full, the best parked job is woken, since this one will not use the room. Without the baton a
 * job with two gates that was woken by one and parked at the other left the first with room and
 * nobody to take it.
 * Locks: the caller holds the job's row and the locks of all its gates.
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
    v_gate text;
begin
    if not pgdispatch.mark_occupants(p_job, p_full[1]) then
        return false;
    end if;
    update pgdispatch.job
    set state = 'parked',
        gate = p_full[1],
        promoted_at = case when p_full[1] like 'site/%' then null else promoted_at end,
        waited_for = case
            when p_full[1] = any (waited_for) then waited_for
            else waited_for || p_full[1]
        end
    where id = p_job.id;
    foreach v_gate in array p_gates loop
        if not v_gate = any (p_full) then
            perform pgdispatch.unpark(v_gate);
        end if;
    end loop;
    return true;
end
$$;

comment on function pgdispatch.park(pgdispatch.job, text[], text[]) is
'Parks a job at the first of its full gates and wakes the best job at each gate with room; '
'false, with nothing changed, if the caller has to ask again.';
