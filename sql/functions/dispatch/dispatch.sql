/*
 * Chooses the next job for a backgrounder that is free, and starts it (semantics 4 and 5).
 *
 * It walks the ready jobs in their order, one at a time. A job without gates starts at once. A job
 * with gates starts if all have room, else it is parked, and the walk begins anew.
 *
 * Why it reads a row first and locks it last: with the row locked first, a rival that got the gate
 * sooner skipped the row and started a lesser job for the same gate; and one that had read the row
 * as ready still locked it when it was parked, so that its gate could not wake it. So nobody holds
 * the row of a job without holding its gates. And whenever it got a new lock, it looks again: while
 * the gate's holder was at it, he may have woken a better job.
 *
 * A job that a rival has started is passed over until his transaction ends (is_being_started). Else
 * all who are free would queue up behind one with gates, each for the commit of the one before, and
 * each would try the rows of those without. One that a rival looks at, or parks, is waited for: he
 * may wake a better one.
 *
 * Of many jobs that become due at once, only those up to a floor in the order are ready: it raises
 * the floor before it looks beyond, and says 'again'. See the table due.
 *
 * A gate whose lock a transaction holds for long (take_gates) keeps nobody waiting: its jobs are
 * passed over, until a claim that looks at the notice of it finds it free (unpark_noticed).
 *
 * Locks: as make_due_ready or raise_due; then the gates of the first job, waiting only if this
 * transaction holds none yet (else it tries, and says 'again'); then as is_as_seen; the job's row,
 * skipping it if somebody holds it.
 * Rivals: pass the job over, find its row locked, or see it running.
 */
create or replace function pgdispatch.dispatch(
    p_backgrounder text,
    p_types text[],
    p_held text[]
)
returns pgdispatch.verdict
language plpgsql
as $$
declare
    v_asked_at constant timestamptz := pgdispatch.now();
    v_is_sound boolean;
    v_before xid8;
    v_found record;
    v_ready refcursor;
    v_next record;
    v_held text[] := p_held;
    v_said text;
    v_passed text[] := '{}';
    v_met integer;
    v_parked integer := 0;
    v_started pgdispatch.verdict;
begin
    v_is_sound := pgdispatch.check_isolation();
    v_before := pg_current_xact_id();  -- the look at the generations, see tend_generations
    select
        g as live,
        n.incarnation,
        case
            when n.is_drained then '{}'
            when n.types is null or p_types is null then coalesce(n.types, p_types)
            when p_types <@ n.types then p_types
            else array(select unnest(p_types) intersect select unnest(n.types))
        end as types,
        d as due,
        exists (
            select
            from pgdispatch.job
            where state = 'delayed'
                and not_before > coalesce(d.due_at, '-infinity')
                and not_before <= v_asked_at
        )
            or exists (select from pgdispatch.deferral where refill_at <= v_asked_at)
            or d.passed_over <> '{}'
            or d.due_at > v_asked_at as is_due,
        array(select gate from pgdispatch.gate_notice where id > 0) as noticed  -- by its index
    into v_found
    from pgdispatch.generation as g
    left join pgdispatch.due as d on d.id = (select max(id) from pgdispatch.due)
    left join pgdispatch.node as n on n.name = split_part(p_backgrounder, ':', 1)
    where g.id = (select max(id) from pgdispatch.generation);
    if v_found.types = '{}' then
        return null;
    elsif v_found.is_due then
        select w.p_held, w.verdict
        into v_held, v_said
        from pgdispatch.make_due_ready(v_asked_at, v_held) as w;
        if v_said is not null then
            v_started.verdict := 'again';
            v_started.more := v_said = 'more';
            return v_started;
        end if;
    end if;
    if v_found.noticed <> '{}' then
        v_passed := pgdispatch.unpark_noticed(v_found.noticed);
        v_held := v_held || array(select unnest(v_found.noticed) except select unnest(v_passed));
    end if;
    for v_walk in 1..128 loop
        v_ready := pgdispatch.ready_cursor(v_found.live, v_found.due, v_found.types);
        loop
            fetch v_ready into v_next;
            v_started := null;
            if not found and (v_found.due).floor_id is null then
                close v_ready;
                return null;
            elsif v_next.id is null or v_next.is_beyond then
                close v_ready;
                v_started.verdict := 'again';
                v_started.more := pgdispatch.raise_due((v_found.due).id, v_held) = 'more';
                return v_started;
            end if;
            if v_next.gates <@ v_held then
                v_met := null;
                if v_next.gates <> '{}' then
                    v_met := pgdispatch.park_or_pass(
                        v_ready, v_next.id, v_next.priority, v_next.tie_first, v_next.gates
                    );
                end if;
                if v_met > 0 then
                    v_parked := v_parked + v_met;
                    exit;
                elsif v_met is null
                    and v_next.schedule is not null
                    and not pgdispatch.is_as_seen(v_next.schedule, v_next.gates) then
                    v_started.verdict := 'again';
                elsif v_met is null then
                    v_started := pgdispatch.start_job(
                        v_next.id, v_next.priority, v_next.tie_first, v_next.gates, p_backgrounder,
                        v_asked_at, v_found.incarnation
                    );
                end if;
            elsif v_next.gates && v_passed then
                v_met := pgdispatch.pass_over(v_ready, v_next.id, v_next.gates, v_passed);
                v_parked := v_parked + v_met;
                exit when v_met > 0;
            elsif v_held = '{}' then
                v_held := pgdispatch.take_gates(v_next.gates);
                if v_held <> v_next.gates then
                    v_passed := array(select gate from pgdispatch.gate_notice);
                end if;
                exit;
            elsif pgdispatch.lock_gates(v_next.gates, false) then
                v_held := v_held || v_next.gates;
                exit;
            elsif v_next.is_touched or not pgdispatch.is_being_started(v_next.id) then
                v_started.verdict := 'again';
            end if;
            if v_started.verdict is null then
                continue when v_next.generation = (v_found.live).open
                    or not pgdispatch.is_changing_generation(v_next.id, v_next.generation);
                v_started.verdict := 'again';
            end if;
            close v_ready;
            if v_next.id % 64 = 0 then
                perform pgdispatch.tend_generations();
            end if;
            return v_started;
        end loop;
        close v_ready;
        exit when v_parked >= 512;
    end loop;
    v_started := null;
    v_started.verdict := 'again';
    v_started.more := true;
    return v_started;
end
$$;

comment on function pgdispatch.dispatch(text, text[], text[]) is
'Starts the job that is next for a backgrounder and returns it; verdict again: commit and ask '
'again; null: nothing to do. p_held names the gates whose locks this transaction holds. Call claim '
'or finish instead.';
