/*
 * Ends an attempt that failed and, in the same transaction, claims the next job for its
 * backgrounder. Rows as claim. A failure after a cancel request is a cancellation.
 * Locks: the job's row, its gates; then as dispatch, trying only.
 * Rivals: a stale attempt is refused (JD003) and changes nothing.
 */
create or replace function pgdispatch.fail(
    p_job bigint,
    p_attempt integer,
    p_error text,
    p_failed_as text default 'error',
    p_log text default null,
    p_claim boolean default false,
    p_types text[] default null
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
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_job pgdispatch.job;
begin
    if p_failed_as is null or p_failed_as not in ('error', 'killed', 'timed out') then
        perform pgdispatch.refuse(
            format('an attempt cannot fail as %L', p_failed_as),
            'use error, killed or timed out'
        );
    end if;
    v_job := pgdispatch.conclude(p_job, p_attempt, 'failed', p_failed_as, p_error, null, p_log);
    if p_claim then
        perform pgdispatch.check_caller(v_job.backgrounder);
        return query
        select * from pgdispatch.dispatch(v_job.backgrounder, p_types, v_job.gates);
    end if;
end
$$;

comment on function pgdispatch.fail(bigint, integer, text, text, text, boolean, text[]) is
'Ends an attempt as failed, with the error and log. p_failed_as: error, killed or timed out. '
'With p_claim it also claims the next job and returns what claim returns.';
