"""The SQL of the front for Tableau's clients. Each statement runs as the person who signed in.

A list is a query of which conditions, an order and a page are asked for; what may be asked of it
is said by its fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

TEXT, NUMBER, INSTANT, CHOICE = "text", "number", "instant", "choice"
COMPARED = ("eq", "gt", "gte", "lt", "lte")
SIGNS = {"eq": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


@dataclass(frozen=True)
class Field:
    """What may be asked of one column: `has`, `in` and the like are Tableau's operators.

    `choices`: the condition that each of its values stands for, in place of `expression`.
    """

    expression: str
    operators: tuple[str, ...] = ("eq", "in", "has")
    kind: str = TEXT
    choices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Listing:
    """A list: its rows, its order if none is asked for, and what may be asked of it.

    `last`: what decides between rows that are alike, so that pages fit together.
    """

    rows: str
    order: str
    fields: Mapping[str, Field]
    last: str = "id"

    def page(self, conditions: str, order: str) -> str:
        """Return the statement for one page."""
        return (
            f"select * from ({self.rows}) as b where {conditions or 'true'}"
            f" order by {order or self.order}, {self.last} limit %(limit)s offset %(offset)s"
        )

    def count(self, conditions: str) -> str:
        """Return the statement that counts all rows."""
        return f"select count(*) as rows from ({self.rows}) as b where {conditions or 'true'}"


def condition(asked: Field, operator: str, name: str) -> str:
    """Return one condition; its value is the parameter `name`."""
    if operator == "in":
        return f"{asked.expression} = any (%({name})s)"
    if operator == "has":
        return f"strpos(lower({asked.expression}), lower(%({name})s)) > 0"
    return f"{asked.expression} {SIGNS[operator]} %({name})s"


def _luid(kind: str, number: str) -> str:
    """Return the identifier of something, as the views under Tableau's names make it."""
    return f"pg_catalog.md5('pgdispatch {kind} ' || {number})::uuid"


def _thing(site: str, datasource: str, task: str) -> str:
    """Return the identifier of what a task refreshes: its datasource, or what is its alone."""
    return _luid("datasource", f"{site} || coalesce(' ' || {datasource}, '/' || {task})")


SITES = f"""
select
    s.id,
    s.name,
    {_luid("site", "s.id")} as luid,
    case s.name when 'default' then '' else s.name end as content_url,
    s.run_now_enabled
from pgdispatch.site as s
"""
SITE_LIST = Listing(SITES, "name", {"name": Field("name")})
SITE_BY_URL = f"select * from ({SITES}) as b where content_url = %(content_url)s"
PERSON = f"""
select
    current_user::text as name,
    {_luid("user", "current_user::text")} as luid,
    pgdispatch.own_sites() is null as sees_all,
    pg_catalog.has_function_privilege('pgdispatch.cancel(bigint, text, text)', 'execute') as steers
"""

PROJECTS = Listing(
    f"""
select
    1 as id,
    {_luid("project", "%(site)s::text")} as luid,
    'Default'::text as name,
    ''::text as parent,
    'default'::text as owner
""",
    "name",
    {
        "name": Field("name"),
        "parentProjectId": Field("parent"),
        "topLevelProject": Field("(parent = '')::text", ("eq",)),
        "ownerName": Field("owner"),
    },
)

JOBS = Listing(
    """
select
    id, luid, job_type, title, subtitle, args, notes, priority, progress, finish_code, created_at,
    started_at, completed_at, updated_at, task_id
from pgdispatch.background_jobs
where site_id = %(site)s
""",
    "created_at desc",
    {
        "args": Field("args", ("has",)),
        "completedAt": Field("completed_at", COMPARED, INSTANT),
        "createdAt": Field("created_at", COMPARED, INSTANT),
        "jobType": Field("job_type", ("eq", "in")),
        "notes": Field("notes", ("has",)),
        "priority": Field("priority", COMPARED, NUMBER),
        "progress": Field("progress", COMPARED, NUMBER),
        "startedAt": Field("started_at", COMPARED, INSTANT),
        "status": Field(
            "progress",
            ("eq", "in"),
            CHOICE,
            {
                "Pending": "progress = -1",
                "InProgress": "progress between 0 and 99",
                "Success": "progress = 100 and finish_code = 0",
                "Failed": "progress = 100 and finish_code = 1",
                "Cancelled": "progress = 100 and finish_code = 2",
            },
        ),
        "subtitle": Field("subtitle", ("eq", "has")),
        "title": Field("title", ("eq", "has")),
    },
    last="id desc",
)
OF_JOB = " and b.id = %(job)s"
JOB = f"""
select
    b.id, b.luid, b.job_type, b.title, b.notes, b.priority, b.progress, b.finish_code,
    b.created_at, b.started_at, b.completed_at, b.updated_at, k.type,
    coalesce(k.datasource, t.title) as thing,
    {_thing("b.site_id", "k.datasource", "k.task")} as thing_luid,
    {_luid("flow", "k.task")} as flow_luid,
    t.title as task_title
from pgdispatch.background_jobs as b
left join lateral (
    select j.type, j.datasource, j.task
    from pgdispatch.job as j
    where j.id = %(job)s
    union all
    select h.type, h.datasource, h.task
    from pgdispatch.job_history as h
    where h.id = %(job)s
) as k on true
left join pgdispatch.task as t on t.id = k.task
where b.id = %(job)s
    and b.site_id = %(site)s
"""
FIND_JOB = f"""
select id
from pgdispatch.job
where site = %(site_name)s
    and {_luid("job", "id")} = %(luid)s
union all
select id
from pgdispatch.job_history
where site = %(site_name)s
    and {_luid("job", "id")} = %(luid)s
limit 1
"""
CANCEL = "select pgdispatch.cancel(%(job)s, %(reason)s, %(by)s) as answer"
RUN_NOW = "select pgdispatch.run_now(%(task)s, %(by)s) as job"
RUN_NOW_LINKED_TASK = "select pgdispatch.run_now_linked_task(%(linked_task)s, %(by)s) as job"
DELETE = "select pgdispatch.delete(%(kind)s, %(name)s)"

