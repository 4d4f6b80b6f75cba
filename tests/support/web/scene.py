"""An evening of a service: nodes, sites, tasks, an hour of history, and something at every gate.

Everything is relative to now, and nothing in it is left to chance. Its nodes give no signs of life
after the first, so the lease is two hours there.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from pgdispatch.forecast.making import make_due
from support.sessions.verbs import Verbs

NODES = (("etl-1", 6, None), ("etl-2", 5, None), ("reports-1", 2, "subscription alert flow system"))
LOST = ("etl-3", 4)
SITES = (
    ("finance", 3, None),
    ("logistics", None, None),
    ("retail", None, None),
    ("partners", 4, 1500),
)
EVENING = {
    "finance": (
        "General ledger",
        "Payroll summary",
        "Cash position",
        "Intercompany",
        "FX rates",
        "Tax positions",
        "Travel expenses",
        "Accounts payable",
        "Fixed assets",
    ),
    "logistics": (
        "Fleet telemetry",
        "Customs declarations",
        "Damage claims",
        "Warehouse moves",
        "Pallet balance",
        "Carrier costs",
    ),
    "retail": (
        "Loyalty members",
        "Gift cards",
        "Shrinkage",
        "Online orders",
        "Promotions",
        "Returns",
        "Basket analysis",
        "Assortment",
    ),
    "partners": ("Marketplace feed", "Wholesale prices"),
}
STOCK = ("Stock on hand, stores", "Stock on hand, web", "Stock in transit")
REPORTS = ("Morning report", "Sales by region", "Late deliveries")
COPIED = """
insert into pgdispatch.job_history (
    id, attempt, type, site, title, datasource, schedule, task, priority, args, max_attempts,
    created_by, inserted_by, created_at, scheduled_at, run_now, is_serial, usual_seconds,
    precedence, queued_at, type_rank, tie_first, tie_second, parked_gates, losses, failures, node,
    backgrounder, started_at, ended_at, outcome, failed_as, error, result, log
)
select
    nextval(pg_get_serial_sequence('pgdispatch.job', 'id')), 1, t.type, t.site, t.title,
    t.datasource, t.schedule, t.id, coalesce(t.priority, 50), t.args, 1,
    'schedule ' || t.schedule, 'clock', %(scheduled)s::timestamptz, %(scheduled)s, false,
    s.execution = 'serial', 240, 1, %(scheduled)s, 6, 240, 0, %(parked)s, 0, 0,
    split_part(%(where)s, ':', 1), %(where)s, %(started)s, %(ended)s, %(outcome)s, %(failed_as)s,
    %(error)s, %(result)s, %(log)s
from pgdispatch.task as t
join pgdispatch.schedule as s on s.name = t.schedule
where t.id = %(task)s
returning id
"""
BROKEN = 'column "amount_eur" is of type text but expression is of type numeric\nLINE 4: …'


@dataclass
class Scene:
    """What was made: the jobs and tasks that pages are looked at for."""

    tasks: dict[str, int] = field(default_factory=dict)
    jobs: dict[str, int] = field(default_factory=dict)
    linked: int = 0
    contracts: dict[str, int] = field(default_factory=dict)


def make_scene(connection: psycopg.Connection[object]) -> Scene:
    """Fill an empty database. The connection is the owner's, with autocommit."""
    verbs = Verbs(connection)
    scene = Scene()
    now: datetime = verbs.value("select date_trunc('second', pg_catalog.now())")
    _set_up(verbs, scene)
    _history(verbs, scene, now, Random(7))  # noqa: S311  # the same evening each time
    _queue(verbs, scene, now)
    _forecast(verbs)
    _contracts(verbs, scene, now)
    return scene


def _forecast(verbs: Verbs) -> None:
    """Make a forecast, which is shown for the next hours."""
    verbs.run("update pgdispatch.forecast_state set began_at = '2000-01-01'")
    make_due(verbs.connection, "etl-1")
    verbs.run("update pgdispatch.forecast_state set period = interval '2 hours'")


