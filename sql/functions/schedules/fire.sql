/*
 * Creates the jobs of one schedule for one scheduled time: one for each enabled task, and the first
 * step of each enabled linked task. A time ahead is refused unless p_early says so: it counts as
 * served then, and the clock creates nothing more for the tasks that had it.
 * Locks: the schedule's row; then as fire_runs.
 */
create or replace function pgdispatch.fire(
    p_schedule text,
    p_scheduled_at timestamptz,
    p_early boolean default false
)
returns integer
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := pgdispatch.now();
    v_schedule pgdispatch.schedule;
    v_jobs integer;
    v_runs integer;
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
    elsif p_scheduled_at > v_now and p_early is not true then
        perform pgdispatch.refuse(
            format('the scheduled time %s lies ahead', p_scheduled_at),
            'wait for it, or fire it early (p_early => true): its run has been served then'
        );
    end if;
    select * into v_schedule from pgdispatch.schedule where name = p_schedule for no key update;
    if not found then
        raise exception using
            errcode = 'JD002',
            message = format('schedule %L does not exist', left(p_schedule, 60)),
            hint = 'see pgdispatch.schedule';
    elsif not v_schedule.enabled then
        raise warning using
            message = format('schedule %s is disabled: no job was created', p_schedule),
            hint = 'enable it first';
        return 0;
    end if;
    select f.jobs into v_jobs
    from pgdispatch.fire_runs(p_schedule, array[p_scheduled_at], 0, null) as f;
    select f.jobs into v_runs
    from pgdispatch.fire_linked_tasks(p_schedule, array[p_scheduled_at], 0, null) as f;
    update pgdispatch.schedule
    set last_run_at = case
            when p_scheduled_at > v_now then last_run_at
            else greatest(last_run_at, p_scheduled_at)
        end,
        served_ahead = case
            when p_scheduled_at > v_now
                then array_append(array_remove(served_ahead, p_scheduled_at), p_scheduled_at)
            else served_ahead
        end
    where id = v_schedule.id;
    perform pgdispatch.note_change(
        'fire', 'schedule', p_schedule, null,
        p_after => jsonb_build_object('scheduled_at', p_scheduled_at, 'jobs', v_jobs + v_runs)
    );
    perform pgdispatch.warn_passed_over(p_schedule, array[p_scheduled_at]);
    return v_jobs + v_runs;
end
$$;

comment on function pgdispatch.fire(text, timestamptz, boolean) is
'Creates one job for each enabled task of an enabled schedule at a scheduled time, and returns how '
'many. 0 is no error: it is disabled, has nothing enabled, or had been fired for this time. A task '
'with a job still waiting is skipped, and so is a suspended or disabled one: a warning tells how '
'many. Locks the schedule, and those of its tasks and linked tasks that nobody else holds: a '
'second caller, or a Run Now of such a task, waits. Refuses no time, one before 1900 or after 9000 '
'and one ahead (JD001), unless p_early: then that has been served, and the clock creates no second '
'job for it. JD002: unknown; JD009: you are confined to sites.';
