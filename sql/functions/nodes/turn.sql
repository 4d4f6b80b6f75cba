/*
 * A node's turn: ends what has ended there since the last one, and starts the next jobs for the
 * backgrounders that are free, all in one transaction.
 *
 * An ending that is refused is told of, and stops no other: stale if that attempt does not run;
 * held if somebody's open transaction has the row of its job, so that it is to be sent again. Its
 * backgrounder gets no job meanwhile.
 *
 * One turn of a node at a time: a turn whose answer was lost may still be under way, and start jobs
 * of which nobody will hear. p_is_unsure finds those: what the free are said to run is given back.
 *
 * Locks: the lock 'backgrounder' of the node; then as end_attempts; then as dispatch.
 */
create or replace function pgdispatch.turn(
    p_node text,
    p_incarnation uuid,
    p_free integer[],
    p_types text[] default null,
    p_jobs bigint[] default '{}',
    p_attempts integer[] default '{}',
    p_outcomes text[] default '{}',
    p_errors text[] default null,
    p_results jsonb[] default null,
    p_logs text[] default null,
    p_progress real[] default null,
    p_notes text[] default null,
    p_is_unsure boolean default false
)
returns setof pgdispatch.verdict
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set jit = off
as $$
declare
    v_most constant integer := 64;
    v_is_sound boolean;
    v_number integer;
    v_names text[];
    v_free text[];
    v_held text[] := '{}';
    v_lost record;
    v_done record;
    v_one pgdispatch.verdict;
begin
    v_is_sound := pgdispatch.check_turn(p_node, p_free, p_jobs, p_attempts, p_outcomes);
    foreach v_number in array p_free loop
        v_names := v_names || (p_node || ':' || v_number);
    end loop;
    v_free := v_names[:v_most];
    v_is_sound := pg_advisory_xact_lock(pgdispatch.lock_class('backgrounder'), hashtext(p_node))
        is not null;  -- to perform it would be a query
    if p_is_unsure then
        for v_lost in
            select j.id, j.attempt
            from pgdispatch.job as j
            where j.state = 'running'
                and j.node = p_node
                and j.backgrounder = any (v_names)
                and j.id <> all (p_jobs)
        loop
            p_jobs := p_jobs || v_lost.id;
            p_attempts := p_attempts || v_lost.attempt;
            p_outcomes := p_outcomes || 'not begun'::text;
        end loop;
    end if;
    if p_jobs <> '{}' then
        v_done := pgdispatch.end_attempts(
            p_jobs, p_attempts, p_outcomes, p_errors, p_results, p_logs, p_progress, p_notes,
            cardinality(v_free)
        );
        v_held := v_done.gates;
        if array_position(v_done.backgrounders, null) is not null then
            for v_place in 1..cardinality(p_jobs) loop
                continue when v_done.backgrounders[v_place] is not null;
                v_one := pgdispatch.not_ended(p_jobs[v_place], p_attempts[v_place]);
                v_free := array_remove(v_free, v_one.backgrounder);
                return next v_one;
            end loop;
        end if;
    end if;
    if v_free <> '{}' then
        v_done := pgdispatch.dispatch(v_free, p_types, v_held, p_incarnation);
        foreach v_one in array v_done.started loop
            return next v_one;
        end loop;
        if v_done.said is not null
            or cardinality(v_names) > v_most
            and cardinality(v_done.started) = cardinality(v_free) then
            v_one := null;
            v_one.verdict := coalesce(v_done.said, 'again');
            return next v_one;
        end if;
    end if;
end
$$;

comment on function pgdispatch.turn(
    text, uuid, integer[], text[], bigint[], integer[], text[], text[], jsonb[], text[], real[],
    text[], boolean
) is
'Ends attempts of a node and starts the next jobs for those of its backgrounders that are free '
'(their numbers, the best job for the first), of the given types if any, in one transaction. '
'The lists have one place for each attempt: outcomes are succeeded, error, killed or timed out '
'(failures), failed (one that no retry follows), retry (one after which the result says, in '
'seconds, when), snoozed (likewise, but no failure), given back (no retry is spent), not begun '
'(likewise: its handler was not called) or lost (as after the loss of a node); errors, '
'results, logs, progress and notes as finish and fail take them, null or shorter where there is '
'none. '
'Verdicts: run, for the backgrounder named; stale: that ending was refused; held: send it again; '
'again or contended: commit and ask again. At most 64 jobs are started, and 1000 attempts ended. '
'p_incarnation: nothing is started unless that supervisor holds the name of the node (JD007); '
'null: any. '
'p_is_unsure: what the database says that those backgrounders run is given back first, as the '
'answer to an earlier turn was lost. Locks the jobs and their gates. JD001, JD008.';
