/*
 * A job cannot start, because of its site among others. If that has spent its budget, the time of
 * the refill is noted, so that a claim unparks its jobs then (unpark_sites). Where the site says
 * cancel, the job is cancelled if nothing else stands in its way: no other gate, nor the site's
 * limit of running jobs, which it waits for as if there were no budget, nor its time, which lies
 * ahead again if the clock went back. At another gate it waits, and the next one at the site's is
 * met.
 * Locks: the caller holds the job's row and the locks of all its gates.
 */
create or replace function pgdispatch.apply_over_budget(
    p_job pgdispatch.job,
    p_is_only boolean
)
returns text
language plpgsql
as $$
declare
    v_site pgdispatch.site;
    v_refill_at timestamptz;
begin
    select * into v_site from pgdispatch.site where name = p_job.site;
    v_refill_at := pgdispatch.refill_at(v_site);  -- before the look: else it may be the next one
    if not pgdispatch.is_budget_spent(v_site) then
        return null;
    elsif v_site.over_budget = 'cancel' and v_site.running_limit <= (
        select count(*)
        from pgdispatch.job
        where state = 'running'
            and site = v_site.name
    ) then
        return null;
    elsif v_site.over_budget = 'cancel' and p_job.not_before > pgdispatch.now() then
        update pgdispatch.job set state = 'delayed' where id = p_job.id;
        perform pgdispatch.hand_back_gates(p_job);
        return 'put off';
    elsif v_site.over_budget = 'cancel' and not p_is_only then
        perform pgdispatch.unpark(pgdispatch.site_gate(v_site.name));
        return 'passed on';
    elsif v_site.over_budget = 'cancel' then
        update pgdispatch.job
        set cancel_requested_at = pgdispatch.now(),
            cancelled_by = 'pgdispatch',
            cancel_reason = format(
                'site budget spent (refill %s %s)',
                to_char(v_refill_at at time zone v_site.time_zone, 'YYYY-MM-DD HH24:MI'),
                v_site.time_zone
            )
        where id = p_job.id;
        perform pgdispatch.archive(array[p_job.id], array['cancelled']);
        perform pgdispatch.hand_back_gates(p_job);
        return 'cancelled';
    end if;
    perform
    from pgdispatch.deferral
    where gate = pgdispatch.site_gate(v_site.name)
        and refill_at = v_refill_at
    limit 1
    for key share skip locked;  -- a claim that is just dealing with it may not see this job
    if not found then
        insert into pgdispatch.deferral (gate, refill_at)
        values (pgdispatch.site_gate(v_site.name), v_refill_at);
    end if;
    return 'deferred';
end
$$;

comment on function pgdispatch.apply_over_budget(pgdispatch.job, boolean) is
'Deals with a job whose site has spent its budget: cancelled; deferred until the refill; passed '
'on, if it waits for another gate too and the site cancels; put off, if its time has not come; '
'null: there is budget left, or the site cancels and is at its limit of running jobs.';
