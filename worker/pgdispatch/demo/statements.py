"""The demo's own SQL: what it sets up, what it watches, and what it reads at the end."""

from __future__ import annotations

SET_UP = """
insert into pgdispatch.site (name, max_running_jobs) values ('acme', 1), ('globex', null);
insert into pgdispatch.schedule (name, priority, execution, is_custom) values
    ('first load', 10, 'parallel', false),
    ('morning', 20, 'parallel', false),
    ('hourly', 40, 'parallel', false),
    ('night chain', 30, 'serial', false),
    ('for one reader', 5, 'parallel', true);
update pgdispatch.setting set value = '4' where name = 'lease_seconds';
"""

ADD_TASK = """
insert into pgdispatch.task (site, type, title, schedule, datasource, args, priority)
values (%(site)s, %(type)s, %(title)s, %(schedule)s, %(datasource)s, %(args)s, %(priority)s)
returning id
"""

INSERT_JOBS = """
insert into pgdispatch.job (type, site, title, datasource, args, priority, created_by)
values (%(type)s, %(site)s, %(title)s, %(datasource)s, %(args)s, %(priority)s, 'an application')
"""

MAKE_CLOCK = """
create table flights.clock (until timestamptz not null);
insert into flights.clock values ('2013-04-01 00:00+00');
"""
MOVE_CLOCK = "update flights.clock set until = '2013-06-01 00:00+00'"

FIRE = """
select pgdispatch.fire(
    %s, date_trunc('minute', pgdispatch.now()) - interval '1 min' + %s * interval '1 s'
)
"""
NOW = "select pgdispatch.now()"
RUN_NOW = "select pgdispatch.run_now(%s, 'a person')"

COUNTS = """
select
    (select count(*) from pgdispatch.job_history) as ended,
    (select count(*) from pgdispatch.job) as in_queue
"""
RUNNING = """
select s.backgrounder, s.status, s.job, s.type, s.site, s.title, s.runs_for, s.progress, s.pid
from pgdispatch.status as s
where s.backgrounder is not null
order by s.backgrounder
"""
WAITING = """
select position, job, type, site, title, priority, decided_by, reason
from pgdispatch.queue
limit %s
"""
ENDED = """
select job, title, outcome, error
from pgdispatch.background_task
where outcome <> 'succeeded' and not job = any (%s)
order by job
"""
HISTORY = """
select
    id, type, site, title, datasource, schedule, is_serial, task, priority, run_now,
    created_at, scheduled_at, asked_at, started_at, ended_at, promoted_at, backgrounder,
    outcome, failed_as, error, coalesce((result ->> 'rows')::bigint, 0) as rows, attempt
from pgdispatch.job_history
order by started_at
"""
TASKS = "select id, greatest(created_at, enabled_at) as enabled_at from pgdispatch.task"
LIMITS = """
select name, max_running_jobs from pgdispatch.site where max_running_jobs is not null
"""
LEFT_OVER = """
select
    (select count(*) from pgdispatch.job) as jobs,
    (select count(*) from pgdispatch.swept_job) as swept
"""
