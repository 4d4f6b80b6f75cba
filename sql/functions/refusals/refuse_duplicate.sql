/* Refuses a second job of one thing, naming the first. */
create or replace function pgdispatch.refuse_duplicate(p_what text, p_job bigint)
returns void
language plpgsql
as $$
begin
    raise exception using
        errcode = 'JD005',
        message = format('%s already has job %s', p_what, p_job),
        detail = pgdispatch.whereabouts(p_job),
        hint = 'wait for that job, or cancel it first';
end
$$;

comment on function pgdispatch.refuse_duplicate(text, bigint) is
'Raises JD005: something already has a job waiting or running, which is named.';
