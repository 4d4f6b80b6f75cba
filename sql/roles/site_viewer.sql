/*
 * People of a site who look: what concerns their sites, nothing to change.
 *
 * A role of its own, not pgdispatch_viewer and a mark: rights that are not granted need nobody who
 * takes them away again, and policies for other roles cost those who see everything nothing at all.
 * Not granted, as it tells of the whole cluster: nodes and their processes, deferral, generation,
 * swept_job, watch, site_member, site_type, load_ahead, partitions of the history by name.
 */
do $$
begin
    if not exists (select from pg_roles where rolname = 'pgdispatch_site_viewer') then
        create role pgdispatch_site_viewer nologin;
        comment on role pgdispatch_site_viewer is
        'pgdispatch: People of a site who look: what concerns their sites, nothing to change.';
    end if;
exception
    when duplicate_object or unique_violation then
        null; -- somebody else has just made it: roles belong to the whole cluster
end $$;

grant usage on schema pgdispatch to pgdispatch_site_viewer;
grant select on
    pgdispatch.schema_version,
    pgdispatch.setting,
    pgdispatch.job_type,
    pgdispatch.site,
    pgdispatch.site_timeout,
    pgdispatch.pause,
    pgdispatch.charge,
    pgdispatch.schedule,
    pgdispatch.calendar,
    pgdispatch.calendar_day,
    pgdispatch.closed_window,
    pgdispatch.task,
    pgdispatch.suspension,
    pgdispatch.occurrence,
    pgdispatch.linked_task,
    pgdispatch.linked_task_step,
    pgdispatch.linked_run,
    pgdispatch.job,
    pgdispatch.job_history,
    pgdispatch.job_log,
    pgdispatch.attempt,
    pgdispatch.retry,
    pgdispatch.job_key,
    pgdispatch.change,
    pgdispatch.notice_rule,
    pgdispatch.notice,
    pgdispatch.notice_status,
    pgdispatch.forecast_job,
    pgdispatch.forecast_schedule,
    pgdispatch.forecast_check,
    pgdispatch.forecast,
    pgdispatch.schedule_forecast,
    pgdispatch.forecast_quality,
    pgdispatch.contract,
    pgdispatch.contract_status,
    pgdispatch.queue,
    pgdispatch.running,
    pgdispatch.gate_status,
    pgdispatch.paused,
    pgdispatch.background_task,
    pgdispatch.job_attempt,
    pgdispatch.delay,
    pgdispatch.schedule_status,
    pgdispatch.calendar_status,
    pgdispatch.window_status,
    pgdispatch.task_status,
    pgdispatch.linked_task_status,
    pgdispatch.step_status,
    pgdispatch.linked_task_run,
    pgdispatch.site_usage,
    pgdispatch.effective_timeout,
    pgdispatch.own_job,
    pgdispatch.background_jobs,
    pgdispatch._background_tasks,
    pgdispatch._schedules,
    pgdispatch._tasks,
    pgdispatch._sites,
    pgdispatch.token_status
to pgdispatch_site_viewer;
grant select (is_only, made_at, until, runs, period) on pgdispatch.forecast_state
to pgdispatch_site_viewer;
grant select (
    id, name, login, login_oid, created_by, created_at, ends_at, revoked_at, revoked_by,
    last_used_at
) on pgdispatch.token to pgdispatch_site_viewer;
grant execute on function
    pgdispatch.now(),
    pgdispatch.setting(text),
    pgdispatch.seconds(text),
    pgdispatch.configured_columns(text),
    pgdispatch.own_sites(),
    pgdispatch.look_at_forecast(),
    pgdispatch.job_forecasts(bigint[]),
    pgdispatch.forecast_lead(double precision),
    pgdispatch.own_schedules(),
    pgdispatch.why(bigint),
    pgdispatch.why_late(bigint),
    pgdispatch.waits(timestamptz, timestamptz),
    pgdispatch.find_queued(
        text, text, text, bigint, text, text, text, text, integer, integer
    ),
    pgdispatch.find_ended(
        text, text, timestamptz, timestamptz, text, text, text, bigint, text, text, text, integer
    ),
    pgdispatch.find_tasks(text, text, text, text, text, boolean, boolean, integer),
    pgdispatch.queue_page(
        integer, jsonb, jsonb, text, text, text, text, bigint, text, text, integer
    ),
    pgdispatch.obstacles(text),
    pgdispatch.obstacles_by_gate(),
    pgdispatch.gate_queue(),
    pgdispatch.queue_counts(),
    pgdispatch.history_reach(integer, timestamptz, timestamptz, text, bigint, boolean),
    pgdispatch.log_lines(bigint, integer, integer, bigint, integer),
    pgdispatch.site_budget(text),
    pgdispatch.failure_streak(bigint),
    pgdispatch.recurrence_masks(text),
    pgdispatch.next_run(text, text, timestamptz, text, text),
    pgdispatch.last_run(text, text, timestamptz, text, text),
    pgdispatch.next_runs(text, text, timestamptz, integer, text, text),
    pgdispatch.preview_runs(text, text, timestamptz, integer, text, text),
    pgdispatch.schedule_runs(pgdispatch.schedule, timestamptz, integer),
    pgdispatch.preview_schedule(text, timestamptz, integer),
    pgdispatch.own_calendars(),
    pgdispatch.usual_seconds(bigint),
    pgdispatch.forecast_input(double precision),
    pgdispatch.add_token(text, bytea, integer, text),
    pgdispatch.revoke_token(bigint),
    pgdispatch.subject_words(pgdispatch.contract),
    pgdispatch.contract_verdict(bigint)
