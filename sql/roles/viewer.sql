/* People who look: all views and tables, nothing to change. */
do $$
begin
    if not exists (select from pg_roles where rolname = 'pgdispatch_viewer') then
        create role pgdispatch_viewer nologin;
        comment on role pgdispatch_viewer is
        'pgdispatch: People who look: all views and tables, nothing to change.';
    end if;
exception
    when duplicate_object or unique_violation then
        null; -- somebody else has just made it: roles belong to the whole cluster
end $$;

grant usage on schema pgdispatch to pgdispatch_viewer;
grant select on all tables in schema pgdispatch to pgdispatch_viewer;
revoke select on pgdispatch.token from pgdispatch_viewer;  -- but for the hashes
grant select (
    id, name, login, login_oid, created_by, created_at, ends_at, revoked_at, revoked_by,
    last_used_at
) on pgdispatch.token to pgdispatch_viewer;
grant execute on function
    pgdispatch.now(),
    pgdispatch.setting(text),
    pgdispatch.seconds(text),
    pgdispatch.configured_columns(text),
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
    pgdispatch.usual_seconds(bigint),
    pgdispatch.forecast_input(double precision),
    pgdispatch.desired_backgrounders(),
    pgdispatch.add_token(text, bytea, integer, text),
    pgdispatch.revoke_token(bigint),
    pgdispatch.subject_words(pgdispatch.contract),
    pgdispatch.contract_verdict(bigint)
to pgdispatch_viewer;

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
                select from pg_policy as p where p.polrelid = c.oid and p.polname = 'viewer'
            )
        order by c.oid
    loop
        execute format(
            'create policy viewer on %s for select to pgdispatch_viewer using (true)', v_table
        );
    end loop;
end $$;
