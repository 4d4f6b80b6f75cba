/* Trigger: a step of a linked task is a flow of the same site. */
create or replace function pgdispatch.check_step()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_task pgdispatch.task;
    v_site text;
begin
    select * into v_task from pgdispatch.task where id = new.task;
    select site into v_site from pgdispatch.linked_task where id = new.linked_task;
    if v_task.id is null or v_site is null
        or not pgdispatch.may_see(v_task.site) or not pgdispatch.may_see(v_site) then
        perform pgdispatch.refuse(
            format('there is no task %s or no linked task %s', new.task, new.linked_task),
            'add them first, see pgdispatch.task and pgdispatch.linked_task'
        );
    elsif v_task.type <> 'flow' then
        perform pgdispatch.refuse(
            format('task %s is of type %s', v_task.id, v_task.type),
            'the steps of a linked task are flows'
        );
    elsif v_task.site <> v_site then
        perform pgdispatch.refuse(
            format('task %s is of site %s, the linked task of site %s',
                v_task.id, v_task.site, v_site),
            'the steps of a linked task belong to its site'
        );
    end if;
    return new;
end
$$;

comment on function pgdispatch.check_step() is
'Trigger: refuses a step that is no flow of the site of its linked task (JD001).';

create or replace trigger check_step
before insert or update on pgdispatch.linked_task_step
for each row execute function pgdispatch.check_step();

comment on trigger check_step on pgdispatch.linked_task_step is 'A step is a flow of its site.';
