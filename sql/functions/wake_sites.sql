/*
 * Lets in the jobs that wait at the sites which are due: their budget is refilled, or their limits
 * have changed. A site with a budget gets one: each that starts wakes the next, see pass_on. One
 * with a limit gets as many as it may run, sixteen at once; one without gets 64. If that
 * is not all, the rest is met in the order, see the table due.
 * No more than 64 sites and some 128 jobs in one call. Null: no site was due; more: the caller
 * shall commit and ask again; again: a rival is at one of the gates.
 * Locks: the caller holds pg_advisory_xact_lock(1885824106, 0); the gates of those sites, ascending
 * by hash, trying without p_waits: nobody is parking there by former limits then; rows, skipping
 * what others hold.
 */
create or replace function pgdispatch.wake_sites(p_now timestamptz, p_waits boolean)
returns text
language plpgsql
as $$
declare
    v_due pgdispatch.due := pgdispatch.last_due();
    v_name text;
    v_gate text;
    v_woken integer := 0;
    v_is_more boolean := false;
    v_said text;
begin
    for v_name in
        select f.site
        from (
            select site
            from pgdispatch.deferral
            where refill_at <= p_now
            order by refill_at
            limit 64
        ) as f
        group by f.site
        order by hashtext('site/' || f.site)
    loop
        v_gate := 'site/' || v_name;
        exit when v_woken >= 128;
        if not pgdispatch.lock_gates(array[v_gate], p_waits) then
            continue when p_waits;  -- it waits no longer for whoever holds it
            v_said := coalesce(v_said, 'again');
            exit;
        end if;
        delete from pgdispatch.deferral
        where ctid = any (array(
            select ctid
            from pgdispatch.deferral
            where site = v_name
                and refill_at <= p_now
            for update skip locked
        ));
        v_said := 'more';
        v_woken := v_woken + pgdispatch.let_in(v_name);
        if exists (select from pgdispatch.job where state = 'parked' and gate = v_gate)
            and not exists (
                select
                from pgdispatch.site
                where name = v_name
                    and (seconds_limit is not null or running_limit <= 16)
            ) then
            v_due.gates := array_append(array_remove(v_due.gates, v_gate), v_gate);
            v_is_more := true;
        end if;
    end loop;
    if v_is_more then
        perform pgdispatch.append_due(pgdispatch.lower_floor(v_due));
    end if;
    return v_said;
end
$$;

comment on function pgdispatch.wake_sites(timestamptz, boolean) is
'Lets in jobs of sites whose budget is refilled or whose limits have changed. Without p_waits it '
'gives up at the first gate that somebody else holds. null: no site was due; more or again: '
'commit and ask again.';
