"""The SQL of the console: what it asks about a person, and its verbs.

In curly brackets is what `sql.SQL.format` fills in as literals, so that each statement works in
psql as it was sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

RUNNING = "select * from pgdispatch.running order by started_at, job"


def _settings(settings: Mapping[str, str]) -> str:
    calls = (
        f"pg_catalog.set_config('{name}', '{value}', true)" for name, value in settings.items()
    )
    return f"select {', '.join(calls)}, pg_catalog.now() as at"


LOOKING = _settings(
    {
        "statement_timeout": "2s",
        "lock_timeout": "500ms",
        "idle_in_transaction_session_timeout": "5s",
        "jit": "off",
    }
)
ACTING = _settings({"statement_timeout": "10s", "lock_timeout": "5s"})
LOOK_ONLY = "set default_transaction_read_only = on"
READER = "pgdispatch_token_reader"  # the role that may look tokens up
LOGIN_BEHIND = "select login from pgdispatch.token_login(%(name)s, %(hash)s)"
BE = "select pg_catalog.set_config('role', %s, true)"

IS_LET_IN = """
select coalesce(
    case
        when pg_catalog.has_schema_privilege(
            pg_catalog.to_regnamespace('pgdispatch')::oid, 'usage'
        )
        then pg_catalog.has_function_privilege(
            pg_catalog.to_regprocedure('pgdispatch.own_sites()')::oid, 'execute'
        )
    end,
    false
) as is_let_in
"""


def _function(signature: str) -> str:
    return f"pg_catalog.has_function_privilege('pgdispatch.{signature}', 'execute')"


def _column(table: str, column: str) -> str:
    return f"pg_catalog.has_column_privilege('pgdispatch.{table}', '{column}', 'update')"


PRIVILEGES = {
    "cancel": _function("cancel(bigint, text, text)"),
    "set-priority": _function("set_priority(bigint, integer)"),
    "run-now": _function("run_now(bigint, text)"),
    "run-now-schedule": _function("run_now_schedule(text, text)")
    + " and pgdispatch.own_sites() is null",  # no verb of its own: a way of run-now
    "retry": _function("retry_job(bigint, text)"),
    "resume": _function("resume(bigint)"),
    "republish": _function("republish(text, text)"),
    "set-number": _column("node", "backgrounders"),
    "drain": _function("drain(text, interval, text, text)"),
    "undrain": _column("node", "is_drained"),
    "types": _column("node", "only_types"),
    "enable": _column("schedule", "enabled"),
    "execution": _column("schedule", "execution"),
    "recurrence": _column("schedule", "recurrence"),
    "calendar-day": _column("calendar_day", "is_working"),
    "close": _column("closed_window", "enabled"),
    "priority": _column("schedule", "priority"),
    "enable-task": _column("task", "enabled"),
    "contract": _column("contract", "name"),
    "enable-contract": _column("contract", "enabled"),
    "limits": _column("site", "max_running_jobs"),
    "pause": _function("pause(text, text, timestamp with time zone, text, text)"),
    "end-pause": _function("end_pause(text, text)"),
    "rename": _function("rename(text, text, text)"),
    "delete": _function("delete(text, text)"),
}
RIGHTS = (
    "select "
    + ", ".join(f'{expression} as "{verb}"' for verb, expression in PRIVILEGES.items())
    + """,
    pgdispatch.own_sites() as sites,
    pgdispatch.own_sites() is null and (
        pg_catalog.pg_has_role(current_user, 'pgdispatch_viewer', 'usage')
        or pg_catalog.pg_has_role(current_user, 'pgdispatch_operator', 'usage')
    ) as sees_all
"""
)

CANCEL = "select pgdispatch.cancel({job}, {reason}, {by}) as answer"
SET_PRIORITY = "select pgdispatch.set_priority({job}, {priority}) as answer"
RUN_NOW = "select pgdispatch.run_now({task}, {by}) as answer"
RUN_NOW_SCHEDULE = """
select
    count(job) as jobs,
    count(refused) as passed_over,
    (array_agg(coalesce('task ' || task, 'linked task ' || linked_task) || ': ' || refused)
        filter (where refused is not null))[1:5] as reasons
from pgdispatch.run_now_schedule({schedule}, {by})
"""
RUN_NOW_LINKED_TASK = "select pgdispatch.run_now_linked_task({linked_task}, {by}) as answer"
PAUSE = """
select pgdispatch.pause(
    {scope}, {name}, pgdispatch.now() + pg_catalog.make_interval(hours => {hours}), {reason}, {by}
) as answer
"""
PAUSE_ALL = """
select pgdispatch.pause(
    'all', null, pgdispatch.now() + pg_catalog.make_interval(hours => {hours}), {reason}, {by}
) as answer
"""
END_PAUSE = "select pgdispatch.end_pause({scope}, {name}) as answer"
END_PAUSE_ALL = "select pgdispatch.end_pause('all') as answer"


def _of_thing(text: str) -> Callable[[str, str], str]:
    """Return what fills in a kind of thing, and by which field a form names one of it."""
    return lambda kind, field: text.replace("{kind}", f"'{kind}'").replace("{thing}", field)


RENAME = _of_thing("select pgdispatch.rename({kind}, {{thing}}::text, {new_name}) as answer")
DELETE = _of_thing(
    """
