/*
 * A job with one gate has just been parked there: parks the jobs right behind it that have the same
 * one gate along with it, up to 500. Each of them would be met, locked and parked by itself.
 * With one gate there is no baton to pass.
 * Locks: the caller holds the lock of the gate; those rows, skipping what others hold.
 */
create or replace function pgdispatch.park_those_behind(
    p_ready refcursor,
    p_gate text
)
returns integer
language plpgsql
as $$
declare
    v_next record;
    v_jobs bigint[] := '{}';
begin
    loop
        fetch p_ready into v_next;
        exit when not found
            or v_next.gates <> array[p_gate]
            or cardinality(v_jobs) = 500;
        v_jobs := v_jobs || v_next.id;
    end loop;
    if v_jobs <> '{}' then
        perform pgdispatch.park_at(p_gate, v_jobs);
    end if;
    return cardinality(v_jobs);
end
$$;

comment on function pgdispatch.park_those_behind(refcursor, text) is
'Parks the jobs next in a cursor that have the very gate at which a job has been parked; returns '
'how many it met.';
