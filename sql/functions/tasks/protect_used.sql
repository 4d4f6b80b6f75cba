/*
 * Trigger: a site, job type, schedule or task to which others refer can be neither deleted nor
 * renamed. The foreign keys would refuse it, too, and name no more than themselves; they are the
 * last word where somebody has just begun to refer to it.
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
        when 'schedule' then
            v_tasks := array(
                select id from pgdispatch.task where schedule = v_key order by id limit 6
            );
            v_linked := array(
                select id from pgdispatch.linked_task where schedule = v_key order by id limit 6
            );
        else
            v_linked := array(
                select distinct linked_task
                from pgdispatch.linked_task_step
                where task = v_key::bigint
                order by linked_task
                limit 6
            );
    end case;
    select string_agg(
        case when cardinality(u.ids) > 1 then u.kind || 's' else u.kind end
        || ' ' || array_to_string(u.ids[:5], ', ')
        || case when cardinality(u.ids) > 5 then ' and more' else '' end,
        '; '
    )
    into v_users
    from (
        values
            ('task', v_tasks),
            ('linked task', v_linked)
    ) as u (kind, ids)
    where u.ids <> '{}';
    if v_users is not null then
        raise exception using
            errcode = 'JD004',
            message = format(
                '%s %s cannot be %s: it is in use', replace(tg_table_name, '_', ' '),
                left(v_key, 60), case tg_op when 'DELETE' then 'deleted' else 'renamed' end
            ),
            detail = format(
                '%s %s', case tg_table_name when 'task' then 'a step of' else 'used by' end, v_users
            ),
            hint = case tg_table_name
                when 'task' then
                    'disable it, or take it out first: see pgdispatch.linked_task_step'
                when 'schedule' then
                    'disable it, or give them another schedule or delete them first: '
                    'see pgdispatch.task and pgdispatch.linked_task'
                when 'job_type' then
                    'give them another type or delete them first: see pgdispatch.task'
                else 'delete them first: see pgdispatch.task and pgdispatch.linked_task'
            end;
    end if;
    return coalesce(new, old);
end
$$;

comment on function pgdispatch.protect_used() is
'Trigger: refuses to delete or rename what tasks, linked tasks or steps refer to (JD004), and says '
'which they are.';

create or replace trigger protect_used
before delete on pgdispatch.site
for each row execute function pgdispatch.protect_used();

create or replace trigger protect_used_name
before update of name on pgdispatch.site
for each row
when (old.name is distinct from new.name)
execute function pgdispatch.protect_used();

comment on trigger protect_used on pgdispatch.site is 'Refuses to delete a site in use.';
comment on trigger protect_used_name on pgdispatch.site is 'Refuses to rename a site in use.';

create or replace trigger protect_used
before delete on pgdispatch.job_type
for each row execute function pgdispatch.protect_used();

create or replace trigger protect_used_name
before update of name on pgdispatch.job_type
for each row
when (old.name is distinct from new.name)
execute function pgdispatch.protect_used();

comment on trigger protect_used on pgdispatch.job_type is 'Refuses to delete a job type in use.';
comment on trigger protect_used_name on pgdispatch.job_type is
'Refuses to rename a job type in use.';

create or replace trigger protect_used
before delete on pgdispatch.schedule
for each row execute function pgdispatch.protect_used();

create or replace trigger protect_used_name
before update of name on pgdispatch.schedule
for each row
when (old.name is distinct from new.name)
execute function pgdispatch.protect_used();

comment on trigger protect_used on pgdispatch.schedule is 'Refuses to delete a schedule in use.';
comment on trigger protect_used_name on pgdispatch.schedule is
'Refuses to rename a schedule in use.';

create or replace trigger protect_used
before delete on pgdispatch.task
for each row execute function pgdispatch.protect_used();

create or replace trigger protect_used_name
before update of id on pgdispatch.task
for each row
when (old.id is distinct from new.id)
execute function pgdispatch.protect_used();

comment on trigger protect_used on pgdispatch.task is 'Refuses to delete a task in use.';
comment on trigger protect_used_name on pgdispatch.task is 'Refuses to rename a task in use.';