def _set_up(verbs: Verbs, scene: Scene) -> None:
    verbs.run("update pgdispatch.setting set value = '7200' where name = 'lease_seconds'")
    for name, limit, seconds in SITES:
        verbs.site(name, limit, daily_seconds=seconds, time_zone="Europe/Berlin")
    verbs.run("insert into pgdispatch.job_type (name, rank) values ('thumbnail', 3)")
    for name, number, types in NODES:
        _node(verbs, name, number, types)
    _node(verbs, *LOST, None)
    verbs.run(
        "update pgdispatch.node set heartbeat_at = pg_catalog.now() - interval '3 hours' "
        "where name = %s",
        LOST[0],
    )
    verbs.run("insert into pgdispatch.calendar (name, time_zone) values ('DE', 'Europe/Berlin')")
    verbs.run(
        "insert into pgdispatch.calendar_day (calendar, day, name, is_working)"
        " select 'DE', date_trunc('year', pgdispatch.now())::date + n, name, works"
        " from (values (0, 'New Year', false), (120, 'Labour Day', false),"
        " (358, 'Christmas', false), (352, 'stocktaking', true)) as d (n, name, works)"
    )
    for name, execution, priority, recurrence in (
        ("evening extracts", "parallel", 35, "daily at 20:00"),
        ("half-hourly stock", "parallel", 20, "every 30 minutes from 00:00 to 23:30"),
        ("night chain", "serial", 60, "daily at 23:00"),
        ("reports", "parallel", 40, "weekly on Monday, Friday at 06:00"),
    ):
        verbs.schedule(
            name, execution, priority=priority, recurrence=recurrence, time_zone="Europe/Berlin"
        )
    for site, titles in EVENING.items():
        for title in titles:
            source = title.lower().replace(" ", "_")
            scene.tasks[title] = verbs.task(
                site=site, title=f"{title}, evening", schedule="evening extracts", datasource=source
            )
    for title in STOCK:
        scene.tasks[title] = verbs.task(
            "incremental_extract",
            site="retail",
            title=title,
            schedule="half-hourly stock",
            datasource="stock_on_hand",
        )
    for title in REPORTS:
        scene.tasks[title] = verbs.task(
            "subscription", site="retail", title=title, schedule="reports"
        )
    scene.tasks["Telemetry archive"] = verbs.task(
        site="logistics", title="Telemetry archive", schedule="night chain"
    )
    scene.tasks["Ledger archive"] = verbs.task(
        site="finance", title="Ledger archive", schedule="night chain"
    )
    _linked(verbs, scene)


def _linked(verbs: Verbs, scene: Scene) -> None:
    steps = [
        verbs.task("flow", site="logistics", title=title)
        for title in ("Clean shipments", "Join carriers", "Publish routes")
    ]
    scene.linked = verbs.add(
        "linked_task", site="logistics", title="Shipments, then routes", schedule="reports"
    )
    for number, step in enumerate(steps, 1):
        verbs.run(
            "insert into pgdispatch.linked_task_step (linked_task, step, task) values (%s, %s, %s)",
            scene.linked,
            number,
            step,
        )


def _node(verbs: Verbs, name: str, number: int, types: str | None) -> None:
    only = types and types.split()
    refused = None if types else ["thumbnail"]
    verbs.run(
        "insert into pgdispatch.node (name, backgrounders, only_types, except_types) "
        "values (%s, %s, %s, %s)",
        name,
        number,
        only,
        refused,
    )
    verbs.run(
        "select pgdispatch.register_node(%s, %s, p_processors => 16, p_host => %s, "
        "p_package_version => '0.2.0')",
        name,
        uuid.uuid5(uuid.NAMESPACE_DNS, name),
        name,
    )
    verbs.run("delete from pgdispatch.node_state")  # as if it had been up all the time
    for place in range(1, number + 1):
        verbs.run("select pgdispatch.start_backgrounder(%s, %s)", f"{name}:{place}", 4000 + place)
    verbs.run(
        "update pgdispatch.backgrounder set started_at = started_at - interval '9 hours' "
        "where node = %s",
        name,
    )


def _ended(  # noqa: PLR0917  # in the order of time
    verbs: Verbs,
    task: int,
    where: str,
    scheduled: datetime,
    started: datetime,
    ended: datetime,
    **more: object,
) -> int:
    values = {
        "task": task,
        "where": where,
        "scheduled": scheduled,
        "started": started,
        "ended": ended,
        "parked": [],
        "outcome": "succeeded",
        "failed_as": None,
        "error": None,
        "result": Jsonb({"rows": 3561095}),
        "log": "reading\n3,561,095 rows\nwritten to extract",
        **more,
    }
    found = verbs.connection.execute(COPIED, values).fetchone()
    assert found is not None
    return int(found[0])


