/*
 * Trigger: another tie-break re-orders the queue at once. What is parked is met anew.
 * Locks: the table job against writers and row locks, until the transaction ends. The lock comes
 * before the update reads: no job filled under the old rule is missed. A weaker one would let a
 * claim lock a row that the update needs, and then wait for the table: a deadlock.
 */
create or replace function pgdispatch.apply_tie_break()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '5s'
as $$
begin
    lock table pgdispatch.job in exclusive mode;
    update pgdispatch.job
    set tie_first = tie_second,
        tie_second = tie_first,
        state = case state when 'parked' then 'ready' else state end
    where scheduled_at is not null;
    return null;
end
$$;

comment on function pgdispatch.apply_tie_break() is
'Trigger: re-orders the queue at once when the setting tie_break changes.';

create or replace trigger apply_tie_break
after update on pgdispatch.setting
for each row
when (new.name = 'tie_break' and old.value is distinct from new.value)
execute function pgdispatch.apply_tie_break();

comment on trigger apply_tie_break on pgdispatch.setting is 'Re-orders the queue.';
