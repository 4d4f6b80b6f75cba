/* What everybody may do: nothing. Nor does anybody see a row unless a policy says so. */
revoke all on schema pgdispatch from public;
revoke all on all tables in schema pgdispatch from public;
revoke all on all functions in schema pgdispatch from public;

do $$
declare
    v_table regclass;
begin
    for v_table in
        select oid
        from pg_class
        where oid in (
            'pgdispatch.site'::regclass,
            'pgdispatch.site_timeout'::regclass,
            'pgdispatch.pause'::regclass,
            'pgdispatch.charge'::regclass,
            'pgdispatch.schedule'::regclass,
            'pgdispatch.calendar'::regclass,
            'pgdispatch.closed_window'::regclass,
            'pgdispatch.calendar_day'::regclass,
            'pgdispatch.task'::regclass,
            'pgdispatch.suspension'::regclass,
            'pgdispatch.occurrence'::regclass,
            'pgdispatch.linked_task'::regclass,
            'pgdispatch.linked_task_step'::regclass,
            'pgdispatch.linked_run'::regclass,
            'pgdispatch.job'::regclass,
            'pgdispatch.job_history'::regclass,
            'pgdispatch.job_log'::regclass,
            'pgdispatch.attempt'::regclass,
            'pgdispatch.retry'::regclass,
            'pgdispatch.job_key'::regclass,
            'pgdispatch.change'::regclass,
            'pgdispatch.notice_rule'::regclass,
            'pgdispatch.notice'::regclass,
            'pgdispatch.forecast_job'::regclass,
            'pgdispatch.forecast_schedule'::regclass,
            'pgdispatch.forecast_check'::regclass,
            'pgdispatch.token'::regclass,
            'pgdispatch.contract'::regclass
        )
            and not relrowsecurity
        order by oid
    loop
        execute format('alter table %s enable row level security', v_table);
    end loop;
end $$;
