/*
 * A walk is about to begin anew, as it got the locks of a job's gates: takes those of the jobs
 * right behind, too, as far as they are to be had at once. Else it would begin anew for each.
 * Locks: as lock_gates, trying only.
 */
create or replace function pgdispatch.lock_ahead(
    p_ready refcursor,
    p_held text[],
    p_jobs integer
)
returns text[]
language plpgsql
as $$
declare
    v_held text[] := p_held;
    v_next record;
begin
    for v_place in 1..p_jobs loop
        fetch p_ready into v_next;
        exit when not found;
        if not v_next.gates <@ v_held
            and pgdispatch.gate_kind(v_next.gates[1]) <> 'pause'
            and pgdispatch.lock_gates(v_next.gates, false) then
            v_held := v_held || v_next.gates;
        end if;
    end loop;
    return v_held;
end
$$;

comment on function pgdispatch.lock_ahead(refcursor, text[], integer) is
'Locks the gates of so many jobs that come next in a cursor, where nobody holds them; returns '
'these gates, and those held before.';
