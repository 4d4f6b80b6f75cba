/*
 * Ends one attempt, waiting for its job's row, and claims the next job for its backgrounder if the
 * caller wants that.
 * Locks: the job's row; as end_attempts; then as dispatch, trying only if it holds gates.
 * Rivals: a stale attempt is refused (JD003) and changes nothing.
 */
create or replace function pgdispatch.end_attempt(
    p_job bigint,
    p_attempt integer,
    p_outcome text,
    p_error text,
    p_result jsonb,
    p_log text,
    p_claim boolean,
    p_types text[],
    p_progress real,
    p_note text
)
returns pgdispatch.verdict
language plpgsql
as $$
declare
    v_running constant text := 'running';  -- as in end_attempts
    v_ended record;
begin
    perform
    from pgdispatch.job as j
    where j.id = p_job
        and j.attempt = p_attempt
        and j.state = v_running
    for update;
    if not found then
        perform pgdispatch.refuse_stale(p_job, p_attempt);
    end if;
    v_ended := pgdispatch.end_attempts(
        array[p_job], array[p_attempt], array[p_outcome], array[p_error], array[p_result],
        array[p_log], array[p_progress], array[p_note], p_claim::integer
    );
    if p_claim then
        return pgdispatch.claim_one(v_ended.backgrounders[1], p_types, v_ended.gates);
    end if;
    return null;
end
$$;

comment on function pgdispatch.end_attempt(
    bigint, integer, text, text, jsonb, text, boolean, text[], real, text
) is
'Ends one attempt as finish, fail or requeue say, and claims the next job if p_claim; refuses a '
'stale one (JD003).';
