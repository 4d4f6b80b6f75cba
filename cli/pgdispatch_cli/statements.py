"""What pages about one object ask, where no view has it."""

from __future__ import annotations

JOBS_OF_TASK = """
select j.id as job, j.state, j.priority, j.scheduled_at, j.backgrounder, w.reason
from pgdispatch.job as j
left join lateral pgdispatch.why(j.id) as w on true
where j.task = %s
order by j.id
limit %s
"""
WAITING_OF_SITE = """
select kind, state, jobs from pgdispatch.queue_counts() where site = %s order by kind, state
"""