EXTRACT_TYPES = "('full_extract', 'incremental_extract', 'extract_creation')"
SCHEDULE_COLUMNS = """
    c.name as schedule, c.priority as schedule_priority, c.enabled as schedule_enabled,
    c.next_run_at as schedule_next_run_at, c.execution as schedule_execution
"""
TASK_ROWS = f"""
select
    t.id,
    {_luid("task", "t.id")} as luid,
    t.type,
    t.title,
    t.priority,
    coalesce(t.datasource, t.title) as thing,
    {_thing("%(site)s", "t.datasource", "t.id")} as thing_luid,
    {_luid("flow", "t.id")} as flow_luid,
    {_luid("schedule", "c.id")} as schedule_luid,
    pgdispatch.failure_streak(t.id) as failures,
    (
        select max(h.ended_at)
        from pgdispatch.job_history as h
        where h.task = t.id
    ) as last_run_at,
    p.task is not null as is_suspended,
    t.enabled,
    t.created_at,
    greatest(t.created_at, t.enabled_at) as updated_at,
    {SCHEDULE_COLUMNS}
from pgdispatch.task as t
left join pgdispatch.schedule as c on c.name = t.schedule
left join pgdispatch.suspension as p
    on p.task = t.id
    and p.streak_since is not distinct from t.streak_since
where t.site = %(site_name)s
"""
EXTRACT_TASKS = Listing(
    f"{TASK_ROWS} and t.type in {EXTRACT_TYPES}",
    "id",
    {"title": Field("title"), "priority": Field("priority", COMPARED, NUMBER)},
)
EXTRACTS_OF_SCHEDULE = Listing(
    f"{TASK_ROWS} and t.type in {EXTRACT_TYPES} and {_luid('schedule', 'c.id')} = %(luid)s",
    "id",
    {},
)
SUBSCRIPTIONS = Listing(
    f"{TASK_ROWS} and t.type = 'subscription'", "id", {"subject": Field("title")}
)
FLOWS = Listing(
    f"{TASK_ROWS} and t.type = 'flow'",
    "title",
    {"name": Field("title"), "projectName": Field("'Default'::text")},
)
EXTRACT_TASK = f"select * from ({EXTRACT_TASKS.rows}) as b where luid = %(luid)s"
TASK = f"select * from ({TASK_ROWS}) as b where luid = %(luid)s"
SUBSCRIPTION = f"select * from ({SUBSCRIPTIONS.rows}) as b where luid = %(luid)s"
FLOW = f"select * from ({FLOWS.rows}) as b where flow_luid = %(luid)s"

DATASOURCES = Listing(
    f"""
select
    min(t.id) as id,
    {_thing("%(site)s", "t.datasource", "t.id")} as luid,
    coalesce(t.datasource, t.title) as name,
    min(t.created_at) as created_at,
    max(greatest(t.created_at, t.enabled_at)) as updated_at
from pgdispatch.task as t
where t.site = %(site_name)s
    and t.type in {EXTRACT_TYPES}
group by 2, 3
""",
    "name",
    {
        "name": Field("name"),
        "contentUrl": Field("name"),
        "projectName": Field("'Default'::text"),
        "createdAt": Field("(created_at at time zone 'UTC')", COMPARED, INSTANT),
        "updatedAt": Field("(updated_at at time zone 'UTC')", COMPARED, INSTANT),
    },
)
DATASOURCE = f"select * from ({DATASOURCES.rows}) as b where luid = %(luid)s"
TASK_OF_DATASOURCE = f"""
select t.id as task
from pgdispatch.task as t
where t.site = %(site_name)s
    and t.type = any (%(types)s)
    and {_thing("%(site)s", "t.datasource", "t.id")} = %(luid)s
order by array_position(%(types)s::text[], t.type), t.enabled desc, t.id
limit 1
"""

