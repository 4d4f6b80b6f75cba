/*
 * The baton to an earlier gate of a job that has just been parked at a full one: turns the best
 * job parked there to ready that can use the room, which is one that does not need the full gate.
 * Those that need it have a stand-in parked there. Where some node does not take every type, each
 * type needs a stand-in of its own.
 * Locks: those rows, skipping what others hold.
 */
create or replace function pgdispatch.pass_baton(
    p_gate text,
    p_job pgdispatch.job,
    p_full text
)
returns void
language plpgsql
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set jit = off
as $$
declare
    v_is_limited constant boolean := pgdispatch.is_any_node_limited();
    v_type text;
    v_has_stand_in boolean;
begin
    for v_type in
        select name from pgdispatch.job_type where v_is_limited
        union all
        select null where not v_is_limited
    loop
        v_has_stand_in := v_type is null or v_type = p_job.type or exists (
            select
            from pgdispatch.job
            where state = 'parked'
                and gate = p_full
                and type = v_type
                and case
                    when p_gate like 'schedule/%' then schedule = p_job.schedule
                    else site = p_job.site and datasource = p_job.datasource
                end
        );
        continue when v_has_stand_in and p_gate like 'datasource/%' and p_full like 'site/%';
        update pgdispatch.job
        set state = 'ready',
            generation = pgdispatch.current_generation(),
            gate = null
        where id = (
            select id
            from pgdispatch.job
            where state = 'parked'
                and gate = p_gate
                and (v_type is null or type = v_type)
                and (
                    not v_has_stand_in
                    or case
                        when p_full like 'site/%' then site <> p_job.site
                        else schedule is distinct from p_job.schedule
                    end
                )
            order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id
            limit 1
            for update skip locked
        );
    end loop;
end
$$;

comment on function pgdispatch.pass_baton(text, pgdispatch.job, text) is
'Makes the best job ready that is parked at the first gate and can use its room although the '
'second gate, of the given job, is full.';
