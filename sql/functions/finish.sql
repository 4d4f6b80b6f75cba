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
    v_job := pgdispatch.conclude(p_job, p_attempt, 'succeeded', null, null, p_result, p_log);
    if p_claim then
        perform pgdispatch.check_caller(v_job.backgrounder);
        return query
        select * from pgdispatch.dispatch(v_job.backgrounder, p_types, v_job.gates);
    end if;
end
$$;

comment on function pgdispatch.finish(bigint, integer, jsonb, text, boolean, text[]) is
'Ends an attempt as succeeded, with its result and log. With p_claim it also claims the next '
'job for the same backgrounder and returns what claim returns.';
