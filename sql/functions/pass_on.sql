/*
 * A job of a site with a budget starts: if the site has room for more, the next one parked at its
 * gate is woken. A refill makes room for any number of jobs; this lets them in one after another.
 * Sites with a limit alone need no such thing: each end of a job makes room for one, and wakes one.
 * Locks: the caller holds the locks of all gates of the job; rows, skipping what others hold.
 */
create or replace function pgdispatch.pass_on(p_job pgdispatch.job, p_gates text[])
returns void
language plpgsql
as $$
begin
    if 'site/' || p_job.site = any (p_gates)
        and exists (
            select
            from pgdispatch.site
            where name = p_job.site
                and seconds_limit is not null
        )
        and not pgdispatch.is_site_full(p_job.site)
        and pgdispatch.unpark('site/' || p_job.site) then
        perform pgdispatch.wake_idle();
    end if;
end
$$;

comment on function pgdispatch.pass_on(pgdispatch.job, text[]) is
'Wakes the next job of a site with a budget when one of its jobs starts.';
