/*
 * Chooses the next jobs for backgrounders of one node that are free, and starts them (semantics 4
 * and 5). The best job goes to the first of p_free, and so on.
 *
 * It walks the ready jobs in their order, one at a time. Jobs without gates are gathered, and
 * started together before the walk decides anything else; for each that a rival may be starting
 * just now, one more is gathered. A job with gates starts if all have room,
 * else it is parked, and the walk begins anew.
 *
 * Why it reads a row first and locks it last: with the row locked first, a rival that got the gate
 * sooner skipped the row and started a lesser job for the same gate; and one that had read the row
 * as ready still locked it when it was parked, so that its gate could not wake it. So nobody holds
 * the row of a job without holding its gates. And whenever it got a new lock, it looks again: while
 * the gate's holder was at it, he may have woken a better job.
 *
 * Of many jobs that become due at once, only those up to a floor in the order are ready: it raises
 * the floor before it looks beyond, and says 'again'. See the table due.
 *
 * A gate whose lock a transaction holds for long (take_gates) keeps nobody waiting: its jobs are
 * passed over, until a claim that looks at the notice of it finds it free (unpark_noticed).
 * So are jobs that are paused: the row of due names the pauses that hold (apply_pauses).
 *
 * Locks: as make_due_ready or raise_due, the latter trying only if a gate is held, or a job was
 * parked: its pause is; then the gates of the first job, waiting only if this
 * transaction holds none yet, nor a lock of is_as_seen, and has started nothing (else it tries, and
 * says 'contended'); then as is_as_seen; the jobs' rows, skipping those that somebody holds.
 * Rivals: find the rows locked and pass them over, or wait for the gates, or see the jobs running.
 *
 * The caller has checked the isolation of the transaction.
 *
 * `said`: again: a part was done, commit and ask again; contended: a rival is in the way, likewise.
 */
create or replace function pgdispatch.dispatch(
    p_free text[],
    p_types text[],
    p_held text[],
    p_incarnation uuid default null,
    out started pgdispatch.verdict[],
    out said text
)
language plpgsql
as $$
declare
    v_asked_at constant timestamptz := pgdispatch.now();
    v_before xid8;
    v_found record;
    v_ready refcursor;
    v_next record;
    v_met record;
    v_new pgdispatch.verdict[];
    v_jobs bigint[];  -- null is empty here: each default is an expression more
    v_priorities smallint[];
    v_ties double precision[];
    v_older bigint[];
    v_touched integer := 0;
    v_is_plain boolean;
    v_passed text[];
    v_parallel text[] := '{}';
    v_parked integer := 0;
    v_is_end boolean := false;
    v_one pgdispatch.verdict;
