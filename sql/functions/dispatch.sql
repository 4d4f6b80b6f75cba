/*
 * Chooses the next job for a backgrounder that is free, and starts it (semantics 4 and 5).
 *
 * It walks the ready jobs in their order, one at a time. A job without gates starts at once. A job
 * with gates starts if all have room, else it is parked, and the walk begins anew.
 *
 * Why it reads a row first and locks it last: with the row locked first, a rival that got the gate
 * sooner skipped the row and started a lesser job for the same gate; and one that had read the row
 * as ready still locked it when it was parked, so that its gate could not wake it. So nobody holds
 * the row of a job without holding its gates. And whenever it got a new lock, it looks again:
 * while the gate's holder was at it, he may have woken a better job.
 *
 * Locks: the gates of the first job, waiting only if this transaction holds none yet (else it
 * tries, and says 'again'); then the job's row, skipping it if somebody holds it.
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
    v_types constant text[] := pgdispatch.accepted_types(p_backgrounder, p_types);
    v_ready cursor for
        select *
        from pgdispatch.job
        where state = 'ready'
            and (v_types is null or type = any (v_types))
        order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id;
    v_held text[] := p_held;
    v_job pgdispatch.job;
    v_gates text[];
    v_full text[];
begin
    if v_types = '{}' then
        return;
    elsif (
        exists (select from pgdispatch.job where state = 'delayed' and not_before <= v_asked_at)
        or exists (select from pgdispatch.deferral where refill_at <= v_asked_at)
    ) and not pgdispatch.wake_due(v_asked_at, v_held = '{}') then
        verdict := 'again';
        return next;
        return;
    end if;
    for v_walk in 1..128 loop
        open v_ready;
        loop
            fetch v_ready into v_job;
            if not found then
                close v_ready;
                return;
            end if;
            v_gates := pgdispatch.gates(v_job);
            if not v_gates <@ v_held then
                if not pgdispatch.lock_gates(v_gates, v_held = '{}') then
                    close v_ready;
                    verdict := 'again';
                    return next;
                    return;
                end if;
                v_held := v_held || v_gates;
                exit;
            end if;
            continue when not pgdispatch.lock_ready(v_job);
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
                if v_gates <> '{}' then
                    perform pgdispatch.pass_on(v_job, v_gates);
                end if;
                close v_ready;
                return;
            end if;
            exit when pgdispatch.park(v_job, v_gates, v_full)
                or pgdispatch.full_gates(v_job, v_gates) = '{}';
        end loop;
        close v_ready;
    end loop;
    verdict := 'again';
    return next;
end
$$;

comment on function pgdispatch.dispatch(text, text[], text[]) is
'Starts the job that is next for a backgrounder. One row with verdict run and the job; one with '
'verdict again: commit and ask again; no row: nothing to do. p_held names the gates whose locks '
'this transaction holds. Call claim or finish instead.';
