/*
 * Ends an attempt that succeeded and, in the same transaction, claims the next job for its
 * backgrounder. Rows as claim.
 * Locks, rivals: as end_attempt.
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
    v_next constant pgdispatch.verdict := pgdispatch.end_attempt(
        p_job, p_attempt, 'succeeded', null, p_result, p_log, p_claim, p_types, p_progress, p_note
    );
begin
    if v_next.verdict is not null then
        return next v_next;
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
