/*
 * Puts sequences forward that are behind their tables, as after a move by logical replication: else
 * inserts fail, or numbers are given twice. The sweep looks for it at the tables alone; whoever
 * moves a database calls it once, before the first insert.
 * Locks: the first lock 'generations', trying; nothing if a rival has it; as catch_up_generations.
 */
create or replace function pgdispatch.catch_up_sequences(p_deep boolean default true)
returns integer
language plpgsql
as $$
declare
    v_behind record;
    v_count integer := 0;
begin
    if exists (select from pgdispatch.sequences_behind(p_deep))
        and pg_try_advisory_xact_lock(pgdispatch.lock_class('generations'), 0) then
        for v_behind in
            select
                'pgdispatch.' || b.sequence as name,
                max(b.given) as given
            from pgdispatch.sequences_behind() as b
            group by b.sequence
            order by b.sequence
        loop
            perform setval(
                v_behind.name, greatest(v_behind.given, pg_sequence_last_value(v_behind.name))
            );
            v_count := v_count + 1;
        end loop;
    end if;
    if p_deep and exists (
        select
        from pgdispatch.generation as g
        where g.id = (select max(id) from pgdispatch.generation)
            and pgdispatch.is_generation_missed(g)
    ) then
        perform pgdispatch.catch_up_generations();
    end if;
    perform pgdispatch.tend_generations();
    return v_count;
end
$$;

comment on function pgdispatch.catch_up_sequences(boolean) is
'Puts sequences forward that are behind their tables, after a move by logical replication, and the '
'jobs that became ready where nobody looks; returns how many sequences of numbers were behind. '
'Call it as the owner before the first insert. p_deep: looks at the numbers that the history '
'names, too. Locks the misled jobs, and passes over those that are held. The sweep calls it with '
'false, forget with true.';