select pgdispatch.delete({kind}, {{thing}}::text) as answer
from pg_catalog.set_config('pgdispatch.reason', coalesce({reason}, ''), true)
"""
)
TAKES = """
select pg_catalog.concat(what, ' (' || how_many || ')', ' ', becomes) as told
from pgdispatch.consequences({verb}, {kind}, {{thing}}::text)
"""
RENAME_TAKES, DELETE_TAKES = (
    _of_thing(TAKES.replace("{verb}", f"'{verb}'")) for verb in ("rename", "delete")
)
RETRY = "select pgdispatch.retry_job({job}, {by}) as answer"
RESUME = "select pgdispatch.resume({task}) as answer"
REPUBLISH = "select pgdispatch.republish({site}, {datasource}) as answer"
ENABLE_TASK = """
update pgdispatch.task
set enabled = {is_enabled}
where id = {task}
returning id as answer
"""
ENABLE_CONTRACT = """
update pgdispatch.contract
set enabled = {is_enabled}
where id = {contract}
returning id as answer
"""
CHANGE_CONTRACT = """
update pgdispatch.contract
set due = {due},
    since = make_interval(hours => {since_hours}::integer),
    max_age = make_interval(hours => {age_hours}::integer),
    time_zone = coalesce({time_zone}, 'UTC'),
    warn_chance = {warn_percent} / 100.0,
    warn_before = make_interval(mins => {warn_minutes}),
    target = {target},
    note = {note}
where id = {contract}
returning id as answer
"""
ADD_CONTRACT = """
insert into pgdispatch.contract (
    name, site, datasource, task, schedule, linked_task, due, since, max_age, time_zone, target
)
values (
    {contract_name}, {site}, {datasource}, {task}::bigint, {schedule}, {linked_task}::bigint,
    {due}, make_interval(hours => {since_hours}::integer),
    make_interval(hours => {age_hours}::integer), coalesce({time_zone}, 'UTC'), {target}
)
returning id as answer
"""
SET_NUMBER = """
update pgdispatch.node
set backgrounders = {number}
where name = {node}
returning name as answer
"""
DRAIN = """
select pgdispatch.drain(
    {node}, pg_catalog.make_interval(mins => {minutes}), null, {by}
) as answer
"""
UNDRAIN = (
    "update pgdispatch.node set is_drained = false where name = {node} returning name as answer"
)
TYPES = """
update pgdispatch.node
set
    only_types = {only},
    except_types = {but}
where name = {node}
returning name as answer
"""
ENABLE = """
update pgdispatch.schedule
set enabled = {is_enabled}
where name = {schedule}
returning name as answer
"""
EXECUTION = """
update pgdispatch.schedule
set execution = {execution}
where name = {schedule}
returning name as answer
"""
RECURRENCE = """
update pgdispatch.schedule
set
    recurrence = {recurrence},
    time_zone = coalesce({time_zone}, time_zone),
    calendar = case when {is_by_calendar} then {calendar} else calendar end,
    on_free_day = case
        when not {is_by_calendar} then on_free_day
        when {calendar}::text is null then 'run'
        else coalesce({on_free_day}, 'run')
    end
where name = {schedule}
returning coalesce(recurrence, 'only when somebody runs it') as answer
"""
CALENDAR_DAY = """
insert into pgdispatch.calendar_day (calendar, day, name, is_working)
values ({calendar}, {day}, {day_name}, {becomes} = 'works')
on conflict (calendar, day) do update
set name = excluded.name, is_working = excluded.is_working
returning to_char(day, 'YYYY-MM-DD') as answer
"""
CALENDAR_DAY_USUAL = """
delete from pgdispatch.calendar_day
where calendar = {calendar}
    and day = {usual_day}
returning to_char(day, 'YYYY-MM-DD') as answer
"""
CLOSE = """
update pgdispatch.closed_window
set enabled = {is_enabled}
where name = {closed_window}
returning name as answer
"""
PRIORITY = """
update pgdispatch.schedule
set priority = {priority}
where name = {schedule}
returning name as answer
"""
LIMITS = """
update pgdispatch.site
set
    max_running_jobs = {max_running_jobs},
    daily_seconds = {daily_seconds},
    over_budget = coalesce({over_budget}, over_budget),
    run_now_enabled = coalesce({run_now_enabled}, run_now_enabled)
where name = {site}
returning name as answer
"""

JOBS_TO_CANCEL = """
select
    id as job,
    coalesce(title, type) as title,
    case
        when state = 'running'
        then 'runs: it is asked to stop, and killed if it goes on'
        else 'waits: it ends at once'
    end as fate
from pgdispatch.job
where id = any ({job}::bigint[])
order by id
limit 20
"""
JOBS_TO_RETRY = """
select
    h.id as job,
    coalesce(h.title, h.type) as title,
    h.outcome,
    case
        when h.linked_run is not null
        then concat(
            ', a step of a linked task', ' (' || n.linked_task || ')',
            ': it alone is run again, none after it; Run now of the linked task runs all'
        )
        else ''
    end as alone
from pgdispatch.job_history as h
left join pgdispatch.linked_run as n on n.id = h.linked_run
where h.id = any ({job}::bigint[])
order by h.id
limit 20
"""
JOBS_TO_MOVE = """
select
    id as job,
    coalesce(title, type) as title,
    priority as former
from pgdispatch.job
where id = any ({job}::bigint[])
order by id
limit 20
"""
JOBS_THERE = """
select count(*) as jobs
from pgdispatch.running
where pg_catalog.starts_with(backgrounder, {node} || ':')
"""
TASKS_TO_RUN = """
select
    (select count(*) from pgdispatch.task where schedule = {schedule} and enabled) as tasks,
    (
        select count(*) from pgdispatch.linked_task where schedule = {schedule} and enabled
    ) as linked_tasks
"""

LOOK_AT_FORECAST = "select pgdispatch.look_at_forecast()"
