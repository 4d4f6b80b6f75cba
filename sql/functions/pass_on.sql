/*
 * A job with gates has been started. Of a site with a budget: if the site has room for more, the
 * next one parked at its gate is woken. A refill makes room for any number of jobs; this lets them
 * in one after another. Sites with a limit alone need no such thing: each end of a job makes room
 * for one, and wakes one. So nobody is woken, and rivals need not wait for the gates of this job to
 * learn what comes next: they pass it over, see is_taken.
 * Locks: the caller holds the locks of all gates of the job; rows, skipping what others hold; or
 * pg_advisory_xact_lock(1885824118, number of the job), which nobody else wants but to ask.
 */
create or replace function pgdispatch.pass_on(p_job bigint, p_site text, p_gates text[])
returns void
language plpgsql
as $$
declare
    v_is_told boolean;
begin
    if 'site/' || p_site = any (p_gates) then  -- most have none: without a query
        if exists (
            select
            from pgdispatch.site
            where name = p_site
                and seconds_limit is not null
        ) then
            if not pgdispatch.is_site_full(p_site)
                and pgdispatch.unpark('site/' || p_site) then
                perform pgdispatch.wake_idle();
            end if;
            return;
        end if;
    end if;
    v_is_told := pg_advisory_xact_lock(1885824118, (p_job & 2147483647)::integer) is not null;
end
$$;

comment on function pgdispatch.pass_on(bigint, text, text[]) is
'Wakes the next job of a site with a budget when one of its jobs starts.';
