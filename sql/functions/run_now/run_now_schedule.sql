/*
 * Starts a whole schedule by hand: all its enabled tasks in the order in which the schedule's own
 * jobs of one batch would start, which place_in_batch says of a job that is not there; then its
 * linked tasks. What cannot be started is passed over, and the row says why.
 * Locks: the schedule's row, which keeps the clock away; then the rows of the tasks and of the
 * linked tasks, each in the order of their ids.
 */
create or replace function pgdispatch.run_now_schedule(
    p_schedule text,
    p_by text default session_user
)
returns table (
    task bigint,
    linked_task bigint,
    job bigint,
    refused text
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_now constant timestamptz := pgdispatch.now();
    v_jobs integer := 0;
begin
    perform pgdispatch.refuse_confined('start a whole schedule');
    perform from pgdispatch.schedule where name = p_schedule for no key update;
    if not found then
        raise exception using
            errcode = 'JD002',
            message = format('schedule %L does not exist', left(p_schedule, 60)),
            hint = 'see pgdispatch.schedule';
    end if;
    perform from pgdispatch.task where schedule = p_schedule and enabled
    order by id for no key update;
    perform from pgdispatch.linked_task where schedule = p_schedule and enabled
    order by id for no key update;
    for task, refused in
        select t.id, pgdispatch.run_now_obstacle(t.site, t.id, null)
        from pgdispatch.task as t
        join pgdispatch.job_type as y on y.name = t.type
        join pgdispatch.schedule as s on s.name = t.schedule
        cross join lateral (
            select jsonb_populate_record(null::pgdispatch.job, jsonb_build_object(
                'created_at', v_now,
                'scheduled_at', v_now,
                'usual_seconds', pgdispatch.usual_seconds(t.id)
            )) as job
        ) as would
        cross join lateral pgdispatch.place_in_batch(would.job, y.rank, t) as place
        where t.schedule = p_schedule
            and t.enabled
        order by
            pgdispatch.default_priority(
                false, y.priority_from, y.default_priority, t, s
            ),
            place.type_rank,
            place.tie_first,
            place.tie_second,
            t.id
    loop
        job := null;
        if refused is null then
            insert into pgdispatch.job (task, run_now, created_by)
            values (task, true, left(p_by, 500))
            returning id into job;
        end if;
        v_jobs := v_jobs + (job is not null)::integer;
        return next;
    end loop;
    task := null;
    for linked_task, refused in
        select t.id, pgdispatch.run_now_obstacle(t.site, null, t.id)
        from pgdispatch.linked_task as t
        where t.schedule = p_schedule
            and t.enabled
        order by coalesce(t.priority, 0), t.enabled_at, t.id
    loop
        job := case when refused is null then
            pgdispatch.start_linked_task(linked_task, null, left(p_by, 500)) end;
        refused := case when job is null then coalesce(refused, 'no step can run') end;
        v_jobs := v_jobs + (job is not null)::integer;
        return next;
    end loop;
    perform pgdispatch.note_change(
        'run now', 'schedule', p_schedule, null,
        p_after => jsonb_build_object('jobs', v_jobs), p_by => p_by
    );
end
$$;

comment on function pgdispatch.run_now_schedule(text, text) is
'Starts all enabled tasks of a schedule by hand, in the order of dispatch, then its linked tasks. '
'One row for each: its job, or why it was passed over: it has a job already, is suspended, no step '
'can run, or its site forbids Run Now. Locks the schedule, its tasks and its linked tasks; the '
'clock passes over it meanwhile. JD002: unknown; JD009: you are confined to sites.';
