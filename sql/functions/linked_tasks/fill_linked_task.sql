/*
 * Trigger: gives a new linked task the priority of its schedule (semantics 3.2), notes when it was
 * enabled, and refuses what is wrong.
 * Locks: the row of a schedule that it is given, shared, so that nobody makes it serial meanwhile.
 */
create or replace function pgdispatch.fill_linked_task()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_schedule pgdispatch.schedule;
begin
    if tg_op = 'UPDATE' and (
        old.site <> new.site
        and not exists (select from pgdispatch.site where name = old.site)
        or old.schedule <> new.schedule
        and not exists (select from pgdispatch.schedule where name = old.schedule)
    ) then
        return new;  -- what it names was renamed, and the key carries it along: no edit
    end if;
    perform pgdispatch.refuse_unknown('flow', new.site, new.schedule);
    if new.priority not between 1 and 100 then
        perform pgdispatch.refuse(
            format('priority %s is not between 1 and 100', new.priority),
            'use 1 (highest) to 100, or leave it out for that of the schedule'
        );
    end if;
    if tg_op = 'INSERT' or new.schedule is distinct from old.schedule then
        select * into v_schedule from pgdispatch.schedule where name = new.schedule for share;
    end if;
    if v_schedule.execution = 'serial' then
        perform pgdispatch.refuse(
            format('schedule %s is serial, a linked task needs a parallel one', new.schedule),
            'choose another schedule: the steps run one after another anyway'
        );
    end if;
    if tg_op = 'INSERT' then
        new.created_at := pgdispatch.now();
        new.enabled_at := new.created_at;
        new.priority := coalesce(new.priority, v_schedule.priority);
    elsif new.enabled and not old.enabled then
        new.enabled_at := pgdispatch.now();
    end if;
    return new;
end
$$;

comment on function pgdispatch.fill_linked_task() is
'Trigger: a new linked task takes the priority of its schedule; a serial schedule and what else '
'is wrong is refused with a hint (JD001).';

create or replace trigger fill_linked_task
before insert or update on pgdispatch.linked_task
for each row execute function pgdispatch.fill_linked_task();

comment on trigger fill_linked_task on pgdispatch.linked_task is
'Gives it its priority and checks it.';
