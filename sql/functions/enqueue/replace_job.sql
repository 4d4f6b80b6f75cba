/*
 * Gives a waiting job the arguments and the priority of a new one with the same key; all else stays
 * as it is. False: it does not wait any more, look again.
 * Locks: the job's row; no gates, as set_priority. It does not start until the transaction ends.
 * Rivals: a claim or a cancellation that has the row first wins.
 */
create or replace function pgdispatch.replace_job(p_job bigint, p_new pgdispatch.job)
returns boolean
language plpgsql
as $$
declare
    v_job pgdispatch.job;
begin
    select * into v_job from pgdispatch.job where id = p_job;
    if not found then
        return false;
    elsif v_job.inserted_by <> session_user then
        perform pgdispatch.refuse_key(
            p_new.key, p_new.site, p_job, 'only who has inserted a job replaces it'
        );
    elsif (v_job.type, v_job.task, v_job.datasource, v_job.schedule)
        is distinct from (p_new.type, p_new.task, p_new.datasource, p_new.schedule) then
        perform pgdispatch.refuse_key(
            p_new.key, p_new.site, p_job,
            'only its arguments and priority can be replaced: give the type, task, datasource and '
            'schedule that it has'
        );
    end if;
    select * into v_job from pgdispatch.job where id = p_job and backgrounder is null for update;
    if not found then
        return false;
    elsif v_job.priority = p_new.priority then
        update pgdispatch.job set args = p_new.args where id = p_job;
        return true;
    end if;
    update pgdispatch.job
    set args = p_new.args,
        priority = p_new.priority,
        state = case state when 'parked' then 'ready' else state end
    where id = p_job;
    if p_new.priority > v_job.priority then
        perform pgdispatch.hand_back_gates(v_job);
    end if;
    return true;
end
$$;

comment on function pgdispatch.replace_job(bigint, pgdispatch.job) is
'Gives a waiting job the arguments and priority of another; false: it waits no more. Refuses '
'(JD011) one of another type, task, datasource or schedule, or that another database user has '
'inserted.';
