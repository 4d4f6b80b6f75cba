/*
 * Refuses an insert whose key is taken. Which job has it is said to who has inserted that, and to
 * people who may see all jobs of the site.
 */
create or replace function pgdispatch.refuse_key(
    p_key text,
    p_site text,
    p_job bigint,
    p_hint text
)
returns void
language plpgsql
as $$
begin
    raise exception using
        errcode = 'JD011',
        message = format('key %L is taken at site %s', left(p_key, 80), p_site),
        detail = case
            when has_table_privilege(session_user, 'pgdispatch.queue', 'select')
                or exists (
                    select
                    from pgdispatch.job_key
                    where job = p_job
                        and inserted_by = session_user
                ) then format('job %s has it: %s', p_job, pgdispatch.whereabouts(p_job))
            else 'a job that another database user has inserted has it'
        end,
        hint = p_hint;
end
$$;

comment on function pgdispatch.refuse_key(text, text, bigint, text) is
'Raises JD011: a job has the key already; it is named if the caller may see it.';