to pgdispatch_site_viewer;

/*
 * What concerns a site: by its name, or by its task or linked task, which the caller has to see. Of
 * a schedule that sites share not who started it: that row tells how many jobs of all sites it was.
 */
do $$
declare
    v_table text;
    v_condition text;
    v_former text;
begin
    for v_table, v_condition in
        values
            ('site', 'name = any ((select pgdispatch.own_sites())::text[])'),
            ('site_timeout', 'site = any ((select pgdispatch.own_sites())::text[])'),
            ('pause',
                'scope in (''all'', ''type'') '
                'or scope = ''site'' and name = any ((select pgdispatch.own_sites())::text[]) '
                'or scope = ''schedule'' '
                'and name = any ((select pgdispatch.own_schedules())::text[])'),
            ('charge', 'site = any ((select pgdispatch.own_sites())::text[])'),
            ('schedule', 'name = any ((select pgdispatch.own_schedules())::text[])'),
            ('closed_window',
                'scope = ''type'' '
                'or scope = ''site'' and target = any ((select pgdispatch.own_sites())::text[]) '
                'or scope = ''schedule'' '
                'and target = any ((select pgdispatch.own_schedules())::text[])'),
            ('calendar', 'name = any ((select pgdispatch.own_calendars())::text[])'),
            ('calendar_day', 'calendar = any ((select pgdispatch.own_calendars())::text[])'),
            ('task', 'site = any ((select pgdispatch.own_sites())::text[])'),
            ('suspension', 'exists (select from pgdispatch.task as t where t.id = task)'),
            ('occurrence', 'exists (select from pgdispatch.task as t where t.id = task)'),
            ('linked_task', 'site = any ((select pgdispatch.own_sites())::text[])'),
            ('linked_task_step',
                'exists (select from pgdispatch.linked_task as t where t.id = linked_task)'),
            ('linked_run',
                'exists (select from pgdispatch.linked_task as t where t.id = linked_task)'),
            ('job', 'site = any ((select pgdispatch.own_sites())::text[])'),
            ('job_history', 'site = any ((select pgdispatch.own_sites())::text[])'),
            ('job_log', 'site = any ((select pgdispatch.own_sites())::text[])'),
            ('attempt', 'site = any ((select pgdispatch.own_sites())::text[])'),
            ('job_key', 'site = any ((select pgdispatch.own_sites())::text[])'),
            ('retry', 'site = any ((select pgdispatch.own_sites())::text[])'),
            ('change', 'site = any ((select pgdispatch.own_sites())::text[]) or '
                'kind = ''schedule'' and what not in (''fire'', ''backfill'', ''run now'') '
                'and name = any ((select pgdispatch.own_schedules())::text[])'),
            ('notice_rule', 'site = any ((select pgdispatch.own_sites())::text[])'),
            ('notice', 'site = any ((select pgdispatch.own_sites())::text[])'),
            ('forecast_job', 'site = any ((select pgdispatch.own_sites())::text[])'),
            ('forecast_schedule', 'site = any ((select pgdispatch.own_sites())::text[])'),
            ('forecast_check', 'site = any ((select pgdispatch.own_sites())::text[])'),
            ('token', 'login = session_user'),
            ('contract', 'site = any ((select pgdispatch.own_sites())::text[])')
    loop
        v_former := (
            select pg_get_expr(polqual, polrelid)
            from pg_policy
            where polrelid = ('pgdispatch.' || v_table)::regclass
                and polname = 'site_viewer'
        );
        if v_former is null then
            execute format(
                'create policy site_viewer on pgdispatch.%I for select to pgdispatch_site_viewer '
                'using (%s)', v_table, v_condition
            );
        elsif v_table = 'change' and v_former not like '%backfill%' then  -- as it was at first
            execute format(
                'alter policy site_viewer on pgdispatch.%I using (%s)', v_table, v_condition
            );
        end if;
    end loop;
end $$;
