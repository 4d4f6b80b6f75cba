/*
 * Gives a waiting job another priority.
 * Locks: the job's row; no gates. A parked job becomes ready, as its place has changed; one that
 * gets a worse place wakes the best job at each of its gates, which may now be before it.
 * Rivals: a claim that has the row first starts the job, and this is refused (JD004).
 */
create or replace function pgdispatch.set_priority(p_job bigint, p_priority integer)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_job pgdispatch.job;
begin
    if p_priority is null or p_priority not between 1 and 100 then
        perform pgdispatch.refuse(
            format('priority %s is not between 1 and 100', coalesce(p_priority::text, 'null')),
            'use 1 (highest) to 100'
        );
    end if;
    select *
    into v_job
    from pgdispatch.job
    where id = p_job
        and pgdispatch.may_see(site)
    for update;
    if not found then
        perform pgdispatch.refuse_ended(p_job, 'given a priority');
    elsif v_job.state = 'running' then
        raise exception using
            errcode = 'JD004',
            message = format('job %s cannot be given a priority: it is running', p_job),
            detail = format('it runs on %s since %s', v_job.backgrounder, v_job.started_at),
            hint = 'only a waiting job has a place in the queue';
    end if;
    update pgdispatch.job
    set priority = p_priority,
        state = case state when 'parked' then 'ready' else state end
    where id = p_job;
    if p_priority > v_job.priority then
        perform pgdispatch.hand_back_gates(v_job);
    end if;
    perform pgdispatch.notify_idle_nodes();
    perform pgdispatch.note_change(
        'set priority', 'job', p_job::text, v_job.site,
        jsonb_build_object('priority', v_job.priority), jsonb_build_object('priority', p_priority)
    );
end
$$;

comment on function pgdispatch.set_priority(bigint, integer) is
'Gives a waiting job another priority, 1 (highest) to 100; it moves at once, a parked one is '
'looked at anew, and a Run Now job stays before all that are not. Locks the job: it does not start '
'until you commit. Refuses another number (JD001), a job that is unknown (JD002), runs or has '
'ended (JD004); JD008.';
