/*
 * Ends an attempt that succeeded and, in the same transaction, claims the next job for its
 * backgrounder. Rows as claim.
 * Locks: the job's row, its gates; then as dispatch, trying only.
 * Rivals: a stale attempt is refused (JD003) and changes nothing.
 */
create or replace function pgdispatch.finish(
    p_job bigint,
    p_attempt integer,
    p_result jsonb default null,
    p_log text default null,
    p_claim boolean default false,
    p_types text[] default null,
    p_progress real default null,
    p_note text default null
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
    v_ended record;
    v_next pgdispatch.verdict;
begin
    v_ended := pgdispatch.archive(
        p_job, p_attempt, 'succeeded', p_result => p_result, p_log => p_log,
        p_progress => p_progress, p_note => p_note
    );
    if v_ended.backgrounder is null then
        perform pgdispatch.refuse_stale(p_job, p_attempt);
    end if;
    if v_ended.gates <> '{}' then
        v_ended.gates := pgdispatch.take_gates(v_ended.gates);
    end if;
    if v_ended.has_budget then
        perform pgdispatch.charge_site(v_ended.site, v_ended.started_at);
    end if;
    if v_ended.task is not null then
        perform pgdispatch.lift_suspension(v_ended.task);
    end if;
    if v_ended.linked_run is not null then
        perform pgdispatch.end_step(v_ended.linked_run, v_ended.step, 'succeeded');
    end if;
    if v_ended.gates <> '{}' then
        perform pgdispatch.release_gates(v_ended.gates, p_claim);
    end if;
    if p_claim then
        v_next := pgdispatch.dispatch(v_ended.backgrounder, p_types, v_ended.gates);
        if v_next.verdict is not null then
            return next v_next;
        end if;
    end if;
end
$$;

comment on function pgdispatch.finish(
    bigint, integer, jsonb, text, boolean, text[], real, text
) is
'Ends an attempt as succeeded, with its result, the last 65,536 characters of its log and its last '
'progress, which counts as 100 per cent if any was ever reported. With p_claim it also claims the '
'next job for the same backgrounder and returns what claim returns, else no row. Locks the job and '
'its gates. JD003: it is not the running attempt; JD008.';
