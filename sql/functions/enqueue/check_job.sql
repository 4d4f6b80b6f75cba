/* Refuses what an application may get wrong in a new job, with what to do about it. */
create or replace function pgdispatch.check_job(p_job pgdispatch.job)
returns boolean
language plpgsql
as $$
begin
    if p_job.priority not between 1 and 100 then
        perform pgdispatch.refuse(
            format('priority %s is not between 1 and 100', p_job.priority),
            'use 1 (highest) to 100, or leave it out for the default'
        );
    elsif jsonb_typeof(p_job.args) <> 'object' then
        perform pgdispatch.refuse(
            format('args is a JSON %s, not an object', jsonb_typeof(p_job.args)),
            'pass an object, for example {"table": "sales"}'
        );
    elsif pg_column_size(p_job.args) > 262144 then
        perform pgdispatch.refuse(
            format('args has %s bytes, the limit is 262144', pg_column_size(p_job.args)),
            'store large data elsewhere and pass its name'
        );
    elsif length(p_job.title) > 500
        or length(p_job.datasource) > 500
        or length(p_job.created_by) > 500 then
        perform pgdispatch.refuse(
            'title, datasource or created_by is longer than 500 characters',
            'shorten it; large data belongs in args or elsewhere'
        );
    elsif p_job.datasource = '' then
        perform pgdispatch.refuse(
            'datasource is empty', 'name what the job refreshes, or leave it out'
        );
    elsif not isfinite(p_job.not_before) then
        perform pgdispatch.refuse(
            format('not_before is %s', p_job.not_before),
            'give an instant, or leave it out to start as soon as possible'
        );
    elsif p_job.max_attempts not between 1 and 100 then
        perform pgdispatch.refuse(
            format('max_attempts %s is not between 1 and 100', p_job.max_attempts),
            'use 1 for no retry, or leave it out for the default of the task or job type'
        );
    elsif p_job.timeout <= interval '0' or p_job.timeout > interval '10 years' then
        perform pgdispatch.refuse(
            format('timeout %s is not between 0 and 10 years', p_job.timeout),
            'give a positive interval, or leave it out for the default of the job type'
        );
    end if;
    return true;
end
$$;

comment on function pgdispatch.check_job(pgdispatch.job) is
'Refuses a new job with a priority, args, text or timeout that is out of bounds (JD001).';
