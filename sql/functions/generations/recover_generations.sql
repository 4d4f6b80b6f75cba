/*
 * Puts the sequence of generations back where the table says, and the jobs that it misled with it.
 * A dump reads the table as of its beginning, and the sequence a little later: after a restore it
 * may be ahead, and jobs would become ready where nobody looks. Five hundred jobs a call: whoever
 * tends the generations next goes on.
 * Locks: the rows of those jobs, skipping what others hold. The caller holds the lock of the
 * generations.
 */
create or replace function pgdispatch.recover_generations(p_open integer)
returns void
language plpgsql
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set jit = off
as $$
begin
    perform setval('pgdispatch.ready_generation', p_open);
    update pgdispatch.job
    set generation = p_open
    where id in (
        select id
        from pgdispatch.job
        where state = 'ready'
            and generation > p_open
        order by generation, precedence, priority, queued_at, type_rank, tie_first, tie_second, id
        limit 500
        for update skip locked
    );
end
$$;

comment on function pgdispatch.recover_generations(integer) is
'Puts the sequence of generations back after a restore, and five hundred of the jobs beyond it.';
