/* Trigger: a deleted task is not suspended any more. Its jobs and their history stay. */
create or replace function pgdispatch.forget_task()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    delete from pgdispatch.suspension where task = old.id;
    return null;
end
$$;

comment on function pgdispatch.forget_task() is 'Trigger: lifts the suspension of a deleted task.';

create or replace trigger forget_task
after delete on pgdispatch.task
for each row execute function pgdispatch.forget_task();

comment on trigger forget_task on pgdispatch.task is 'Lifts its suspension.';
