/*
 * Trigger: a new job needs nothing but a type (or a task); all else is filled in here.
 * Locks: for a delayed job, as announce_delay; with a key, as take_key. Reads site_type, schedule
 * and task as they are now.
 */
create or replace function pgdispatch.fill_job()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_task pgdispatch.task;
    v_type pgdispatch.site_type;
    v_schedule pgdispatch.schedule;
    v_is_sound boolean;
begin
    new.created_at := pgdispatch.now();
    new.args := coalesce(new.args, '{}');
    v_is_sound := pgdispatch.check_job(new);  -- perform would be a statement of its own
    if new.task is not null then
        select * into v_task from pgdispatch.task where id = new.task;
        if v_task.id is null or not pgdispatch.may_see(v_task.site) then
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
        if new.linked_run is not null then
            select t.schedule, coalesce(t.priority, 0)
            into new.schedule, new.priority
            from pgdispatch.linked_run as r
            join pgdispatch.linked_task as t on t.id = r.linked_task
            where r.id = new.linked_run;
        end if;
    end if;
    new.site := coalesce(new.site, 'default');
    if new.schedule is not null then
        select * into v_schedule from pgdispatch.schedule where name = new.schedule;
    end if;
    select * into v_type from pgdispatch.site_type where site = new.site and type = new.type;
    if not found or v_schedule.name is distinct from new.schedule
        or current_setting('is_superuser') = 'off'  -- spares superusers the call
        and not pgdispatch.may_see(new.site, new.schedule) then
        perform pgdispatch.refuse_unknown(new.type, new.site, new.schedule);
    end if;
    new.timeout := coalesce(new.timeout, v_type.timeout);
    new.max_attempts := coalesce(new.max_attempts, v_type.max_attempts);
    new.created_by := coalesce(new.created_by, session_user);
    new.inserted_by := session_user;
    new.is_serial := coalesce(v_schedule.execution = 'serial', false);  -- as of now: see start_jobs
    new.priority := coalesce(
        new.priority,
        pgdispatch.default_priority(
            new.run_now and v_type.run_now_first, v_type.priority_from, v_type.default_priority,
            v_task, v_schedule
        )
    );
    new.state := 'ready';
    if new.not_before > new.created_at and new.not_before > pgdispatch.announce_delay() then
        new.state := 'delayed';
    end if;
    new.generation := pgdispatch.current_generation();
    new.queued_at := new.created_at;
    -- what is rare, under one condition: each expression costs anew in every transaction
    if new.run_now
        or new.scheduled_at is not null
        or coalesce(new.traceparent, new.key, new.key_until, new.on_conflict) is not null then
        if new.run_now and v_type.run_now_first then
            new.precedence := 0;
        end if;
        if new.scheduled_at is not null then
            new := pgdispatch.place_in_batch(new, v_type.rank, v_task);
        end if;
        new.traceparent := pgdispatch.sound_traceparent(new.traceparent);
        if coalesce(new.key, new.key_until, new.on_conflict) is not null then
            new.key_until := coalesce(new.key_until, 'started');
            if not pgdispatch.take_key(new) then
                return null;  -- the insert goes on without this row
            end if;
            new.on_conflict := null;
        end if;
    end if;
    return new;
end
$$;

comment on function pgdispatch.fill_job() is
'Trigger: fills in what a new job leaves out, gives it its place in the order, and refuses '
'what is wrong with a hint (JD001), or has a key that is taken (JD011).';

create or replace trigger fill_job
before insert on pgdispatch.job
for each row execute function pgdispatch.fill_job();

comment on trigger fill_job on pgdispatch.job is 'Fills and checks each new job.';
