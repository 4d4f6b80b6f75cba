/* Says in words where a job is now, for error details. */
create or replace function pgdispatch.whereabouts(p_job bigint)
returns text
language sql
stable
as $$
    select coalesce(
        (
            select case state
                when 'running' then format('it runs as attempt %s on %s', attempt, backgrounder)
                else 'it is waiting'
            end
            from pgdispatch.job
            where id = p_job
        ),
        (
            select format('it %s %s at %s',
                case outcome when 'cancelled' then 'was' else 'has' end, outcome, ended_at)
            from pgdispatch.job_history
            where id = p_job
            limit 1
        ),
        'there is no such job'
    )
$$;

comment on function pgdispatch.whereabouts(bigint) is
'Where a job is now, in words: waiting, running on whom, ended how, or unknown.';
