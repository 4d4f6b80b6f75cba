/* People who run it: everything a viewer sees, Run Now, cancel, priorities, nodes, limits. */
do $$
begin
    if not exists (select from pg_roles where rolname = 'pgdispatch_operator') then
        create role pgdispatch_operator nologin;
        comment on role pgdispatch_operator is
        'pgdispatch: People who run it: everything a viewer sees, Run Now, cancel, priorities, '
        'nodes, limits.';
    end if;
exception
    when duplicate_object or unique_violation then
        null; -- somebody else has just made it: roles belong to the whole cluster
end $$;

grant usage on schema pgdispatch to pgdispatch_operator;
grant select on all tables in schema pgdispatch to pgdispatch_operator;
revoke select on pgdispatch.token from pgdispatch_operator;  -- but for the hashes
grant select (
    id, name, login, login_oid, created_by, created_at, ends_at, revoked_at, revoked_by,
    last_used_at
) on pgdispatch.token to pgdispatch_operator;
grant insert, update, delete on
    pgdispatch.site,
    pgdispatch.schedule,
    pgdispatch.calendar,
    pgdispatch.calendar_day,
    pgdispatch.closed_window,
    pgdispatch.task,
    pgdispatch.site_timeout,
    pgdispatch.linked_task,
    pgdispatch.linked_task_step,
    pgdispatch.notice_rule
to pgdispatch_operator;
grant
    insert (
        name, site, datasource, task, schedule, linked_task, types, due, time_zone, calendar, since,
        max_age, warn_chance, warn_before, target, note, enabled
    ),
    update (
        name, site, datasource, task, schedule, linked_task, types, due, time_zone, calendar, since,
        max_age, warn_chance, warn_before, target, note, enabled
    ),
    delete
on pgdispatch.contract to pgdispatch_operator;
grant
    insert (
        name, rank, timeout, max_attempts, priority_from, default_priority, run_now_first,
        description
    ),
    update (
        name, rank, timeout, max_attempts, priority_from, default_priority, run_now_first,
        description
    ),
    delete
on pgdispatch.job_type to pgdispatch_operator;
grant update (value) on pgdispatch.setting to pgdispatch_operator;
grant
    insert (
        name, backgrounders, application_servers, only_types, except_types, is_drained
    ),
    update (name, backgrounders, application_servers, only_types, except_types, is_drained),
    delete
on pgdispatch.node to pgdispatch_operator;
grant insert (
    type, site, title, datasource, schedule, task, priority, args, not_before, timeout,
    max_attempts, created_by, traceparent, key, key_until, on_conflict
) on pgdispatch.job to pgdispatch_operator;
grant insert on pgdispatch.new_job to pgdispatch_operator;
grant execute on function
    pgdispatch.now(),
    pgdispatch.setting(text),
    pgdispatch.seconds(text),
    pgdispatch.configured_columns(text),
    pgdispatch.usual_seconds(bigint),
    pgdispatch.forecast_input(double precision),
    pgdispatch.cancel(bigint, text, text),
    pgdispatch.set_priority(bigint, integer),
    pgdispatch.run_now(bigint, text),
    pgdispatch.retry_job(bigint, text),
    pgdispatch.run_now_schedule(text, text),
    pgdispatch.run_now_linked_task(bigint, text),
    pgdispatch.resume(bigint),
    pgdispatch.pause(text, text, timestamptz, text, text),
    pgdispatch.end_pause(text, text),
    pgdispatch.own_sites(),
    pgdispatch.look_at_forecast(),
    pgdispatch.job_forecasts(bigint[]),
    pgdispatch.forecast_history(double precision),
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
    pgdispatch.republish(text, text),
    pgdispatch.fire(text, timestamptz, boolean),
    pgdispatch.rename(text, text, text),
    pgdispatch.delete(text, text),
    pgdispatch.consequences(text, text, text),
    pgdispatch.backfill(text, timestamptz, timestamptz),
    pgdispatch.preview_backfill(text, timestamptz, timestamptz),
    pgdispatch.test_notice(text, text),
    pgdispatch.lock_configuration(),
    pgdispatch.drain(text, interval, text, text),
    pgdispatch.node_attempts(text),
    pgdispatch.desired_backgrounders(),
    pgdispatch.add_token(text, bytea, integer, text),
    pgdispatch.revoke_token(bigint),
    pgdispatch.subject_words(pgdispatch.contract),
    pgdispatch.contract_verdict(bigint)
to pgdispatch_operator;

do $$
declare
    v_table regclass;
begin
    for v_table in
        select c.oid
        from pg_class as c
        where c.relnamespace = 'pgdispatch'::regnamespace
            and c.relrowsecurity
            and not exists (
                select from pg_policy as p where p.polrelid = c.oid and p.polname = 'operator'
            )
        order by c.oid
    loop
        execute format('create policy operator on %s to pgdispatch_operator using (true)', v_table);
    end loop;
end $$;