def _history(verbs: Verbs, scene: Scene, now: datetime, random: Random) -> None:
    """Play an hour on each backgrounder, a fortnight of one task, and one late job."""
    begun = now - timedelta(minutes=47)
    titles = [title for titles in EVENING.values() for title in titles]
    for name, number, types in NODES:
        for place in range(1, number + 1):
            at = begun + timedelta(seconds=random.randint(0, 8))
            end = now - timedelta(minutes=random.randint(22, 34))
            pool = REPORTS if types else titles
            while at < (begun + timedelta(minutes=2) if types else end):
                length = timedelta(seconds=random.randint(40, 420))
                _ended(
                    verbs,
                    scene.tasks[random.choice(pool)],
                    f"{name}:{place}",
                    begun,
                    at,
                    min(at + length, now - timedelta(minutes=21)),
                )
                at += length + timedelta(seconds=random.choice((1, 1, 1, 90)))
    for day in range(14, 0, -1):
        start = now - timedelta(days=day, minutes=40)
        failed = {"outcome": "failed", "failed_as": "error", "error": BROKEN} if day == 6 else {}
        _ended(
            verbs,
            scene.tasks["FX rates"],
            "etl-1:2",
            start,
            start,
            start + timedelta(minutes=random.randint(12, 22)),
            **failed,
        )
    first = now - timedelta(minutes=47)
    _ended(
        verbs,
        scene.tasks["Stock on hand, web"],
        "etl-1:3",
        first,
        first,
        first + timedelta(minutes=7, seconds=26),
    )
    scene.jobs["late"] = _ended(
        verbs,
        scene.tasks["Stock on hand, stores"],
        "etl-1:5",
        first,
        first + timedelta(minutes=7, seconds=34),
        first + timedelta(minutes=12, seconds=24),
        parked=["site/retail", "datasource/retail/stock_on_hand"],
    )
    for number in range(5):
        at = now - timedelta(hours=5 - number)
        scene.jobs["failed"] = _ended(
            verbs,
            scene.tasks["Telemetry archive"],
            "etl-2:1",
            at,
            at,
            at + timedelta(seconds=50),
            outcome="failed",
            failed_as="error",
            error=BROKEN,
            result=None,
        )
    verbs.run(
        "insert into pgdispatch.suspension (task, failures, job, streak_since, suspended_at) "
        "select t.id, 5, h.id, t.streak_since, h.ended_at "
        "from pgdispatch.task as t, pgdispatch.job_history as h where h.id = %s and t.id = %s",
        scene.jobs["failed"],
        scene.tasks["Telemetry archive"],
    )


def _queue(verbs: Verbs, scene: Scene, now: datetime) -> None:
    """Let the evening's jobs wait, the first of them run, and others wait for other reasons."""
    verbs.run(
        "insert into pgdispatch.charge (site, started_at, seconds) "
        "values ('partners', pg_catalog.now(), 2000)"
    )
    verbs.run("select pgdispatch.fire('evening extracts', %s)", now - timedelta(minutes=34))
    for place in (f"{name}:{one}" for name, number, _ in NODES for one in range(1, number + 1)):
        verbs.claim(place)
    for number, job in enumerate(
        verbs.values("select id from pgdispatch.job where state = 'running' order by id")
    ):
        verbs.run(
            "update pgdispatch.job set started_at = %s, usual_seconds = %s, progress = %s, "
            "progress_note = 'reading rows' where id = %s",
            now - timedelta(minutes=20 + number % 5, seconds=number * 7),
            [480, 560, 1500, 740, None, 1800][number % 6],
            [30, 98, 3, None, 55, 70, None][number % 7],
            job,
        )
        scene.jobs.setdefault("running", job)
    verbs.run("update pgdispatch.job set usual_seconds = 1140 + id %% 4 * 60")
    source = "datasource_of_the_first"
    verbs.run(
        "update pgdispatch.job set datasource = %s where id = %s", source, scene.jobs["running"]
    )
    site = verbs.value("select site from pgdispatch.job where id = %s", scene.jobs["running"])
    verbs.job(
        "full_extract", site=site, title="New rows: General ledger", datasource=source, priority=25
    )
    verbs.job("full_extract", site="retail", title="Promotions for the board", priority=30)
    verbs.job("thumbnail", site="retail", title="Thumbnails of Store sales", priority=60)
    verbs.job("thumbnail", site="retail", title="Thumbnails of Margin by product", priority=60)
    verbs.job(
        "full_extract",
        site="logistics",
        title="Backfill: Customs declarations",
        priority=45,
        not_before=now + timedelta(hours=2),
    )
    verbs.job("full_extract", site="partners", title="Price list, again", priority=33)
    verbs.run(
        "update pgdispatch.job set created_at = created_at - interval '34 minutes' "
        "where scheduled_at is not null"
    )
    verbs.run(
        "update pgdispatch.job set created_at = created_at - interval '20 minutes' "
        "where scheduled_at is null"
    )
    for day in (3, 2, 1):
        verbs.run(
            "insert into pgdispatch.linked_run (linked_task, scheduled_at, run_now, created_by, "
            "created_at, skipped_for) values (%s, %s, false, 'schedule reports', %s, %s)",
            scene.linked,
            now - timedelta(days=day),
            now - timedelta(days=day),
            "suspended" if day == 2 else None,
        )
    verbs.run("select pgdispatch.run_now_linked_task(%s, 'an operator')", scene.linked)
    scene.jobs["waiting"] = verbs.value(
        "select id from pgdispatch.job where backgrounder is null and site = 'finance' "
        "and title like 'FX%%'"
    )


