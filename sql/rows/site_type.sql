/* What the first jobs get; triggers see to all that comes later. */
insert into pgdispatch.site_type
    (site, type, rank, timeout, max_attempts, priority_from, default_priority, run_now_first)
select 'default', name, rank, timeout, max_attempts, priority_from, default_priority, run_now_first
from pgdispatch.job_type
on conflict (site, type) do nothing;