FLOW_RUNS = Listing(
    f"""
select
    b.id, b.luid, b.progress, b.finish_code, b.created_at, b.started_at, b.completed_at,
    {_luid("flow", "b.task_id")} as flow_luid
from pgdispatch.background_jobs as b
where b.site_id = %(site)s
    and b.job_type = 'run_flow'
""",
    "created_at desc",
    {
        "flowId": Field("flow_luid::text", ("eq", "in")),
        "startedAt": Field("started_at", COMPARED, INSTANT),
        "completedAt": Field("completed_at", COMPARED, INSTANT),
        "createdAt": Field("created_at", COMPARED, INSTANT),
        "progress": Field("progress", COMPARED, NUMBER),
        "status": JOBS.fields["status"],
    },
    last="id desc",
)

LINKED_TASKS = Listing(
    f"""
select
    l.id,
    {_luid("linked task", "l.id")} as luid,
    l.title,
    l.priority,
    {_luid("schedule", "c.id")} as schedule_luid,
    {SCHEDULE_COLUMNS}
from pgdispatch.linked_task as l
left join pgdispatch.schedule as c on c.name = l.schedule
where l.site = %(site_name)s
""",
    "id",
    {"title": Field("title")},
)
LINKED_TASK = f"select * from ({LINKED_TASKS.rows}) as b where luid = %(luid)s"
LINKED_STEPS = f"""
select
    s.linked_task,
    {_luid("linked task step", "s.linked_task || ' ' || s.step")} as luid,
    (row_number() over (partition by s.linked_task order by s.step))::integer as number,
    s.stop_on_failure,
    {_luid("task", "t.id")} as task_luid,
    {_luid("flow", "t.id")} as flow_luid,
    t.title,
    coalesce(l.priority, t.priority, 0) as priority,
    pgdispatch.failure_streak(t.id) as failures
from pgdispatch.linked_task_step as s
join pgdispatch.linked_task as l on l.id = s.linked_task
join pgdispatch.task as t on t.id = s.task
where s.linked_task = any (%(linked_tasks)s)
order by s.linked_task, s.step
"""

SCHEDULES = Listing(
    f"""
select
    s.id,
    {_luid("schedule", "s.id")} as luid,
    s.name,
    s.enabled,
    s.priority,
    s.execution,
    s.created_at,
    coalesce(s.last_run_at, s.created_at) as updated_at,
    s.next_run_at,
    s.recurrence,
    (
        select t.type
        from pgdispatch.task as t
        where t.schedule = s.name
        group by t.type
        order by count(*) desc, t.type
        limit 1
    ) as task_type
from pgdispatch.schedule as s
""",
    "name",
    {
        "name": Field("name"),
        "priority": Field("priority", COMPARED, NUMBER),
        "createdAt": Field("(created_at at time zone 'UTC')", COMPARED, INSTANT),
    },
)
SCHEDULE = f"select * from ({SCHEDULES.rows}) as b where luid = %(luid)s"
ADD_SCHEDULE = f"""
insert into pgdispatch.schedule (name, priority, execution, recurrence)
values (%(name)s, %(priority)s, %(execution)s, %(recurrence)s)
returning {_luid("schedule", "id")} as luid
"""
CHANGE_SCHEDULE = """
update pgdispatch.schedule
set
    priority = coalesce(%(priority)s, priority),
    execution = coalesce(%(execution)s, execution),
    recurrence = coalesce(%(recurrence)s, recurrence),
    enabled = coalesce(%(enabled)s, enabled)
where name = %(name)s
returning name
"""
RENAME_SCHEDULE = "select pgdispatch.rename('schedule', %(name)s, %(new_name)s)"

WEBHOOKS = f"""
select
    {_luid("webhook", "r.what || ' ' || r.target || ' ' || r.site")} as luid,
    r.target,
    min(r.id) as id,
    array_agg(r.id) as rules
from pgdispatch.notice_rule as r
where r.site = %(site_name)s
    and r.what = 'failure'
    and r.schedule is null
    and r.after = 1
    and r.type = any (%(types)s)
    and r.target = any (%(targets)s)
group by r.what, r.target, r.site
having count(*) = cardinality(%(types)s::text[])
order by id
"""
ADD_WEBHOOK = """
insert into pgdispatch.notice_rule (what, target, site, type)
select 'failure', %(target)s, %(site_name)s, type
from unnest(%(types)s::text[]) as type
on conflict do nothing
returning id
"""
REMOVE_WEBHOOK = "delete from pgdispatch.notice_rule where id = any (%(rules)s) returning id"
TEST_WEBHOOK = "select pgdispatch.test_notice(%(target)s, %(site_name)s) as notice"
