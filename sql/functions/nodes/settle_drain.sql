/* Trigger: a node that is not drained has no time by which it is to be empty. */
create or replace function pgdispatch.settle_drain()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    new.drain_ends_at := null;
    return new;
end
$$;

comment on function pgdispatch.settle_drain() is
'Trigger: a node that is not drained has no time by which it is to be empty.';

create or replace trigger settle_drain
before insert or update of is_drained, drain_ends_at on pgdispatch.node
for each row
when (not new.is_drained and new.drain_ends_at is not null)
execute function pgdispatch.settle_drain();

comment on trigger settle_drain on pgdispatch.node is 'Takes the end of a drain that is over away.';
