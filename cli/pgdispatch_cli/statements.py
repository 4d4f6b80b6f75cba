"""SQL of commands whose question is more than the rows of a view that have some values."""

from __future__ import annotations

CHANGES = """
select id, changed_at, changed_by, said_by, what, kind, name, site, before, after, reason
from pgdispatch.change
where (%(since)s::timestamptz is null or changed_at >= %(since)s)
    and (%(until)s::timestamptz is null or changed_at < %(until)s)
    and (%(kind)s::text is null or kind = %(kind)s and name = %(name)s)
    and (%(site)s::text is null or site = %(site)s)
    and (%(by)s::text is null or %(by)s in (changed_by, said_by))
order by changed_at desc, id desc
limit %(limit)s
"""

CONSEQUENCES = "select what, how_many, becomes from pgdispatch.consequences(%s, %s, %s)"
DELETE = "select pgdispatch.delete(%s, %s)"
RENAME = "select pgdispatch.rename(%s, %s, %s)"
GIVE_REASON = "select set_config('pgdispatch.reason', %s, true)"

WAITING_OF_SITE = """
select kind, state, jobs
from pgdispatch.queue_counts()
where site = %s
order by kind, state
"""

JOBS_OF_TASK = """
select j.id as job, j.state, j.priority, j.scheduled_at, j.backgrounder, w.reason
from pgdispatch.job as j
left join lateral pgdispatch.why(j.id) as w on true
where j.task = %s
order by j.id
limit %s
"""

WHY_LATE = "select * from pgdispatch.why_late(%s)"
WAITS = "select * from pgdispatch.waits(%s, %s)"

JOB_FORECASTS = """
select job, starts_early_at, starts_at, starts_late_at, ends_early_at, ends_at, ends_late_at,
    late_chance, beyond, made_at, until
from pgdispatch.job_forecasts(%s)
"""

LOOK_AT_FORECAST = """
select pgdispatch.look_at_forecast(), made_at, until, runs,
    pgdispatch.setting('forecast_seconds') = '-1' as is_off,
    made_at + 3 * period > pgdispatch.now() as is_fresh
from {state}
"""