def _contracts(verbs: Verbs, scene: Scene, now: datetime) -> None:
    """Promise data in all states; what a forecast says of them is good for an hour."""
    said = []
    soon = f"daily at {now + timedelta(hours=2):%H:%M}"
    for name, late, task in (("fresh", 4, "FX rates"), ("risk", 31, "FX rates"), ("late", 88, "")):
        about: dict[str, Any] = (
            {"task": scene.tasks[task]} if task else {"linked_task": scene.linked}
        )
        contract = scene.contracts[name] = verbs.add(
            "contract", name=f"{task or 'Routes'}, {name}", due=soon, since="1 day", target="ops",
            site=verbs.value("select site from pgdispatch.task where id = %s", about["task"])
            if task else "logistics", note="the board looks at it at eight", **about,
        )  # fmt: skip
        due = verbs.value(
            "select due from pgdispatch.contract_status where contract = %s", contract
        )
        ends = [due + timedelta(minutes=late / 2 - far) for far in (70, 20, -15)]
        said.append({
            "contract": contract, "due": micros(due), "runs": 100, "late": late, "decided": 70,
            "early": micros(ends[0]), "median": micros(ends[1]), "latest": micros(ends[2]),
            "beyond": micros(now + timedelta(hours=12)),
        })  # fmt: skip
    verbs.run(
        "select pgdispatch.note_contract_forecasts(%s, %s, %s)",
        now, now + timedelta(hours=1), json.dumps(said),
    )  # fmt: skip
    scene.contracts["broken"] = verbs.add(
        "contract", name="Telemetry", site="logistics", max_age="26 hours", target="ops",
        task=scene.tasks["Telemetry archive"],
    )  # fmt: skip
    for name, contract in scene.contracts.items():
        state = verbs.value(
            "select state from pgdispatch.contract_status where contract = %s", contract
        )
        verbs.run(
            "insert into pgdispatch.notice "
            "(at, what, target, text, site, contract, contract_state) "
            "values (%s, 'contract_at_risk', 'ops', %s, 'logistics', %s, %s)",
            now, name, contract, state,
        )  # fmt: skip


def micros(at: datetime) -> int:
    """Return an instant as the simulation counts it."""
    return round(at.timestamp() * 1_000_000)


def paths_of(scene: Scene) -> dict[str, str]:
    """Return the pages that show the scene, by the names of their pictures."""
    return {
        "now": "/",
        "queue": "/queue",
        "queue-filtered": "/queue?why=site+limit",
        **{f"job-{name}": f"/job/{job}" for name, job in scene.jobs.items()},
        "history": "/history",
        "history-failed": "/history?outcome=failed",
        "timeline": "/timeline",
        "gates": "/gates",
        "ahead": "/ahead",
        "schedules": "/schedules",
        "late-schedules": "/late",
        "schedule": "/schedule/evening extracts",
        "calendars": "/calendars",
        "calendar": "/calendar/DE",
        "tasks": "/tasks",
        "task": f"/task/{scene.tasks['FX rates']}",
        "task-suspended": f"/task/{scene.tasks['Telemetry archive']}",
        "linked": "/linked",
        "linked-task": f"/linked/{scene.linked}",
        "contracts": "/contracts",
        **{f"contract-{name}": f"/contract/{one}" for name, one in scene.contracts.items()},
        "sites": "/sites",
        "site": "/site/finance",
        "site-spent": "/site/partners",
        "nodes": "/nodes",
        "node": "/node/etl-1",
        "types": "/types",
        "type": "/type/thumbnail",
        "node-lost": "/node/etl-3",
        "health": "/health",
        "confirm": f"/confirm/cancel?job={scene.jobs['waiting']}",
        "confirm-delete": "/confirm/delete?site=finance",
        "not-there": "/job/999999",
    }
