/*
 * Unparks the best jobs parked at a site, as many as may go at once, see unpark_sites; returns how
 * many.
 * Locks: the caller holds the lock 'due' and that of the site's gate; those rows, skipping what
 * others hold.
 */
create or replace function pgdispatch.unpark_at_site(p_site text)
returns integer
language plpgsql
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set jit = off
as $$
declare
    v_gate constant text := pgdispatch.site_gate(p_site);
    v_most integer;
    v_jobs bigint[];
begin
    select case when seconds_limit is not null then 1 else greatest(least(running_limit, 16), 1) end
    into v_most
    from pgdispatch.site
    where name = p_site
        and (seconds_limit is not null or running_limit is not null);
    if not found then
        v_jobs := array(
            select id
            from pgdispatch.job
            where state = 'parked'
                and gate = v_gate
            order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id
            limit 64
        );
        perform pgdispatch.make_ready(v_jobs, null);
        return cardinality(v_jobs);
    end if;
    for v_woken in 1..v_most loop
        if not pgdispatch.unpark(v_gate) then
            return v_woken;
        end if;
    end loop;
    return v_most;
end
$$;

comment on function pgdispatch.unpark_at_site(text) is
'Unparks the best jobs parked at a site, as many as may go at once; returns how many.';
