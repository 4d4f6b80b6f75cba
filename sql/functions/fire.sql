/*
 * Creates the jobs of one schedule for one scheduled time: one for each enabled task, and the first
 * step of each enabled linked task.
 * Locks: the schedule's row; then as fire_runs.
 */
create or replace function pgdispatch.fire(p_schedule text, p_scheduled_at timestamptz)
returns integer
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_schedule pgdispatch.schedule;
begin
    perform pgdispatch.refuse_confined('fire a schedule');
    if p_scheduled_at is null or not isfinite(p_scheduled_at) then
        perform pgdispatch.refuse(
            'the scheduled time is missing', 'give an instant, such as now()'
        );
    elsif p_scheduled_at not between '1900-01-01 00:00+00' and '9000-01-01 00:00+00' then
        perform pgdispatch.refuse(  -- the calendars of handlers end before PostgreSQL's
            format('the scheduled time %s is not between 1900 and 9000', p_scheduled_at),
            'give an instant, such as now()'
        );
    end if;
    select * into v_schedule from pgdispatch.schedule where name = p_schedule for no key update;
    if not found then
        raise exception using
            errcode = 'JD002',
            message = format('schedule %L does not exist', left(p_schedule, 60)),
            hint = 'see pgdispatch.schedule';
    elsif not v_schedule.enabled then
        return 0;
    end if;
    return pgdispatch.fire_runs(p_schedule, array[p_scheduled_at]);
end
$$;

comment on function pgdispatch.fire(text, timestamptz) is
'Creates one job for each enabled task of an enabled schedule at a scheduled time, and returns '
'how many. Calling it again for the same time creates none; a task with a job still waiting is '
'skipped, and so is a suspended one.';
