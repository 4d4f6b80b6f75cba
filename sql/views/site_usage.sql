/* Sites against their limits. Takes no lock. */
create or replace view pgdispatch.site_usage as
select
    s.name as site,
    s.max_running_jobs,
    coalesce(c.running, 0) as running,
    coalesce(c.waiting, 0) as waiting,
    coalesce(c.overflow, 0) as overflow,
    s.run_now_enabled
from pgdispatch.site as s
left join (
    select
        site,
        count(*) filter (where state = 'running') as running,
        count(*) filter (where state <> 'running') as waiting,
        count(*) filter (where gate = 'site/' || site) as overflow
    from pgdispatch.job
    group by site
) as c on c.site = s.name
order by s.name;

comment on view pgdispatch.site_usage is
'Each site with its limit, how many jobs run and wait, and how many are in overflow.';
comment on column pgdispatch.site_usage.site is 'The site.';
comment on column pgdispatch.site_usage.max_running_jobs is
'How many jobs it may run at once; null: no limit, 0: none. Takes effect at once.';
comment on column pgdispatch.site_usage.running is 'How many of its jobs run.';
comment on column pgdispatch.site_usage.waiting is 'How many of its jobs wait.';
comment on column pgdispatch.site_usage.overflow is 'How many wait because of its limit.';
comment on column pgdispatch.site_usage.run_now_enabled is 'Whether Run Now is allowed here.';
