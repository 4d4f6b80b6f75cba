/*
 * A claim has come to the floor of the table due: makes the best 64 beyond it ready, and
 * raises it. Delayed jobs that were not due are passed by: they belong to a later due_at.
 * A gate has nothing to do here any more when a job that was unparked has been parked there anew:
 * then it is full, and its occupants know of it.
 * Locks: the lock 'due', or trying; those rows, skipping what others hold.
 * Rivals: one has raised the floor meanwhile: that is enough.
 */
create or replace function pgdispatch.raise_due(p_seen bigint, p_waits boolean)
returns text
language plpgsql
as $$
declare
    v_due pgdispatch.due;
    v_next record;
    v_jobs bigint[] := '{}';
    v_is_end boolean := true;
begin
    if p_waits then
        perform pg_advisory_xact_lock(pgdispatch.lock_class('due'), 0);
    elsif not pg_try_advisory_xact_lock(pgdispatch.lock_class('due'), 0) then
        return 'contended';
    end if;
    v_due := pgdispatch.last_due();
    if v_due.id <> p_seen then
        return 'again';
    end if;
    v_due.gates := array(
        select g from unnest(v_due.gates) as g where not pgdispatch.is_parked_anew(v_due, g)
    );
    for v_next in select * from pgdispatch.beyond_floor(v_due) loop
        v_is_end := v_next.is_end;
        if v_next.is_due then
            v_jobs := v_jobs || v_next.id;
        end if;
        v_due.floor_precedence := v_next.precedence;
        v_due.floor_priority := v_next.priority;
        v_due.floor_queued_at := v_next.queued_at;
        v_due.floor_type_rank := v_next.type_rank;
        v_due.floor_tie_first := v_next.tie_first;
        v_due.floor_tie_second := v_next.tie_second;
        v_due.floor_id := v_next.id;
    end loop;
    if v_is_end then
        v_due.has_delayed := false;
        v_due.gates := '{}';
    end if;
    v_due.passed_over := array(
        select unnest(v_due.passed_over)
        union
        select unnest(pgdispatch.make_ready(v_jobs, v_due.due_at))
        order by 1
    );
    perform pgdispatch.append_due(v_due);
    return 'again';
end
$$;

comment on function pgdispatch.raise_due(bigint, boolean) is
'Makes the next jobs beyond the floor of the table due ready. p_seen: the row of it that the '
'caller has read; p_waits: not if the caller holds gates. again or contended: commit and ask '
'again.';
