/* Says why a job that is not in the queue cannot be changed: it ended, or never was. */
create or replace function pgdispatch.refuse_ended(p_job bigint, p_what text)
returns void
language plpgsql
as $$
declare
    v_ended pgdispatch.job_history;
begin
    select *
    into v_ended
    from pgdispatch.job_history
    where id = p_job
        and pgdispatch.may_see(site)
    limit 1;
    if found then
        raise exception using
            errcode = 'JD004',
            message = format('job %s cannot be %s: it %s', p_job, p_what,
                case v_ended.outcome when 'cancelled' then 'was ' else 'has ' end
                || v_ended.outcome),
            detail = format('it ended at %s', v_ended.ended_at),
            hint = 'see pgdispatch.job_history';
    end if;
    raise exception using
        errcode = 'JD002',
        message = format('job %s does not exist', p_job),
        hint = 'see pgdispatch.queue, pgdispatch.running and pgdispatch.job_history';
end
$$;

comment on function pgdispatch.refuse_ended(bigint, text) is
'Raises JD004 for a job that has ended, JD002 for one that never was.';
