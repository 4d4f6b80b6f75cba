/*
 * Trigger: notes the edits of tasks that one statement has made, all at once: there may be many.
 * A statement's old rows and new rows come in the same order. What it was is told from the row: a
 * republish starts its run-time history afresh; what touches a task and changes nothing that people
 * set lets its failures count anew, and that is a resume.
 */
create or replace function pgdispatch.note_task_edits()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set intervalstyle = postgres
as $$
declare
    v_old jsonb[];
    v_new jsonb[];
begin
    if tg_op <> 'INSERT' then
        v_old := array(select to_jsonb(o) from old_rows as o);
    end if;
    if tg_op <> 'DELETE' then
        v_new := array(select to_jsonb(n) from new_rows as n);
    end if;
    insert into pgdispatch.change (
        id, changed_at, changed_by, said_by, what, kind, name, site, before, after, reason
    )
    select
        nextval('pgdispatch.change_id_seq'),
        pgdispatch.now(),
        session_user,
        pgdispatch.given_by(),
        case
            when tg_op = 'INSERT' then 'add'
            when tg_op = 'DELETE' then 'delete'
            when task.old -> 'history_since' <> task.new -> 'history_since' then 'republish'
            when change.after is null then 'resume'
            else 'change'
        end,
        'task',
        coalesce(task.new, task.old) ->> 'id',
        coalesce(task.new, task.old) ->> 'site',
        change.before,
        change.after,
        pgdispatch.given_reason()
    from unnest(v_old, v_new) as task (old, new)
    cross join lateral pgdispatch.differences(
        task.old, task.new, pgdispatch.configured_columns('task')
    ) as change
    where tg_op <> 'UPDATE'
        or change.after is not null
        and not pgdispatch.is_carried(change.before)
        or change.after is null
        and (task.old ->> 'history_since', task.old ->> 'streak_since')
        is distinct from (task.new ->> 'history_since', task.new ->> 'streak_since');
    return null;
end
$$;

comment on function pgdispatch.note_task_edits() is
'Trigger: notes who edited, resumed or republished tasks, and how.';

create or replace trigger note_task_inserts
after insert on pgdispatch.task
referencing new table as new_rows
for each statement execute function pgdispatch.note_task_edits();

create or replace trigger note_task_updates
after update on pgdispatch.task
referencing old table as old_rows new table as new_rows
for each statement execute function pgdispatch.note_task_edits();

create or replace trigger note_task_deletes
after delete on pgdispatch.task
referencing old table as old_rows
for each statement execute function pgdispatch.note_task_edits();

comment on trigger note_task_inserts on pgdispatch.task is 'Notes who added tasks.';
comment on trigger note_task_updates on pgdispatch.task is 'Notes who changed tasks, and how.';
comment on trigger note_task_deletes on pgdispatch.task is 'Notes who deleted tasks.';
