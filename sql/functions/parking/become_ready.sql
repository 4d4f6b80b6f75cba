/*
 * Trigger: a job becomes ready, whoever makes it so. It gets the open generation, and leaves the
 * gate at which it was parked. Likewise a ready job whose place somebody changes by hand: in a
 * closed generation dispatch would not look before the floor.
 * The conditions are as short as can be: PostgreSQL reads them anew for each statement that starts
 * jobs, too.
 */
create or replace function pgdispatch.become_ready()
returns trigger
language plpgsql
as $$
begin
    new.generation := pgdispatch.current_generation();
    new.gate := null;
    if pgdispatch.gate_kind(old.gate) = 'site' then
        new.promoted_at := pgdispatch.now();
    end if;
    return new;
end
$$;

comment on function pgdispatch.become_ready() is
'Trigger: lets dispatch find a job that becomes ready, or whose place is changed.';

create or replace trigger become_ready
before update of state on pgdispatch.job
for each row
when (new.state = 'ready')
execute function pgdispatch.become_ready();

comment on trigger become_ready on pgdispatch.job is
'Lets dispatch find a job that becomes ready.';

create or replace trigger follow_place
before update of precedence, priority, queued_at, type_rank, tie_first, tie_second
on pgdispatch.job
for each row
when (new.state = 'ready')
execute function pgdispatch.become_ready();

comment on trigger follow_place on pgdispatch.job is
'Lets dispatch find a ready job whose place was changed.';
