/* How long the jobs of each site may run, by type: as the site says, or else the type. */
create or replace view pgdispatch.effective_timeout
with (security_invoker = true) as
select
    s.name as site,
    t.name as type,
    case when o.site is not null then o.timeout else t.timeout end as timeout,
    o.site is not null as is_own
from pgdispatch.site as s
cross join pgdispatch.job_type as t
left join pgdispatch.site_timeout as o
    on o.site = s.name
    and o.type = t.name
order by s.name, t.rank, t.name;

comment on view pgdispatch.effective_timeout is
'How long the jobs of each site may run, by type; the types of a site by rank.';
comment on column pgdispatch.effective_timeout.site is 'The site.';
comment on column pgdispatch.effective_timeout.type is 'The job type.';
comment on column pgdispatch.effective_timeout.timeout is
'How long a run may take, unless its task or job says otherwise; null: no limit.';
comment on column pgdispatch.effective_timeout.is_own is
'Whether the site says so; false: the job type does.';
