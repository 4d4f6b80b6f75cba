/*
 * Sees to it that every running job counted at a gate will wake that gate when it ends. A job
 * that started while its site had no limit, or its schedule was parallel, does not know the gate.
 * The naive way, looking the gates up again at the end, misses a job that is being parked at
 * that very moment. So whoever parks tells the occupants first, under the gate's lock, and then
 * sees in one look that the gate is still full and that every occupant knows.
 * False: an occupant is just ending, or somebody holds its row.
 */
create or replace function pgdispatch.mark_occupants(p_job pgdispatch.job, p_gate text)
returns boolean
language plpgsql
as $$
begin
    if p_gate = pgdispatch.site_gate(p_job.site) then
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
        return coalesce(bool_and(p_gate = any (j.gates)), true)
            and coalesce(count(*) >= (
                select running_limit from pgdispatch.site where name = p_job.site
            ), false)
        from pgdispatch.job as j
        where j.state = 'running'
            and j.site = p_job.site;
    elsif p_gate = pgdispatch.schedule_gate(p_job.schedule) then
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
        return coalesce(bool_and(p_gate = any (j.gates)), false)
        from pgdispatch.job as j
        where j.state = 'running'
            and j.schedule = p_job.schedule;
    end if;
    return true;
end
$$;

comment on function pgdispatch.mark_occupants(pgdispatch.job, text) is
'Makes every running job that counts at this gate of the given job release the gate when it '
'ends; false if the gate is not full any more, or an occupant could not be told.';
