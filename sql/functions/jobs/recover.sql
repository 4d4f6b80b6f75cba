/*
 * Gives back the job that the database thinks a backgrounder runs, when that one knows that it
 * runs none: the answer to its claim got lost on the way. No retry is spent.
 * Locks: as requeue.
 */
create or replace function pgdispatch.recover(p_backgrounder text)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_job pgdispatch.job;
begin
    perform pgdispatch.check_caller(p_backgrounder);
    select *
    into v_job
    from pgdispatch.job
    where state = 'running'
        and node = split_part(p_backgrounder, ':', 1)
        and backgrounder = p_backgrounder;
    if found then
        perform pgdispatch.end_attempt(
            v_job.id, v_job.attempt, 'not begun', null, null, null, false, null, null, null
        );
    end if;
    return v_job.id;
end
$$;

comment on function pgdispatch.recover(text) is
'Takes back to the queue whatever a backgrounder has running, and returns the job''s id, null if '
'there is none; for one that lost the answer to its claim. JD001, JD008.';
