/*
 * Pauses have been set or ended, or their time is over: puts down in the table due which hold now,
 * before the claim looks for a job. What was parked at one that has ended is met in the order, as
 * jobs that become due.
 * Whoever parks at a pause has its lock, shared; with the lock, all who have parked are seen here.
 * A pause that is set needs none. If somebody holds the lock for long, the pause goes on, and each
 * later claim looks again.
 * The verdict is null: nothing has changed; again: the caller shall commit and ask again;
 * contended: a rival has one of the gates.
 * Locks: the caller holds the lock 'due'; the gates of the pauses that have ended, ascending by
 * hash, trying if gates are held. Rows of deferral, skipping what others hold.
 */
create or replace function pgdispatch.apply_pauses(p_now timestamptz, p_held text[])
returns text
language plpgsql
as $$
declare
    v_waits constant boolean := p_held = '{}';
    v_before constant pgdispatch.due := pgdispatch.last_due();
    v_due pgdispatch.due := v_before;
    v_is_contended boolean := false;
    v_is_locked boolean := false;
    v_gate text;
begin
    for v_gate in
        select gate
        from pgdispatch.deferral
        where refill_at <= p_now
            and pgdispatch.gate_kind(gate) = 'pause'
        group by gate
        order by hashtext(gate)
    loop
        delete from pgdispatch.deferral
        where ctid = any (array(
            select ctid
            from pgdispatch.deferral
            where gate = v_gate
                and refill_at <= p_now
            for update skip locked
        ));
        if v_gate = any (pgdispatch.pauses_at(p_now)) then  -- after that, or one would be missed
            v_due.gates := array_remove(v_due.gates, v_gate);
            v_due.paused := array_append(array_remove(v_due.paused, v_gate), v_gate);
        elsif not pgdispatch.lock_gates(array[v_gate], v_waits) then
            insert into pgdispatch.deferral (gate, refill_at) values (v_gate, '-infinity');
            v_is_contended := v_is_contended or not v_waits;
        else
            v_is_locked := true;
            v_due.paused := array_remove(v_due.paused, v_gate);
            if exists (select from pgdispatch.job where state = 'parked' and gate = v_gate) then
                v_due.gates := array_append(array_remove(v_due.gates, v_gate), v_gate);
            end if;
        end if;
    end loop;
    if not v_due.gates <@ v_before.gates then
        v_due := pgdispatch.lower_floor(v_due);
    end if;
    if v_due is distinct from v_before then
        perform pgdispatch.append_due(v_due);
        return 'again';
    end if;
    return case
        when v_is_locked then 'again'  -- with its locks it may wait for no other
        when v_is_contended then 'contended'
    end;
end
$$;

comment on function pgdispatch.apply_pauses(timestamptz, text[]) is
'Lets pauses that were set or ended take effect, before a claim looks for a job; p_held names the '
'gates whose locks this transaction holds. Null: go on; again or contended: commit and ask again.';
