/*
 * Why an attempt was not ended by a turn: somebody holds the row of its job, or it does not run.
 * Locks: none.
 */
create or replace function pgdispatch.not_ended(p_job bigint, p_attempt integer)
returns pgdispatch.verdict
language plpgsql
as $$
declare
    v_one pgdispatch.verdict;
begin
    select 'held', id, attempt, backgrounder
    into v_one.verdict, v_one.id, v_one.attempt, v_one.backgrounder
    from pgdispatch.job
    where id = p_job
        and attempt = p_attempt
        and state = 'running';
    if not found then
        v_one.verdict := 'stale';
        v_one.id := p_job;
        v_one.attempt := p_attempt;
        v_one.reason := pgdispatch.whereabouts(p_job);
    end if;
    return v_one;
end
$$;

comment on function pgdispatch.not_ended(bigint, integer) is
'Says of an attempt that could not be ended whether it is stale, or held by somebody for now.';
