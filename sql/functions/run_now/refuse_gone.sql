/* Refuses to run a job without a task again whose site, type or schedule is no more. */
create or replace function pgdispatch.refuse_gone(p_old pgdispatch.job_history)
returns void
language plpgsql
as $$
declare
    v_gone constant text := case
        when not exists (select from pgdispatch.site where name = p_old.site)
            then 'site ' || p_old.site
        when not exists (select from pgdispatch.job_type where name = p_old.type)
            then 'job type ' || p_old.type
        when p_old.schedule is not null
            and not exists (select from pgdispatch.schedule where name = p_old.schedule)
            then 'schedule ' || p_old.schedule
    end;
begin
    if v_gone is not null then
        raise exception using
            errcode = 'JD004',
            message = format('job %s cannot be retried: there is no %s any more', p_old.id, v_gone),
            detail = 'it was deleted or renamed, and the history keeps the names it had',
            hint = 'add a job with its arguments';
    end if;
end
$$;

comment on function pgdispatch.refuse_gone(pgdispatch.job_history) is
'Raises JD004 for an ended job whose site, type or schedule is no more.';
