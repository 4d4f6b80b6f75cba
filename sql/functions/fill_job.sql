/*
 * Trigger: a new job needs nothing but a type (or a task); all else is filled in here.
 * Locks: none. Reads site, job_type, schedule and task as they are now.
 */
create or replace function pgdispatch.fill_job()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_task pgdispatch.task;
    v_type pgdispatch.job_type;
    v_schedule pgdispatch.schedule;
begin
    new.created_at := pgdispatch.now();
    new.args := coalesce(new.args, '{}');
    perform pgdispatch.check_job(new);
    if new.task is not null then
        select * into v_task from pgdispatch.task where id = new.task;
        if v_task.id is null then
            perform pgdispatch.refuse(
                format('task %s does not exist', new.task),
                'see pgdispatch.task, or leave task out for a one-off job'
            );
        elsif new.type <> v_task.type or new.site <> v_task.site then
            perform pgdispatch.refuse(
                format('task %s is a %s of site %s', v_task.id, v_task.type, v_task.site),
                'leave type and site out: the task says them'
            );
        end if;
        new.type := v_task.type;
        new.site := v_task.site;
        new.title := coalesce(new.title, v_task.title);
        new.datasource := coalesce(new.datasource, v_task.datasource);
        new.schedule := coalesce(new.schedule, v_task.schedule);
        new.args := v_task.args || new.args;
        new.timeout := coalesce(new.timeout, v_task.timeout);
        new.max_attempts := coalesce(new.max_attempts, v_task.max_attempts);
        new.usual_seconds := nullif(
            coalesce(new.usual_seconds, pgdispatch.usual_seconds(new.task)), 'infinity'
        );
    end if;
    if new.linked_run is not null then
        select t.schedule, coalesce(t.priority, 0)
        into new.schedule, new.priority
        from pgdispatch.linked_run as r
        join pgdispatch.linked_task as t on t.id = r.linked_task
        where r.id = new.linked_run;
    end if;
    new.site := coalesce(new.site, 'default');
    if new.schedule is not null then
        select * into v_schedule from pgdispatch.schedule where name = new.schedule;
    end if;
    select * into v_type from pgdispatch.job_type where name = new.type;
    if v_type.name is null or v_schedule.name is distinct from new.schedule
        or not exists (select from pgdispatch.site where name = new.site) then
        perform pgdispatch.refuse_unknown(new.type, new.site, new.schedule);
    end if;
    new.timeout := coalesce(new.timeout, pgdispatch.default_timeout(v_type, new.site));
    new.max_attempts := coalesce(new.max_attempts, v_type.max_attempts);
    new.created_by := coalesce(new.created_by, session_user);
    new.inserted_by := session_user;
    new.is_serial := coalesce(v_schedule.execution = 'serial', false);
    new.priority := coalesce(
        new.priority,
        pgdispatch.default_priority(v_type, v_task, v_schedule, new.run_now)
    );
    new := pgdispatch.place(new, v_type, v_task);
    return new;
end
$$;

comment on function pgdispatch.fill_job() is
'Trigger: fills in what a new job leaves out, gives it its place in the order, and refuses '
'what is wrong with a hint (JD001).';

create or replace trigger fill_job
before insert on pgdispatch.job
for each row execute function pgdispatch.fill_job();

comment on trigger fill_job on pgdispatch.job is 'Fills and checks each new job.';
