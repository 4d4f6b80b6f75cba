/*
 * A new job has a key: takes it, or does what the insert says about a key that is taken. False: the
 * job is not to be inserted.
 *
 * A job that returns to the queue has its key again, and asks nobody: dispatch never fails for it.
 * If a newer one waits with that key meanwhile, both run.
 *
 * Its plans, and those of what it calls, have to be good in a session that made them when there
 * were no jobs: hence the settings.
 *
 * Locks: a row of job_key, where rivals for the key wait until this transaction ends; to replace,
 * then the row of the job that waits.
 */
create or replace function pgdispatch.take_key(
    p_new pgdispatch.job,
    p_is_retry boolean default false
)
returns boolean
language plpgsql
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
    v_is_sound constant boolean := pgdispatch.check_key(p_new);
    v_last pgdispatch.job_key;
    v_holder record;
begin
    loop
        select *
        into v_last
        from pgdispatch.job_key
        where key = p_new.key
            and site = p_new.site
        order by number desc
        limit 1;
        v_holder := pgdispatch.key_holder(v_last, p_new.key_until, p_is_retry);
        if v_holder.job is null then
            insert into pgdispatch.job_key
                (job, site, key, number, until, is_kept, others, inserted_by, taken_at)
            values (
                p_new.id, p_new.site, p_new.key, coalesce(v_last.number, 0) + 1, p_new.key_until,
                p_new.key_until = 'forgotten'
                    or coalesce(v_last.is_kept and p_is_retry, false),
                array(select id from pgdispatch.job where id = any (v_last.others) order by id)
                    || array_remove(array[v_last.job], null),
                session_user, p_new.created_at
            )
            on conflict (key, site, number) do nothing;
            if found then
                return true;
            end if;
        elsif p_new.on_conflict = 'nothing' then
            return false;
        elsif p_new.on_conflict = 'replace' and v_holder.is_waiting then
            if pgdispatch.replace_job(v_holder.job, p_new) then
                return false;
            end if;
        else
            perform pgdispatch.refuse_key(
                p_new.key, p_new.site, v_holder.job,
                'look at that job; on_conflict can be nothing: such an insert is left out, or '
                'replace: it gives a job that waits its arguments and priority'
            );
        end if;
    end loop;
end
$$;

comment on function pgdispatch.take_key(pgdispatch.job, boolean) is
'Whether a new job with a key is to be inserted: yes if no other has that key, else as its '
'on_conflict says, no or an error (JD011). From a retry jobs that have ended keep no key.';
