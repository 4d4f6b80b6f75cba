/*
 * Trigger: a site, job type, schedule, calendar or task to which others
 * refer cannot be deleted. The foreign
 * keys would refuse it, too, and name no more than themselves; they are the last word where
 * somebody has just begun to refer to it.
 */
create or replace function pgdispatch.protect_used()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_old constant jsonb := to_jsonb(old);
    v_key constant text := coalesce(v_old ->> 'name', v_old ->> 'id');
    v_tasks bigint[] := '{}';
    v_linked bigint[] := '{}';
    v_nodes text[] := '{}';
    v_schedules text[] := '{}';
    v_windows text[] := '{}';
    v_contracts bigint[];
    v_users text;
begin
    case tg_table_name
        when 'site' then
            v_tasks := array(
                select id from pgdispatch.task where site = v_key order by id limit 6
            );
            v_linked := array(
                select id from pgdispatch.linked_task where site = v_key order by id limit 6
            );
        when 'job_type' then
            v_tasks := array(
                select id from pgdispatch.task where type = v_key order by id limit 6
            );
            v_nodes := array(
                select name
                from pgdispatch.node
                where v_key = any (only_types || except_types)
                order by name
                limit 6
            );
        when 'schedule' then
            v_tasks := array(
                select id from pgdispatch.task where schedule = v_key order by id limit 6
            );
            v_linked := array(
                select id from pgdispatch.linked_task where schedule = v_key order by id limit 6
            );
        when 'calendar' then
            v_schedules := array(
                select name from pgdispatch.schedule where calendar = v_key order by name limit 6
            );
            v_windows := array(
                select name
                from pgdispatch.closed_window
                where calendar = v_key
                order by name
                limit 6
            );
        when 'linked_task' then
            null;
        else
            v_linked := array(
                select distinct linked_task
                from pgdispatch.linked_task_step
                where task = v_key::bigint
                order by linked_task
                limit 6
            );
    end case;
    v_contracts := array(
        select id
        from pgdispatch.contract
        where case tg_table_name
            when 'site' then site = v_key
            when 'job_type' then v_key = any (types)
            when 'schedule' then schedule = v_key
            when 'task' then task::text = v_key
            when 'calendar' then calendar = v_key
            else linked_task::text = v_key
        end
        order by id
        limit 6
    );
    select string_agg(
        case when cardinality(u.ids) > 1 then u.kind || 's' else u.kind end
        || ' ' || array_to_string(u.ids[:5], ', ')
        || case when cardinality(u.ids) > 5 then ' and more' else '' end,
        '; '
    )
    into v_users
    from (
        values
            ('task', v_tasks::text[]),
            ('linked task', v_linked::text[]),
            ('node', v_nodes),
            ('schedule', v_schedules),
            ('closed window', v_windows),
            ('contract', v_contracts::text[])
    ) as u (kind, ids)
    where u.ids <> '{}';
    if v_users is not null then
        raise exception using
            errcode = 'JD004',
            message = format(
                '%s %s cannot be deleted: it is in use', replace(tg_table_name, '_', ' '),
                left(v_key, 60)
            ),
            detail = format(
                '%s %s', case when v_linked <> '{}' and tg_table_name = 'task' then 'a step of'
                    else 'used by' end, v_users
            ),
            hint = case
                when v_contracts <> '{}' and tg_table_name <> 'site' then
                    'delete or change the contracts first: see pgdispatch.contract'
                when tg_table_name = 'task' then
                    'disable it, or take it out first: see pgdispatch.linked_task_step'
                when tg_table_name = 'schedule' then
                    'disable it, or give them another schedule first; to take it from them, '
                    'pgdispatch.delete'
                when tg_table_name = 'calendar' then 'give them another calendar, or none, first'
                when tg_table_name = 'job_type' then
                    'give them another type, or delete them; '
                    'see pgdispatch.task and pgdispatch.node'
                else 'to delete them, too, pgdispatch.delete'
            end;
    end if;
    return old;
end
$$;

comment on function pgdispatch.protect_used() is
'Trigger: refuses to delete what tasks, linked tasks, steps, nodes, schedules or contracts refer '
'to (JD004), and says which they are.';

create or replace trigger protect_used
before delete on pgdispatch.site
for each row execute function pgdispatch.protect_used();

comment on trigger protect_used on pgdispatch.site is 'Refuses to delete a site in use.';

create or replace trigger protect_used
before delete on pgdispatch.job_type
for each row execute function pgdispatch.protect_used();

comment on trigger protect_used on pgdispatch.job_type is 'Refuses to delete a job type in use.';

create or replace trigger protect_used
before delete on pgdispatch.schedule
for each row execute function pgdispatch.protect_used();

comment on trigger protect_used on pgdispatch.schedule is 'Refuses to delete a schedule in use.';

create or replace trigger protect_used
before delete on pgdispatch.task
for each row execute function pgdispatch.protect_used();

comment on trigger protect_used on pgdispatch.task is 'Refuses to delete a task in use.';

create or replace trigger protect_used
before delete on pgdispatch.calendar
for each row execute function pgdispatch.protect_used();

comment on trigger protect_used on pgdispatch.calendar is 'Refuses to delete a calendar in use.';

create or replace trigger protect_used
before delete on pgdispatch.linked_task
for each row execute function pgdispatch.protect_used();

comment on trigger protect_used on pgdispatch.linked_task is
'Refuses to delete a linked task in use.';
