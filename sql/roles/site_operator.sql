/*
 * People who run a site: everything a site viewer sees, and its tasks, Run Now, cancel, priorities.
 * Not the limits of the site, which are set against it; nor schedules, which sites may share.
 */
do $$
begin
    if not exists (select from pg_roles where rolname = 'pgdispatch_site_operator') then
        create role pgdispatch_site_operator nologin;
        comment on role pgdispatch_site_operator is
        'pgdispatch: People who run a site: its tasks, Run Now, cancel, priorities.';
        grant pgdispatch_site_viewer to pgdispatch_site_operator;
    end if;
exception
    when duplicate_object or unique_violation then
        null; -- somebody else has just made it: roles belong to the whole cluster
end $$;

grant insert, update, delete on
    pgdispatch.task,
    pgdispatch.linked_task,
    pgdispatch.linked_task_step,
    pgdispatch.closed_window,
    pgdispatch.notice_rule
to pgdispatch_site_operator;
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
on pgdispatch.contract to pgdispatch_site_operator;
grant insert (
    type, site, title, datasource, schedule, task, priority, args, not_before, timeout,
    max_attempts, created_by, traceparent, key, key_until, on_conflict
) on pgdispatch.job to pgdispatch_site_operator;
grant insert on pgdispatch.new_job to pgdispatch_site_operator;
grant execute on function
    pgdispatch.cancel(bigint, text, text),
    pgdispatch.set_priority(bigint, integer),
    pgdispatch.run_now(bigint, text),
    pgdispatch.retry_job(bigint, text),
    pgdispatch.run_now_schedule(text, text),
    pgdispatch.run_now_linked_task(bigint, text),
    pgdispatch.resume(bigint),
    pgdispatch.pause(text, text, timestamptz, text, text),
    pgdispatch.end_pause(text, text),
    pgdispatch.republish(text, text),
    pgdispatch.fire(text, timestamptz, boolean),
    pgdispatch.rename(text, text, text),
    pgdispatch.delete(text, text),
    pgdispatch.consequences(text, text, text),
    pgdispatch.backfill(text, timestamptz, timestamptz),
    pgdispatch.preview_backfill(text, timestamptz, timestamptz),
    pgdispatch.test_notice(text, text),
    pgdispatch.lock_configuration()
to pgdispatch_site_operator;

do $$
declare
    v_table text;
    v_condition text;
begin
    for v_table, v_condition in
        values
            ('task', 'site = any ((select pgdispatch.own_sites())::text[])'),
            ('linked_task', 'site = any ((select pgdispatch.own_sites())::text[])'),
            ('linked_task_step',
                'exists (select from pgdispatch.linked_task as t where t.id = linked_task)'),
            ('job', 'site = any ((select pgdispatch.own_sites())::text[])'),
            ('closed_window', 'is_confined and scope = ''site'''
                ' and target = any ((select pgdispatch.own_sites())::text[])'),
            ('notice_rule', 'site = any ((select pgdispatch.own_sites())::text[])'
                ' and (schedule is null'
                ' or schedule = any ((select pgdispatch.own_schedules())::text[]))'),
            ('contract', 'site = any ((select pgdispatch.own_sites())::text[])'
                ' and (schedule is null'
                ' or schedule = any ((select pgdispatch.own_schedules())::text[]))')
    loop
        if not exists (
            select
            from pg_policy
            where polrelid = ('pgdispatch.' || v_table)::regclass
                and polname = 'site_operator'
        ) then
            execute format(
                'create policy site_operator on pgdispatch.%I to pgdispatch_site_operator '
                'using (%s)', v_table, v_condition
            );
        end if;
    end loop;
end $$;
