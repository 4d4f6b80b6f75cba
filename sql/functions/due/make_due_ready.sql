/*
 * Makes delayed jobs ready whose time has come, lets pauses begin and end that are due, and unparks
 * the jobs of the sites that are due. No more than 64 jobs at a time: of more, it begins anew in
 * the order, see the table due. The verdict is null: go on; again: it has done a part, and the
 * caller shall commit and ask again; contended: a rival is at it.
 * One at a time: a rival that did not wait would not see the due jobs that are just being made
 * ready, and start a lesser one. A due row that somebody else holds is not waited for.
 * Once a minute it notes that all up to now are ready: later looks begin there.
 * Locks: the lock 'due', before any gate's lock, or trying if gates are held; then as apply_pauses
 * and unpark_sites; then the due rows, skipping what others hold.
 */
create or replace function pgdispatch.make_due_ready(
    p_now timestamptz,
    inout p_held text[],
    out verdict text
)
language plpgsql
as $$
declare
    v_due pgdispatch.due;
    v_until timestamptz;
    v_due_jobs bigint[];
    v_left bigint[];
begin
    if not pgdispatch.is_any_due(p_now) then
        return;
    elsif p_held = '{}' then
        perform pg_advisory_xact_lock(pgdispatch.lock_class('due'), 0);
    elsif not pg_try_advisory_xact_lock(pgdispatch.lock_class('due'), 0) then
        verdict := 'contended';
        return;
    end if;
    v_due := pgdispatch.last_due();
    if v_due.due_at > pgdispatch.now() then  -- the clock has gone back
        v_due.due_at := '-infinity';
        v_due.has_delayed := false;
        perform pgdispatch.append_due(v_due);
        verdict := 'again';
        return;
    end if;
    verdict := pgdispatch.apply_pauses(p_now, p_held);
    if verdict is not null then
        return;
    end if;
    select u.p_held, u.verdict into p_held, verdict
    from pgdispatch.unpark_sites(p_now, p_held) as u;
    if verdict is not null then
        return;
    end if;
    v_due := pgdispatch.last_due();
    if v_due.due_at < p_now - interval '1 minute' then  -- before the look at the jobs
        v_until := greatest(pgdispatch.seen_until(p_now), v_due.due_at);
    end if;
    v_due_jobs := array(
        select id
        from pgdispatch.job
        where state = 'delayed'
            and not_before > v_due.due_at
            and not_before <= p_now
        order by not_before
        limit 65
    );
    if cardinality(v_due_jobs) > 64 then
        verdict := pgdispatch.begin_due(p_now);
        return;
    end if;
    v_left := pgdispatch.make_ready(v_due_jobs || v_due.passed_over, p_now);
    if v_until is null then  -- those just due are found by their time
        v_left := array(select j from unnest(v_left) as j where j = any (v_due.passed_over));
    end if;
    if v_until is not null or v_left <> v_due.passed_over then
        v_due.due_at := coalesce(v_until, v_due.due_at);
        v_due.passed_over := v_left;
        perform pgdispatch.append_due(v_due);
    end if;
end
$$;

comment on function pgdispatch.make_due_ready(timestamptz, text[]) is
'Makes the delayed jobs that are due ready, lets pauses begin and end, and unparks the jobs of '
'sites whose budget is refilled or whose limits have changed. p_held names the gates whose locks '
'this transaction holds, before and after. verdict null: go on; again or contended: commit and ask '
'again, again if something was done.';
