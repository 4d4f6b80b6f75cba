/* Says why a job that is not in the history cannot be retried: it waits, runs, or never was. */
create or replace function pgdispatch.refuse_retry(p_job bigint)
returns void
language plpgsql
as $$
declare
    v_state text;
begin
    select case state when 'running' then 'is running' else 'is waiting' end
    into v_state
    from pgdispatch.job
    where id = p_job
        and pgdispatch.may_see(site);
    if found then
        raise exception using
            errcode = 'JD004',
            message = format('job %s cannot be retried: it %s', p_job, v_state),
            detail = pgdispatch.whereabouts(p_job),
            hint = 'only a job that has ended can be';
    end if;
    raise exception using
        errcode = 'JD002',
        message = format('job %s does not exist', p_job),
        hint = 'see pgdispatch.job_history; what ended long ago has been dropped';
end
$$;

comment on function pgdispatch.refuse_retry(bigint) is
'Raises JD004 for a job that waits or runs, JD002 for one that is not known.';
