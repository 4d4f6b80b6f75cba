/* The gates of a job, by name: its datasource, its schedule if serial, its site if limited, now. */
create or replace function pgdispatch.gates_of(p_job pgdispatch.job)
returns text[]
language plpgsql
as $$
declare
    v_is_limited boolean;
    v_serial text;
begin
    select running_limit is not null or seconds_limit is not null
    into v_is_limited
    from pgdispatch.site
    where name = p_job.site;
    select name
    into v_serial
    from pgdispatch.schedule
    where name = p_job.schedule
        and execution = 'serial';
    return pgdispatch.gate_names(p_job.site, p_job.datasource, v_serial, v_is_limited);
end
$$;

comment on function pgdispatch.gates_of(pgdispatch.job) is
'Names of the gates that a job has to pass: its datasource, its schedule if that is serial, its '
'site if that has a limit or a budget now.';
