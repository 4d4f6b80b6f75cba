/*
 * Turns the best job parked at a gate to ready: of one type, of another site, or of another
 * schedule, where these are given.
 * With a type it is found by an index of its own, without a look at what is parked before it.
 * Locks: that row, skipping what others hold.
 */
create or replace function pgdispatch.unpark_best(
    p_gate text,
    p_type text default null,
    p_but_site text default null,
    p_but_schedule text default null
)
returns boolean
language plpgsql
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set jit = off
as $$
begin
    update pgdispatch.job
    set state = 'ready'
    where id = case
        when p_type is null then (
            select id
            from pgdispatch.job
            where state = 'parked'
                and gate = p_gate
                and (p_but_site is null or site <> p_but_site)
                and (p_but_schedule is null or schedule is distinct from p_but_schedule)
            order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id
            limit 1
            for update skip locked
        )
        else (
            select id
            from pgdispatch.job
            where state = 'parked'
                and gate = p_gate
                and type = p_type
                and (p_but_site is null or site <> p_but_site)
                and (p_but_schedule is null or schedule is distinct from p_but_schedule)
            order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id
            limit 1
            for update skip locked
        )
    end;
    return found;
end
$$;

comment on function pgdispatch.unpark_best(text, text, text, text) is
'Makes the best job ready that is parked at a gate, of this type, another site and another '
'schedule, where given; false if there is none.';
