/*
 * Trigger: the time or the place of a delayed job has been changed. If it is due, it becomes ready
 * at once: up to the floor of the table due nobody would look for it. If not, it is announced like
 * a new one.
 * Locks: as announce_delay.
 */
create or replace function pgdispatch.follow_due()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := pgdispatch.announce_delay();
begin
    update pgdispatch.job
    set state = 'ready'
    where id = new.id
        and state = 'delayed'
        and coalesce(not_before, '-infinity') <= v_now;
    return null;
end
$$;

comment on function pgdispatch.follow_due() is
'Trigger: makes a delayed job ready at once that is due when its time or place is changed.';

create or replace trigger follow_due
after update of not_before, precedence, priority, queued_at, type_rank, tie_first, tie_second
on pgdispatch.job
for each row
when (
    new.state = 'delayed'
    and old.state <> 'running'
    and (
        old.not_before, old.precedence, old.priority, old.queued_at, old.type_rank, old.tie_first,
        old.tie_second
    ) is distinct from (
        new.not_before, new.precedence, new.priority, new.queued_at, new.type_rank, new.tie_first,
        new.tie_second
    )
)
execute function pgdispatch.follow_due();

comment on trigger follow_due on pgdispatch.job is
'Lets a delayed job be found whose time or place was changed.';
