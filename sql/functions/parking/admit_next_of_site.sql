/*
 * A job has been started at a site with a budget: if the site has room for more, the next one
 * parked at its gate is woken. A refill makes room for any number of jobs; this admits them one
 * after another. False at sites without a budget, which need no such thing: each end of a job makes
 * room for one, and wakes one.
 * Locks: the caller holds the locks of all gates of the job; rows, skipping what others hold.
 */
create or replace function pgdispatch.admit_next_of_site(p_site text, p_gates text[])
returns boolean
language plpgsql
as $$
begin
    if not (pgdispatch.site_gate(p_site) = any (p_gates)) then  -- most have none: without a query
        return false;
    elsif not exists (
        select
        from pgdispatch.site
        where name = p_site
            and seconds_limit is not null
    ) then
        return false;
    end if;
    if not pgdispatch.is_site_full(p_site)
        and pgdispatch.unpark(pgdispatch.site_gate(p_site)) then
        perform pgdispatch.notify_idle_nodes();
    end if;
    return true;
end
$$;

comment on function pgdispatch.admit_next_of_site(text, text[]) is
'Wakes the next job of a site with a budget when one of its jobs starts; false if '
'the site has no budget, or is no gate of the job.';
