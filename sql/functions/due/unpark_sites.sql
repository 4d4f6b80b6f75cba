/*
 * Unparks the jobs that wait at the sites which are due: their budget is refilled, or their limits
 * have changed. A site with a budget gets one: each that starts wakes the next, see
 * admit_next_of_site. One with a limit gets as many as it may run, sixteen at once; one without
 * gets 64. If that is not all, the rest is met in the order, see the table due. No more than 64
 * sites and some 128 jobs in one call. The verdict is null: go on; again: it has done a part, and
 * the caller shall commit and ask again; contended: a rival is at one of the gates.
 * Locks: the caller holds the lock 'due'; the gates of those sites, ascending by hash, trying if
 * gates are held: nobody is parking there by former limits then. They are added to p_held. Rows,
 * skipping what others hold.
 */
create or replace function pgdispatch.unpark_sites(
    p_now timestamptz,
    inout p_held text[],
    out verdict text
)
language plpgsql
as $$
declare
    v_waits constant boolean := p_held = '{}';
    v_due pgdispatch.due := pgdispatch.last_due();
    v_is_part constant boolean := exists (
        select
        from pgdispatch.deferral
        where refill_at <= p_now
            and pgdispatch.gate_kind(gate) = 'site'
        offset 64
    );
    v_begun boolean := false;
    v_name text;
    v_gate text;
    v_sites integer := 0;
    v_woken integer := 0;
begin
    for v_gate in
        select f.gate
        from (
            select gate
            from pgdispatch.deferral
            where refill_at <= p_now
                and pgdispatch.gate_kind(gate) = 'site'
            order by refill_at
            limit 64
        ) as f
        group by f.gate
        order by hashtext(f.gate)
    loop
        v_name := pgdispatch.gate_owner(v_gate);
        if v_woken >= 128 then
            verdict := 'again';
            exit;
        elsif not pgdispatch.lock_gates(array[v_gate], v_waits) then
            continue when v_waits;  -- it waits no longer for whoever holds it
            verdict := 'contended';
            exit;
        end if;
        p_held := p_held || v_gate;
        v_sites := v_sites + 1;
        delete from pgdispatch.deferral
        where ctid = any (array(
            select ctid
            from pgdispatch.deferral
            where gate = v_gate
                and refill_at <= p_now
            for update skip locked
        ));
        v_woken := v_woken + pgdispatch.unpark_at_site(v_name);
        if exists (select from pgdispatch.job where state = 'parked' and gate = v_gate)
            and not exists (
                select
                from pgdispatch.site
                where name = v_name
                    and (seconds_limit is not null or running_limit <= 16)
            ) then
            v_due.gates := array_append(array_remove(v_due.gates, v_gate), v_gate);
            v_begun := true;
        end if;
    end loop;
    if v_begun then
        perform pgdispatch.append_due(pgdispatch.lower_floor(v_due));
    end if;
    if v_begun or v_sites > 0 and (v_is_part or verdict is not null) then
        verdict := 'again';
    end if;
end
$$;

comment on function pgdispatch.unpark_sites(timestamptz, text[]) is
'Unparks jobs of sites whose budget is refilled or whose limits have changed. p_held names the '
'gates whose locks this transaction holds, before and after. verdict null: go on; again or '
'contended: commit and ask again, again if something was done.';
