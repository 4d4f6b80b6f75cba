/*
 * The gates of a job, by name. Datasources are named within their site, and a site's name holds
 * no slash, so no two gates share a name. They come in the order datasource, schedule, site.
 */
create or replace function pgdispatch.gates(p_job pgdispatch.job)
returns text[]
language plpgsql
as $$
declare
    v_gates text[] := '{}';
begin
    if p_job.datasource is not null then
        v_gates := array['datasource/' || p_job.site || '/' || p_job.datasource];
    end if;
    if p_job.is_serial then
        v_gates := v_gates || ('schedule/' || p_job.schedule);
    end if;
    if exists (
        select
        from pgdispatch.site
        where name = p_job.site
            and (running_limit is not null or seconds_limit is not null)
    ) then
        v_gates := v_gates || ('site/' || p_job.site);
    end if;
    return v_gates;
end
$$;

comment on function pgdispatch.gates(pgdispatch.job) is
'Names of the gates that a job has to pass: its datasource, its serial schedule, its site if '
'that has a limit or a budget now.';
