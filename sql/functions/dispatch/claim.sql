/*
 * Gives a free backgrounder the job that is next, and marks it running.
 * Locks: the lock 'backgrounder' of the backgrounder, so that of two claims for one the second sees
 * the job of the first; then as dispatch.
 * Call it in a transaction of its own.
 */
create or replace function pgdispatch.claim(p_backgrounder text, p_types text[] default null)
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
    v_job bigint;
    v_next pgdispatch.verdict;
begin
    perform pgdispatch.check_caller(p_backgrounder);
    perform pg_advisory_xact_lock(pgdispatch.lock_class('backgrounder'), hashtext(p_backgrounder));
    select j.id
    into v_job
    from pgdispatch.job as j
    where j.state = 'running'
        and j.node = split_part(p_backgrounder, ':', 1)
        and j.backgrounder = p_backgrounder;
    if found then
        raise exception using
            errcode = 'JD004',
            message = format('backgrounder %s already runs job %s', p_backgrounder, v_job),
            hint = 'finish or fail that job first, or give it back with pgdispatch.recover';
    end if;
    v_next := pgdispatch.claim_one(p_backgrounder, p_types, '{}');
    if v_next.verdict = 'run' then
        v_next.more := exists (
            select
            from pgdispatch.live_generations() as g (number)
            cross join lateral (
                select
                from pgdispatch.job as j
                where j.state = 'ready'
                    and j.generation = g.number
                limit 1
            ) as other
        );
    end if;
    if v_next.verdict is not null then
        return next v_next;
    end if;
end
$$;

comment on function pgdispatch.claim(text, text[]) is
'Starts the next job for a free backgrounder (node:number), of the given types if any and of those '
'that its node takes. One row with verdict run: run this attempt; verdict again: commit and ask '
'again; no row: nothing to do, as always on a drained node. A node that names types has to be '
'registered with them. Locks the gates of the job, if any, for which it may wait, then the job. '
'JD001: not node:number; JD004: it runs a job already: end that, or recover if the answer to the '
'last claim got lost; JD008.';
