/*
 * Trigger: refuses what is wrong with a closed window, and works out when it is open. The clock
 * sets opens_at to null when that is over: then only the next opening is worked out.
 * Locks: of a schedule the schedule, so that the clock passes over it until the commit; its
 * calendar, shared.
 */
create or replace function pgdispatch.fill_closed_window()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_is_rolled constant boolean := tg_op = 'UPDATE' and new.opens_at is null
        and to_jsonb(new) - 'opens_at' = to_jsonb(old) - 'opens_at';
begin
    if not v_is_rolled then
        perform pgdispatch.check_window(new, case when tg_op = 'UPDATE' then old.target end);
        perform
        from pgdispatch.schedule
        where new.scope = 'schedule'
            and name = new.target
            or tg_op = 'UPDATE'
            and old.scope = 'schedule'
            and name = old.target
        order by id
        for no key update;
        perform from pgdispatch.calendar where name = new.calendar for share;
    end if;
    if tg_op = 'INSERT' then
        new.is_confined := pgdispatch.caller_sites() is not null;
        new.created_by := coalesce(pgdispatch.given_by(), session_user);
    end if;
    select *
    into new.opens_at, new.closes_at
    from pgdispatch.window_opening(new, pgdispatch.now());
    return new;
end
$$;

comment on function pgdispatch.fill_closed_window() is
'Trigger: fills in when a closed window is open, and refuses what is wrong with a hint (JD001, '
'JD002, JD009).';

create or replace trigger fill_closed_window
before insert or update on pgdispatch.closed_window
for each row execute function pgdispatch.fill_closed_window();

comment on trigger fill_closed_window on pgdispatch.closed_window is 'Fills and checks it.';
