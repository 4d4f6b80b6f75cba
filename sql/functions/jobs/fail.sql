/*
 * Ends an attempt that failed and, in the same transaction, claims the next job for its
 * backgrounder. Rows as claim. A failure after a cancel request is a cancellation.
 * Locks, rivals: as end_attempt.
 */
create or replace function pgdispatch.fail(
    p_job bigint,
    p_attempt integer,
    p_error text,
    p_failed_as text default 'error',
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
    v_next pgdispatch.verdict;
begin
    if p_failed_as is null or p_failed_as not in ('error', 'failed', 'killed', 'timed out') then
        perform pgdispatch.refuse(
            format('an attempt cannot fail as %L', left(p_failed_as, 40)),
            'use error, failed, killed or timed out'
        );
    end if;
    v_next := pgdispatch.end_attempt(
        p_job, p_attempt, p_failed_as, p_error, null, p_log, p_claim, p_types, p_progress, p_note
    );
    if v_next.verdict is not null then
        return next v_next;
    end if;
end
$$;

comment on function pgdispatch.fail(
    bigint, integer, text, text, text, boolean, text[], real, text
) is
'Ends an attempt as failed, or as cancelled if that had been asked for, with the first 8,000 '
'characters of its error; if attempts are left the job is delayed for a retry instead. '
'p_failed_as: error (its handler said so), failed (likewise, and no retry is to follow), killed '
'(its process died) or timed out (JD001). The error begins with the kind of the failure and a '
'colon, as far as anybody is to tell them apart. The rest is as for finish.';
