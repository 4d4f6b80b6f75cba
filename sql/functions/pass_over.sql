/*
 * A ready job has a gate whose lock somebody holds who goes on and on: whether it may start nobody
 * can know. It is parked there, and with it those right behind it that have that one gate, so that
 * they cost later claims nothing; each other gate of it passes the baton, as in park. Returns how
 * many it met; 0 if a rival has the job.
 *
 * Nobody will wake it but for the notice: so that comes first.
 *
 * Locks: as notice_gate; the jobs' rows, skipping those that others hold. It needs no gate's lock.
 */
create or replace function pgdispatch.pass_over(
    p_ready refcursor,
    p_job bigint,
    p_gates text[],
    p_held text[]
)
returns integer
language plpgsql
as $$
declare
    v_job pgdispatch.job;
    v_gate text;
    v_at text;
begin
    foreach v_gate in array p_gates loop
        if v_at is null and v_gate = any (p_held) then
            v_at := v_gate;
        end if;
    end loop;
    perform pgdispatch.notice_gate(v_at);
    update pgdispatch.job
    set state = 'parked',
        gate = v_at,
        promoted_at = case when v_at like 'site/%' then null else promoted_at end,
        parked_gates = case
            when v_at = any (parked_gates) then parked_gates
            else parked_gates || v_at
        end
    where id = (
        select id from pgdispatch.job where id = p_job and state = 'ready' for update skip locked
    )
    returning * into v_job;
    if v_job.id is null then
        return 0;
    end if;
    foreach v_gate in array p_gates loop
        continue when v_gate = any (p_held);
        if v_gate collate "C" > v_at then
            perform pgdispatch.unpark(v_gate);
        else
            perform pgdispatch.unpark_other(v_gate, v_job, v_at);
        end if;
    end loop;
    if cardinality(p_gates) = 1 then
        return 1 + pgdispatch.park_run(p_ready, v_at);
    end if;
    return 1;
end
$$;

comment on function pgdispatch.pass_over(refcursor, bigint, text[], text[]) is
'Parks a ready job at the first of its gates that somebody holds for long, with those right behind '
'it that have its one gate; returns how many it met.';
