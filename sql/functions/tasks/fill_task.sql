/*
 * Trigger: gives a new task its priority (semantics 3.2) and notes when it was enabled. Whatever is
 * changed about a task lets its failures count anew, and lifts its suspension (semantics 6).
 */
create or replace function pgdispatch.fill_task()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_type pgdispatch.job_type;
begin
    if tg_op = 'UPDATE' and (
        old.site <> new.site
        and not exists (select from pgdispatch.site where name = old.site)
        or old.type <> new.type
        and not exists (select from pgdispatch.job_type where name = old.type)
        or old.schedule <> new.schedule
        and not exists (select from pgdispatch.schedule where name = old.schedule)
    ) then
        return new;  -- what it names was renamed, and the key carries it along: no edit
    end if;
    perform pgdispatch.refuse_unknown(new.type, new.site, new.schedule);
    select * into v_type from pgdispatch.job_type where name = new.type;
    if v_type.priority_from = 'schedule' and new.priority is not null then
        perform pgdispatch.refuse(
            format('a task of type %s has no priority of its own', new.type),
            'leave priority out: its jobs take the priority of the schedule'
        );
    elsif new.priority not between 1 and 100 then
        perform pgdispatch.refuse(
            format('priority %s is not between 1 and 100', new.priority),
            'use 1 (highest) to 100, or leave it out for that of the schedule'
        );
    end if;
    if tg_op = 'UPDATE' and (old.type, old.site) is distinct from (new.type, new.site)
        and exists (select from pgdispatch.linked_task_step where task = new.id) then
        perform pgdispatch.refuse(
            format('task %s is a step of a linked task', new.id),
            'take it out of the linked task before you change its type or site'
        );
    end if;
    if tg_op = 'INSERT' then
        new.created_at := pgdispatch.now();
        new.enabled_at := new.created_at;
        if v_type.priority_from = 'task' then
            new.priority := coalesce(
                new.priority,
                (select priority from pgdispatch.schedule where name = new.schedule),
                nullif(v_type.default_priority, 0)
            );
        end if;
    else
        if new.enabled and not old.enabled then
            new.enabled_at := pgdispatch.now();
        end if;
        new.streak_since := pgdispatch.now();
        delete from pgdispatch.suspension where task = new.id;
    end if;
    return new;
end
$$;

comment on function pgdispatch.fill_task() is
'Trigger: a new extract or flow task takes the priority of its schedule; enabling a task '
'refreshes its enabled_at; an edit ends its failure streak; what is wrong is refused with a hint '
'(JD001).';

create or replace trigger fill_task
before insert or update on pgdispatch.task
for each row execute function pgdispatch.fill_task();

comment on trigger fill_task on pgdispatch.task is 'Fills and checks each task.';
