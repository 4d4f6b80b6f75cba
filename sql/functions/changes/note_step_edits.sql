/*
 * Trigger: notes for each linked task which of its steps one statement has edited. The steps of one
 * that is being deleted are noted with it.
 */
create or replace function pgdispatch.note_step_edits()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_old pgdispatch.linked_task_step[] := '{}';
    v_new pgdispatch.linked_task_step[] := '{}';
begin
    if tg_op <> 'INSERT' then
        v_old := array(select o from old_rows as o);
    end if;
    if tg_op <> 'DELETE' then
        v_new := array(select n from new_rows as n);
    end if;
    perform pgdispatch.note_change(
        'change', 'linked task', t.id::text, t.site, change.before, change.after
    )
    from pgdispatch.linked_task as t
    cross join lateral (
        select jsonb_object_agg('step ' || o.step, pgdispatch.step_facts(o)) as steps
        from unnest(v_old) as o
        where o.linked_task = t.id
    ) as was
    cross join lateral (
        select jsonb_object_agg('step ' || n.step, pgdispatch.step_facts(n)) as steps
        from unnest(v_new) as n
        where n.linked_task = t.id
    ) as becomes
    cross join lateral pgdispatch.differences(
        was.steps, becomes.steps, array(
            select jsonb_object_keys(coalesce(was.steps, '{}') || coalesce(becomes.steps, '{}'))
        )
    ) as change
    where t.id in (select e.linked_task from unnest(v_old || v_new) as e)
        and coalesce(change.before, change.after) is not null
    order by t.id;
    return null;
end
$$;

comment on function pgdispatch.note_step_edits() is
'Trigger: notes who edited the steps of linked tasks, and how.';

create or replace trigger note_step_inserts
after insert on pgdispatch.linked_task_step
referencing new table as new_rows
for each statement execute function pgdispatch.note_step_edits();

create or replace trigger note_step_updates
after update on pgdispatch.linked_task_step
referencing old table as old_rows new table as new_rows
for each statement execute function pgdispatch.note_step_edits();

create or replace trigger note_step_deletes
after delete on pgdispatch.linked_task_step
referencing old table as old_rows
for each statement execute function pgdispatch.note_step_edits();

comment on trigger note_step_inserts on pgdispatch.linked_task_step is 'Notes who added steps.';
comment on trigger note_step_updates on pgdispatch.linked_task_step is 'Notes who changed steps.';
comment on trigger note_step_deletes on pgdispatch.linked_task_step is 'Notes who deleted steps.';