begin
    started := '{}';
    v_before := pg_current_xact_id();  -- the look at the generations, see tend_generations
    select
        g.live,
        n.incarnation,
        case
            when n.is_drained then '{}'
            when n.types is null or p_types is null then coalesce(n.types, p_types)
            when p_types <@ n.types then p_types
            else array(select unnest(p_types) intersect select unnest(n.types))
        end as types,
        d.due,
        d.paused,
        exists (
            select
            from pgdispatch.job
            where state = 'delayed'
                and not_before > coalesce((d.due).due_at, '-infinity')
                and not_before <= v_asked_at
        )
            or exists (select from pgdispatch.deferral where refill_at <= v_asked_at)
            or (d.due).passed_over <> '{}'
            or (d.due).due_at > v_asked_at as is_due,
        array(select gate from pgdispatch.gate_notice where id > 0) as noticed  -- by its index
    into v_found
    from (select x as live from pgdispatch.generation as x order by x.id desc limit 1) as g
    left join (
        select x as due, x.paused from pgdispatch.due as x order by x.id desc limit 1
    ) as d on true
    left join pgdispatch.node as n on n.name = split_part(p_free[1], ':', 1);
    if p_incarnation is not null and p_incarnation is distinct from v_found.incarnation then
        perform pgdispatch.refuse_holder(split_part(p_free[1], ':', 1));
    elsif v_found.types = '{}' then
        return;
    elsif v_found.is_due then
        select w.p_held, w.verdict
        into p_held, said
        from pgdispatch.make_due_ready(v_asked_at, p_held) as w;
        if said is not null then
            return;
        end if;
        v_found.paused := (pgdispatch.last_due()).paused;  -- a rival may have been at it
    end if;
    v_passed := v_found.paused;
    if v_found.noticed <> '{}' then
        v_passed := v_passed || pgdispatch.unpark_noticed(v_found.noticed);
        p_held := p_held || array(select unnest(v_found.noticed) except select unnest(v_passed));
    end if;
    for v_walk in 1..128 loop
        v_ready := pgdispatch.ready_cursor(
            v_found.live, v_found.due, v_found.types, v_found.paused
        );
        loop
            fetch v_ready into v_next;
            v_is_plain := coalesce(v_next.gates = '{}' and v_next.is_beyond is not true, false);
            if v_is_plain
                and v_next.schedule is not null
                and v_next.schedule <> all (v_parallel) then
                v_parallel := v_parallel || v_next.schedule;
                v_is_plain := pgdispatch.is_as_seen(v_next.schedule, '{}');
                said := case when not v_is_plain then 'contended' end;
            end if;
            if v_is_plain then
                v_jobs := v_jobs || v_next.id;
                v_priorities := v_priorities || v_next.priority;
                v_ties := v_ties || v_next.tie_first;
                if v_next.generation <> (v_found.live).open then
                    v_older := v_older || v_next.id;
                end if;
                if v_next.is_touched then
                    v_touched := least(v_touched + 1, 64);
                end if;
                continue when cardinality(v_jobs) < cardinality(p_free) + v_touched;
            end if;
            if v_jobs is not null then
                v_new := pgdispatch.start_jobs(
                    v_jobs, v_priorities, v_ties, '{}', p_free, v_asked_at, v_found.incarnation,
                    v_older, (v_found.live).older
                );
                if v_new is null then
                    said := 'contended';
                    exit;
                end if;
                started := started || v_new;
                if cardinality(v_new) = cardinality(p_free) then
                    p_free := '{}';
                    exit;
                end if;
                p_free := pgdispatch.still_free(p_free, v_new);
                v_jobs := null;
                v_priorities := null;
                v_ties := null;
                v_older := null;
                v_touched := 0;
            end if;
            exit when said is not null;
            continue when v_is_plain;
            v_is_end := v_next.id is null and (v_found.due).floor_id is null;
            exit when v_is_end;
            if v_next.id is null or v_next.is_beyond then
                said := case
                    when started <> '{}' then 'again'
                    else pgdispatch.raise_due(
                        (v_found.due).id, p_held = '{}' and v_parked = 0
                    )
                end;
                exit;
            elsif v_next.gates <@ p_held then
                v_met := pgdispatch.park_or_pass(
                    v_ready, v_next.id, v_next.priority, v_next.tie_first, v_next.gates
                );
            elsif v_next.gates && v_passed then
                v_met := pgdispatch.pass_over(
                    v_ready, v_next.id, v_next.gates, v_passed, v_found.paused
                );
                said := case when v_met.verdict = 'contended' then 'contended' end;
                exit when said is not null;
            elsif p_held = '{}' and v_parallel = '{}' and started = '{}' then
                p_held := pgdispatch.take_gates(v_next.gates);
                if p_held <> v_next.gates then
                    v_passed := v_found.paused || array(
                        select gate from pgdispatch.gate_notice
                    );
                end if;
                p_held := pgdispatch.lock_ahead(v_ready, p_held, cardinality(p_free) - 1);
                exit;
            elsif pgdispatch.lock_gates(v_next.gates, false) then
                p_held := pgdispatch.lock_ahead(
                    v_ready, p_held || v_next.gates, cardinality(p_free) - 1
                );
                exit;
            else
                said := 'contended';
                exit;
            end if;
            v_parked := v_parked + v_met.jobs;
            exit when v_met.verdict = 'parked';
            if v_met.verdict = 'free' then
                if v_next.schedule is not null
                    and not pgdispatch.is_as_seen(v_next.schedule, v_next.gates) then
                    said := 'contended';
                    exit;
                end if;
                v_new := pgdispatch.start_jobs(
                    array[v_next.id], array[v_next.priority], array[v_next.tie_first],
                    v_next.gates, p_free, v_asked_at, v_found.incarnation
                );
                started := started || v_new;
                p_free := pgdispatch.still_free(p_free, v_new);
                exit when v_new <> '{}'
                    and pgdispatch.admit_next_of_site(v_new[1].site, v_next.gates)
                    or p_free = '{}';
                continue when v_new <> '{}';
            end if;
            if v_next.generation <> (v_found.live).open and pgdispatch.is_changing_generation(
                array[v_next.id], v_next.generation
            ) then
                said := 'contended';
                exit;
            end if;
        end loop;
        close v_ready;
        exit when said is not null or v_is_end or p_free = '{}' or v_parked >= 512;
    end loop;
    if not v_is_end and p_free <> '{}' then
        said := coalesce(said, 'again');
    end if;
    foreach v_one in array started loop
        if v_one.id % 64 = 0 then
            perform pgdispatch.tend_generations();
            exit;
        end if;
    end loop;
end
$$;

comment on function pgdispatch.dispatch(text[], text[], text[], uuid) is
'Starts the jobs that are next for free backgrounders of one node (node:number) and returns them. '
'said: again or contended: commit and ask again; null: nothing more to do. p_held names the gates '
'whose locks this transaction holds. Refused if the node is another supervisor''s than '
'p_incarnation (JD007). Call turn, claim or finish instead.';
