/*
 * Whether finding the first job of a generation takes long, for the dead entries before it: by the
 * clock, compared with a generation in which there is nothing. The best of three looks counts, as
 * any one may be interrupted, and on a busy machine all three: slow is what ten looks find slow.
 * Twenty-five microseconds are worth a new generation.
 */
create or replace function pgdispatch.is_head_slow(p_generation integer)
returns boolean
language plpgsql
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set jit = off
as $$
declare
    v_generation integer;
    v_began_at timestamptz;
    v_best interval[] := '{1 s, 1 s}';
    v_is_slow boolean;
begin
    for v_look in 1..10 loop
        for v_which in 1..2 loop
            v_generation := case v_which when 1 then -1 else p_generation end;
            v_began_at := clock_timestamp();
            perform
            from pgdispatch.job
            where state = 'ready'
                and generation = v_generation
            order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id
            limit 1;
            v_best[v_which] := least(v_best[v_which], clock_timestamp() - v_began_at);
        end loop;
        v_is_slow := v_best[2] - v_best[1] > interval '25 microseconds';
        exit when v_look >= 3 and not v_is_slow;
    end loop;
    return v_is_slow;
end
$$;

comment on function pgdispatch.is_head_slow(integer) is
'Whether the first ready job of a generation takes more than 25 microseconds to find.';
