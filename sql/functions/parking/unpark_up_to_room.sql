/*
 * Unparks as many jobs parked at a gate as it has room for, and one at least: who finds it full is
 * parked again, and its occupants are told then. At a gate that is no more all are unparked: the
 * best five hundred at each call, so that no call takes long. As the best come first, and each
 * claim calls this before it looks for a job, none is overtaken meanwhile.
 * Locks: the caller holds the gate's; rows, skipping what others hold.
 * True: there are more to be unparked.
 */
create or replace function pgdispatch.unpark_up_to_room(p_gate text)
returns boolean
language plpgsql
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set jit = off
as $$
declare
    v_name constant text := pgdispatch.gate_owner(p_gate);
    v_room bigint;
    v_jobs bigint[];
begin
    case pgdispatch.gate_kind(p_gate)
        when 'pause' then
            return false;  -- whoever ends the pause does so: apply_pauses
        when 'datasource' then
            v_room := 1;
        when 'schedule' then
            select 1
            into v_room
            from pgdispatch.schedule
            where name = v_name
                and execution = 'serial';
        else
            select case
                when running_limit is not null then greatest(1, running_limit - (
                    select count(*)
                    from pgdispatch.job
                    where state = 'running'
                        and site = v_name
                ))
                when seconds_limit is not null then 1  -- each admits the next: admit_next_of_site
            end
            into v_room
            from pgdispatch.site
            where name = v_name;
    end case;
    if v_room is null then
        v_jobs := array(
            select id
            from pgdispatch.job
            where state = 'parked'
                and gate = p_gate
            order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id
            limit 500
            for update skip locked
        );
        perform pgdispatch.make_ready(v_jobs, null);
    else
        for v_woken in 1..least(v_room, 64) loop
            exit when not pgdispatch.unpark(p_gate);
        end loop;
    end if;
    perform pgdispatch.notify_idle_nodes();
    return (v_room is null or v_room > 64) and exists (
        select from pgdispatch.job where state = 'parked' and gate = p_gate
    );
end
$$;

comment on function pgdispatch.unpark_up_to_room(text) is
'Unparks the best jobs parked at a gate, as many as have room; true: there are more.';
