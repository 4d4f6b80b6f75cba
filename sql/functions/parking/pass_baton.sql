/*
 * The baton to an earlier gate of a job that has just been parked at a full one: turns the best
 * job parked there to ready that can use the room. Those that need the full gate, too, cannot, and
 * have a stand-in parked there, which is this job:
 *
 *   earlier gate   full gate   the best one is woken of
 *   datasource     schedule    all but those of the schedule
 *   datasource     site        none: all there are of the site
 *   schedule       site        all but those of the site
 *
 * Where some node does not take every type, this goes for each type by itself: the best one of it,
 * and it needs a stand-in of its own. Without one the best of all is woken: that may become it.
 *
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
                and case pgdispatch.gate_kind(p_gate)
                    when 'schedule' then schedule = p_job.schedule
                    else site = p_job.site and datasource = p_job.datasource
                end
        );
        if not v_has_stand_in then
            perform pgdispatch.unpark_best(p_gate, v_type);
        elsif pgdispatch.gate_kind(p_full) = 'schedule' then
            perform pgdispatch.unpark_best(p_gate, v_type, p_but_schedule => p_job.schedule);
        elsif pgdispatch.gate_kind(p_gate) = 'schedule' then
            perform pgdispatch.unpark_best(p_gate, v_type, p_but_site => p_job.site);
        end if;
    end loop;
end
$$;

comment on function pgdispatch.pass_baton(text, pgdispatch.job, text) is
'Makes the best job ready that is parked at the first gate and can use its room although the '
'second gate, of the given job, is full.';
