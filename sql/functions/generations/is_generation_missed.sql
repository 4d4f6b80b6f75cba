/*
 * Whether a ready job is in a generation from before those at which dispatch looks. The look passes
 * over all dead entries of former generations, which is dear beside an old snapshot: claims never
 * take it.
 */
create or replace function pgdispatch.is_generation_missed(p_live pgdispatch.generation)
returns boolean
language plpgsql
stable
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set jit = off
as $$
begin
    return exists (
        select
        from pgdispatch.job
        where state = 'ready'
            and generation < coalesce(p_live.older, p_live.open)
    );
end
$$;

comment on function pgdispatch.is_generation_missed(pgdispatch.generation) is
'Whether a ready job is in a generation that dispatch has left behind.';
