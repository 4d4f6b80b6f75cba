/*
 * Sees to it that every running job counted at a gate will wake that gate when it ends. A job
 * that started while its site had no limit, or its schedule was parallel, does not know the gate.
 * The naive way, looking the gates up again at the end, misses a job that is being parked at
 * that very moment. So whoever parks tells the occupants first, under the gate's lock.
 * False: an occupant is just ending; ask again.
 */
create or replace function pgdispatch.mark_occupants(p_job pgdispatch.job, p_gate text)
returns boolean
language plpgsql
as $$
begin
    if p_gate = 'site/' || p_job.site then
        update pgdispatch.job
        set gates = gates || p_gate
        where id in (
            select id
            from pgdispatch.job
            where state = 'running'
                and site = p_job.site
                and not p_gate = any (gates)
            for update skip locked
        );
        return not exists (
            select
            from pgdispatch.job
            where state = 'running'
                and site = p_job.site
                and not p_gate = any (gates)
        );
    elsif p_gate = 'schedule/' || p_job.schedule then
        update pgdispatch.job
        set gates = gates || p_gate
        where id in (
            select id
            from pgdispatch.job
            where state = 'running'
                and schedule = p_job.schedule
                and not p_gate = any (gates)
            for update skip locked
        );
        return not exists (
            select
            from pgdispatch.job
            where state = 'running'
                and schedule = p_job.schedule
                and not p_gate = any (gates)
        );
    end if;
    return true;
end
$$;

comment on function pgdispatch.mark_occupants(pgdispatch.job, text) is
'Makes every running job that counts at this gate of the given job release the gate when it '
'ends; false if one of them is row-locked.';
