/*
 * Creates the jobs of one schedule for one scheduled time: one for each enabled task.
 * Locks: the rows of its tasks, in the order of their ids, so that run_now or another fire does not
 * add a second waiting job. Rivals: the key of occurrence lets one of two callers create each job.
 */
create or replace function pgdispatch.fire(p_schedule text, p_scheduled_at timestamptz)
returns integer
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_count integer;
begin
    if p_scheduled_at is null or not isfinite(p_scheduled_at) then
        perform pgdispatch.refuse(
            'the scheduled time is missing', 'give an instant, such as now()'
        );
    end if;
    if not exists (select from pgdispatch.schedule where name = p_schedule) then
        raise exception using
            errcode = 'JD002',
            message = format('schedule %L does not exist', p_schedule),
            hint = 'see pgdispatch.schedule';
    end if;
    perform
    from pgdispatch.task
    where schedule = p_schedule
        and enabled
    order by id
    for no key update;
    with fired as (
        insert into pgdispatch.occurrence (task, scheduled_at, skipped)
        select
            t.id,
            p_scheduled_at,
            exists (select from pgdispatch.job as j where j.task = t.id and j.state <> 'running')
        from pgdispatch.schedule as s
        join pgdispatch.task as t
            on t.schedule = s.name
            and t.enabled
        where s.name = p_schedule
            and s.enabled
        order by t.id
        on conflict do nothing
        returning task, skipped
    )
    insert into pgdispatch.job (task, scheduled_at, created_by)
    select task, p_scheduled_at, 'schedule ' || p_schedule
    from fired
    where not skipped
    order by task;
    get diagnostics v_count = row_count;
    return v_count;
end
$$;

comment on function pgdispatch.fire(text, timestamptz) is
'Creates one job for each enabled task of an enabled schedule at a scheduled time, and returns '
'how many. Calling it again for the same time creates none; a task with a job still waiting is '
'skipped.';
