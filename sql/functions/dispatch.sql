/*
 * Chooses the next job for a backgrounder that is free, and starts it (semantics 4 and 5).
 *
 * It always looks at the first ready job that no rival holds. A job without gates starts at once.
 * A job with gates starts if all have room, else it is parked and the next first job is looked at.
 *
 * Why it looks again after it got a lock: while the gate's holder was at it, he may have woken a
 * better job, and with what was read before the lock the lesser one would start. So nothing read
 * before the locks decides.
 *
 * Locks: the row of the first ready job, skipping those of rivals; then its gates, waiting only
 * if this transaction holds none yet (else it tries, and says 'again').
 * Rivals: see either the row locked, or the job running.
 */
create or replace function pgdispatch.dispatch(
    p_backgrounder text,
    p_types text[],
    p_held text[]
)
returns table (
    verdict text,
    id bigint,
    attempt integer,
    type text,
    site text,
    title text,
    datasource text,
    schedule text,
    task bigint,
    priority smallint,
    args jsonb,
    created_by text,
    scheduled_at timestamptz
)
language plpgsql
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set jit = off
as $$
#variable_conflict use_column
declare
    v_asked_at constant timestamptz := pgdispatch.now();
    v_held text[] := p_held;
    v_job pgdispatch.job;
    v_gates text[];
    v_full text[];
begin
    if exists (
        select from pgdispatch.job where state = 'delayed' and not_before <= v_asked_at
    ) and not pgdispatch.wake_due(v_asked_at, v_held = '{}') then
        verdict := 'again';
        return next;
        return;
    end if;
    for v_look in 1..128 loop
        select *
        into v_job
        from pgdispatch.job
        where state = 'ready'
            and (p_types is null or type = any (p_types))
        order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id
        limit 1
        for update skip locked;
        if not found then
            return;
        end if;
        v_gates := pgdispatch.gates(v_job);
        if not v_gates <@ v_held then
            exit when not pgdispatch.lock_gates(v_gates, v_held = '{}');
            v_held := v_held || v_gates;
            continue;
        end if;
        v_full := '{}';
        if v_gates <> '{}' then
            v_full := pgdispatch.full_gates(v_job, v_gates);
        end if;
        if v_full = '{}' then
            return query
            update pgdispatch.job
            set state = 'running',
                attempt = attempt + 1,
                node = split_part(p_backgrounder, ':', 1),
                backgrounder = p_backgrounder,
                gates = v_gates,
                asked_at = v_asked_at,
                started_at = pgdispatch.now(),
                progress = null,
                progress_note = null
            where id = v_job.id
            returning
                'run', id, attempt, type, site, title, datasource, schedule, task, priority,
                args, created_by, scheduled_at;
            return;
        end if;
        exit when not pgdispatch.park(v_job, v_gates, v_full);
    end loop;
    verdict := 'again';
    return next;
end
$$;

comment on function pgdispatch.dispatch(text, text[], text[]) is
'Starts the job that is next for a backgrounder. One row with verdict run and the job; one with '
'verdict again: commit and ask again; no row: nothing to do. p_held names the gates whose locks '
'this transaction holds. Call claim or finish instead.';
