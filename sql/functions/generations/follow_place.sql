/*
 * Trigger: a ready job whose place somebody changes by hand becomes ready anew, in the open
 * generation: in a closed one dispatch would not look before the floor.
 */
create or replace function pgdispatch.follow_place()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update pgdispatch.job
    set generation = pgdispatch.current_generation()
    where id = new.id
        and state = 'ready';
    return null;
end
$$;

comment on function pgdispatch.follow_place() is
'Trigger: lets dispatch find a ready job whose place was changed by an update.';

create or replace trigger follow_place
after update of precedence, priority, queued_at, type_rank, tie_first, tie_second
on pgdispatch.job
for each row
when (new.state = 'ready' and new.generation = old.generation)
execute function pgdispatch.follow_place();

comment on trigger follow_place on pgdispatch.job is
'Lets dispatch find a ready job whose place was changed.';
