/*
 * Which gates of a job are full, read from the running jobs.
 * The caller holds the locks of these gates, else the answer may be stale at once.
 */
create or replace function pgdispatch.full_gates(p_job pgdispatch.job, p_gates text[])
returns text[]
language plpgsql
as $$
declare
    v_full text[] := '{}';
    v_gate text;
    v_is_full boolean;
begin
    foreach v_gate in array p_gates loop
        case pgdispatch.gate_kind(v_gate)
            when 'datasource' then
                v_is_full := exists (
                    select
                    from pgdispatch.job
                    where state = 'running'
                        and site = p_job.site
                        and datasource = p_job.datasource
                );
            when 'schedule' then
                v_is_full := exists (
                    select
                    from pgdispatch.job
                    where state = 'running'
                        and schedule = p_job.schedule
                );
            else
                v_is_full := pgdispatch.is_site_full(p_job.site);
        end case;
        if v_is_full then
            v_full := v_full || v_gate;
        end if;
    end loop;
    return v_full;
end
$$;

comment on function pgdispatch.full_gates(pgdispatch.job, text[]) is
'Those of the gates given that are full now; call it while holding their locks.';
