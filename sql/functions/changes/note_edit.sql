/*
 * Trigger: notes an edit of one row, if a column differs that people set. A site, a linked
 * task and a calendar that are deleted are noted before, with the timeouts, steps and days that go
 * with them. The site that
 * deliver makes for itself is nobody's doing.
 */
create or replace function pgdispatch.note_edit()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set intervalstyle = postgres
as $$
declare
    v_old constant jsonb := to_jsonb(old);
    v_new constant jsonb := to_jsonb(new);
    v_row constant jsonb := coalesce(v_new, v_old);
    v_change record;
    v_what text;
    v_parts jsonb;
begin
    select *
    into v_change
    from pgdispatch.differences(v_old, v_new, pgdispatch.configured_columns(tg_table_name));
    if tg_table_name = 'site' and tg_op = 'INSERT' and v_new ->> 'name' = 'pgdispatch-notices'
        or v_change.before is null and v_change.after is null
        or tg_op = 'UPDATE' and pgdispatch.is_carried(v_change.before)
        or tg_table_name = 'closed_window' and pg_trigger_depth() > 1 then
        return coalesce(new, old);
    end if;
    v_what := case
        when tg_op = 'INSERT' then 'add'
        when tg_op = 'DELETE' then 'delete'
        when v_change.after ? 'name' then 'rename'
        when v_change.after - 'drain_ends_at' in ('{}', '{"is_drained": true}') then 'drain'
        when v_change.after - 'drain_ends_at' = '{"is_drained": false}' then 'resume'
        else 'change'
    end;
    if tg_op = 'DELETE' and tg_table_name = 'site' then
        select jsonb_object_agg('timeout of ' || t.type, t.timeout)
        into v_parts
        from pgdispatch.site_timeout as t
        where t.site = old.name;
    elsif tg_op = 'DELETE' and tg_table_name = 'calendar' then
        select jsonb_object_agg('day ' || d.day, pgdispatch.day_facts(d))
        into v_parts
        from pgdispatch.calendar_day as d
        where d.calendar = old.name;
    elsif tg_op = 'DELETE' and tg_table_name = 'linked_task' then
        select jsonb_object_agg('step ' || s.step, pgdispatch.step_facts(s))
        into v_parts
        from pgdispatch.linked_task_step as s
        where s.linked_task = old.id;
    end if;
    perform pgdispatch.note_change(
        v_what, replace(tg_table_name, '_', ' '),
        v_row ->> case
            when tg_table_name in ('linked_task', 'notice_rule', 'contract') then 'id'
            else 'name'
        end,
        case
            when tg_table_name = 'site' then v_row ->> 'name'
            when tg_table_name <> 'closed_window' then v_row ->> 'site'
            when v_row ->> 'scope' = 'site' then v_row ->> 'target'
        end,
        v_change.before || coalesce(v_parts, '{}'), v_change.after
    );
    return coalesce(new, old);
end
$$;

comment on function pgdispatch.note_edit() is
'Trigger: notes who edited a site, schedule, calendar, linked task, node, job type, setting, '
'notice rule or contract, and how.';

create or replace trigger note_edit
after insert or update of
    name, max_running_jobs, daily_seconds, refill_at, time_zone, over_budget, run_now_enabled
on pgdispatch.site
for each row execute function pgdispatch.note_edit();

create or replace trigger note_edit_delete
before delete on pgdispatch.site
for each row execute function pgdispatch.note_edit();

create or replace trigger note_edit
after insert or delete or update of
    name, priority, execution, is_custom, enabled, recurrence, time_zone, missed_runs,
    max_missed_runs, calendar, on_free_day
on pgdispatch.schedule
for each row execute function pgdispatch.note_edit();

create or replace trigger note_edit
after insert or delete or update of
    name, scope, target, recurrence, lasts, time_zone, calendar, on_free_day, from_at, to_at,
    drain_before, run_at_end, reason, enabled
on pgdispatch.closed_window
for each row execute function pgdispatch.note_edit();

create or replace trigger note_edit
after insert or update of name, time_zone, working_weekdays on pgdispatch.calendar
for each row execute function pgdispatch.note_edit();

create or replace trigger note_edit_delete
before delete on pgdispatch.calendar
for each row execute function pgdispatch.note_edit();

create or replace trigger note_edit
after insert or update of site, title, schedule, priority, enabled on pgdispatch.linked_task
for each row execute function pgdispatch.note_edit();

create or replace trigger note_edit_delete
before delete on pgdispatch.linked_task
for each row execute function pgdispatch.note_edit();

create or replace trigger note_edit
after insert or delete or update of
    name, rank, timeout, max_attempts, priority_from, default_priority, run_now_first, description
on pgdispatch.job_type
for each row execute function pgdispatch.note_edit();

create or replace trigger note_edit
after update of value on pgdispatch.setting
for each row execute function pgdispatch.note_edit();

create or replace trigger note_edit
after insert or delete or update of what, target, site, type, schedule, after
on pgdispatch.notice_rule
for each row execute function pgdispatch.note_edit();

create or replace trigger note_edit
after insert or delete or update of
    name, site, datasource, task, schedule, linked_task, types, due, time_zone, calendar, since,
    max_age, warn_chance, warn_before, target, note, enabled
on pgdispatch.contract
for each row execute function pgdispatch.note_edit();

-- what a supervisor does is nobody's edit: it takes a name, made or there already, and forgets one
create or replace trigger note_edit_insert
after insert on pgdispatch.node
for each row
when (new.started_at is null)
execute function pgdispatch.note_edit();

create or replace trigger note_edit
after update of
    name, backgrounders, application_servers, only_types, except_types, is_drained,
    drain_ends_at
on pgdispatch.node
for each row
when (old.incarnation is not distinct from new.incarnation)
execute function pgdispatch.note_edit();

create or replace trigger note_edit_delete
after delete on pgdispatch.node
for each row
when (old.stopped_at is distinct from '-infinity')
execute function pgdispatch.note_edit();

comment on trigger note_edit on pgdispatch.site is 'Notes who edited a site, and how.';
comment on trigger note_edit_delete on pgdispatch.site is 'Notes who deleted a site.';
comment on trigger note_edit on pgdispatch.schedule is 'Notes who edited a schedule, and how.';
comment on trigger note_edit on pgdispatch.closed_window is 'Notes who edited it, and how.';
comment on trigger note_edit on pgdispatch.calendar is 'Notes who edited a calendar, and how.';
comment on trigger note_edit_delete on pgdispatch.calendar is 'Notes who deleted a calendar.';
comment on trigger note_edit on pgdispatch.linked_task is 'Notes who edited it, and how.';
comment on trigger note_edit_delete on pgdispatch.linked_task is 'Notes who deleted it.';
comment on trigger note_edit on pgdispatch.job_type is 'Notes who edited a job type, and how.';
comment on trigger note_edit on pgdispatch.setting is 'Notes who changed a setting, and how.';
comment on trigger note_edit on pgdispatch.notice_rule is 'Notes who edited a rule, and how.';
comment on trigger note_edit on pgdispatch.contract is 'Notes who edited a contract, and how.';
comment on trigger note_edit_insert on pgdispatch.node is 'Notes who added a node.';
comment on trigger note_edit on pgdispatch.node is 'Notes who edited a node, and how.';
comment on trigger note_edit_delete on pgdispatch.node is 'Notes who deleted a node.';
