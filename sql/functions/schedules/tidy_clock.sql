/*
 * What the clock does besides, when no schedule is due: so nothing that fails here stops them.
 * Locks: as correct_schedules_ahead and sum_charges say.
 */
create or replace function pgdispatch.tidy_clock()
returns void
language plpgsql
as $$
begin
    if exists (
        select
        from pgdispatch.schedule
        where last_run_at > pgdispatch.now() + interval '1 minute'
    ) then
        perform pgdispatch.correct_schedules_ahead();
    end if;
    if exists (select from pgdispatch.charge where not is_sum offset 1000) then
        perform pgdispatch.sum_charges();
    end if;
end
$$;

comment on function pgdispatch.tidy_clock() is
'Corrects schedules after a jump of the clock, and sums charges up, if there is need.';
