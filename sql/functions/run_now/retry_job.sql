/*
 * Runs a job that has ended again, as a new job, and notes of which it is a retry: with the same
 * task, datasource, title, arguments, timeout and attempts, and the same priority, trace and key;
 * one of Run Now gets the priority that a plain insert has. Site, type and schedule are its task's
 * as they are now, since the history keeps the names it had; without a task they are the job's own.
 * It is queued as an insert is: by the time at which it was added, never in the place or batch of
 * the former, nor before others as a Run Now. So a site that forbids Run Now does not forbid it.
 *
 * A job is retried once; who wants it a second time retries the retry.
 * Locks: the row in the history, where two callers meet; the task's row; then as refuse_second; if
 * the job had a key, as take_key.
 */
create or replace function pgdispatch.retry_job(p_job bigint, p_by text default session_user)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_old pgdispatch.job_history;
    v_task pgdispatch.task;
    v_key pgdispatch.job_key;
    v_new pgdispatch.job;
    v_id bigint;
begin
    perform pgdispatch.check_isolation();
    select *
    into v_old
    from pgdispatch.job_history
    where id = p_job
        and pgdispatch.may_see(site)
    order by ended_at desc
    limit 1
    for no key update;
    if not found then
        perform pgdispatch.refuse_retry(p_job);
    end if;
    select job into v_id from pgdispatch.retry where retry_of = p_job;
    if found then
        raise exception using
            errcode = 'JD005',
            message = format('job %s was retried as job %s', p_job, v_id),
            detail = pgdispatch.whereabouts(v_id),
            hint = 'retry that one, when it has ended';
    end if;
    if v_old.task is not null then
        select *
        into v_task
        from pgdispatch.task
        where id = v_old.task
            and pgdispatch.may_see(site)  -- it may have got another than the job had
        for no key update;
        if not found or not v_task.enabled then
            raise exception using
                errcode = 'JD004',
                message = format('job %s cannot be retried: task %s %s', p_job, v_old.task,
                    case when v_task.id is null then 'was deleted' else 'is disabled' end),
                hint = case
                    when v_task.id is null then 'add a job with its arguments'
                    else 'enable the task first'
                end;
        end if;
        perform pgdispatch.refuse_second(v_task);
        v_old.site := v_task.site;
        v_old.type := v_task.type;
        v_old.schedule := v_task.schedule;
    else
        perform pgdispatch.refuse_gone(v_old);
    end if;
    select * into v_key from pgdispatch.job_key where job = p_job;
    insert into pgdispatch.job (
        task, type, site, title, datasource, schedule, priority, args, timeout, max_attempts,
        created_by, traceparent
    )
    values (
        v_old.task, v_old.type, v_old.site, v_old.title, v_old.datasource, v_old.schedule,
        nullif(v_old.priority, 0), v_old.args, v_old.timeout, v_old.max_attempts,
        left(p_by, 500), v_old.traceparent
    )
    returning * into v_new;
    if v_key.job is not null then
        v_new.key := v_key.key;
        v_new.key_until := v_key.until;
        perform pgdispatch.take_key(v_new, p_is_retry => true);
    end if;
    update pgdispatch.job  -- an insert takes more from the task, and for null a default
    set args = v_old.args,
        timeout = v_old.timeout,
        key = v_new.key,
        key_until = v_new.key_until
    where id = v_new.id
        and (args, timeout, key) is distinct from (v_old.args, v_old.timeout, v_new.key);
    insert into pgdispatch.retry (job, retry_of, site, retried_at)
    values (v_new.id, p_job, v_old.site, pgdispatch.now());
    if v_old.type = 'notice' then
        update pgdispatch.notice
        set delivery = v_new.id,
            ended_at = null,
            outcome = null,
            delivery_error = null
        where delivery = p_job;
    end if;
    perform pgdispatch.note_change(
        'retry', 'job', p_job::text, v_old.site,
        p_after => jsonb_build_object('job', v_new.id), p_by => p_by
    );
    return v_new.id;
end
$$;

comment on function pgdispatch.retry_job(bigint, text) is
'Runs a job that has ended, however it did, again: with the same task, datasource, arguments and '
'priority, at the site and with the type and schedule that its task has now, queued as one that is '
'inserted now; a suspended task''s, too. Of a linked task it runs that step alone and none after '
'it: run_now_linked_task runs all. Returns the new job''s id; the table retry names both. Locks '
'the job''s row in the history, and its task: a second caller waits, and is then refused. Refuses '
'a job that is unknown (JD002), waits or runs, whose task was deleted or disabled, or, without a '
'task, whose site, type or schedule is no more (JD004), one that was retried already, naming the '
'retry, one whose task has a job waiting or running, naming that (JD005), and one whose key '
'another job has (JD011); JD001, JD008.';
