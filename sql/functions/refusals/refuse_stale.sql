/* Refuses to end an attempt that is not running, and says where its job is. */
create or replace function pgdispatch.refuse_stale(p_job bigint, p_attempt integer)
returns void
language plpgsql
as $$
begin
    raise exception using
        errcode = 'JD003',
        message = format('job %s is not running as attempt %s', p_job, p_attempt),
        detail = pgdispatch.whereabouts(p_job),
        hint = 'drop this result: it was ended, cancelled or given to another backgrounder';
end
$$;

comment on function pgdispatch.refuse_stale(bigint, integer) is
'Refuses a stale attempt (JD003).';
