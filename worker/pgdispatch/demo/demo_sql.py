"""The demo's own SQL: what it sets up, what it watches, and what it reads at the end."""

from __future__ import annotations

SET_UP = """
insert into pgdispatch.site (name, max_running_jobs) values ('acme', 1), ('globex', null);
insert into pgdispatch.schedule (name, priority, execution, is_custom) values
    ('first load', 10, 'parallel', false),
    ('morning', 20, 'parallel', false),
    ('hourly', 40, 'parallel', false),
    ('night chain', 30, 'serial', false),
    ('for one reader', 5, 'parallel', true),
    ('watch', 40, 'parallel', false);
insert into pgdispatch.schedule (name, priority, recurrence, time_zone, missed_runs)
values ('quarters', 65, 'every 15 minutes', 'America/New_York', 'once');
update pgdispatch.setting set value = '8' where name = 'lease_seconds';
update pgdispatch.setting set value = '2' where name = 'suspend_after_failures';
"""

ADD_TASK = """
insert into pgdispatch.task (site, type, title, schedule, datasource, args, priority)
values (%(site)s, %(type)s, %(title)s, %(schedule)s, %(datasource)s, %(args)s, %(priority)s)
returning id
"""

ADD_LINKED_TASK = """
insert into pgdispatch.linked_task (site, title, schedule)
values (%(site)s, %(title)s, %(schedule)s)
returning id
"""
ADD_STEP = """
insert into pgdispatch.linked_task_step (linked_task, step, task)
select
    %s,
    1 + count(s.step),
    %s
from pgdispatch.linked_task_step as s
where s.linked_task = %s
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
select pgdispatch.fire(%s, pg_catalog.now())
"""
MISS_A_RUN = """
update pgdispatch.schedule
set next_run_at = pgdispatch.last_run(recurrence, time_zone, pgdispatch.now())
where name = 'quarters'
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
where started_at is not null
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
FIRED = """
select
    s.recurrence,
    to_char(s.last_run_at at time zone s.time_zone, 'HH24:MI') as fired_for,
    to_char(s.next_run_at at time zone s.time_zone, 'HH24:MI') as next,
    (
        select count(*)
        from pgdispatch.job_history as h
        where h.schedule = s.name
            and h.created_by = 'schedule ' || s.name
    ) as jobs
from pgdispatch.schedule as s
where s.name = 'quarters'
"""
SUSPENDED = """
select t.title, s.failures, count(o.task) as skipped
from pgdispatch.suspension as s
join pgdispatch.task as t on t.id = s.task
left join pgdispatch.occurrence as o
    on o.task = s.task
    and o.skipped_for = 'suspended'
group by t.title, s.failures
"""
STEPS = """
select h.linked_run, h.step, h.title, h.created_at, h.ended_at, h.outcome
from pgdispatch.job_history as h
where h.linked_run is not null
order by h.linked_run, h.step
"""
