"""What configuration consists of.

Tables and columns have the names that they have in SQL. Which columns of a table people set, the
database says itself (`configured_columns`); the rest here is how rows are told apart in a file,
where they have no numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

FORMAT = 1  # of the file; another one is refused
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Column:
    """A column that people set: its type as `pg_type` names it, and what it is when left out."""

    name: str
    type: str
    is_nullable: bool
    default: Any = None

    @property
    def is_required(self) -> bool:
        """Whether a row has to say it."""
        return not self.is_nullable and self.default is None


@dataclass(frozen=True)
class Kind:
    """A table of the file.

    A row is known by the columns `key`: in the header, `[site.acme]`, if it `is_named`; else in the
    row, and then several may share it: of these, rows that are alike in the most columns are taken
    for one, by the columns in `nearest`, one set after the other. `part` is what a row has of
    another table: timeouts, steps, days. `site` is the column that says which site it belongs to;
    None: to none. `state`: columns that people set and that are not configuration.
    """

    table: str
    key: tuple[str, ...] = ("name",)
    is_named: bool = True
    nearest: tuple[tuple[str, ...], ...] = ((),)
    part: str | None = None
    site: str | None = None
    state: tuple[str, ...] = ()

    @property
    def noun(self) -> str:
        """What a row is called, as in `pgdispatch changes`."""
        return "user" if self.table == "grant" else self.table.replace("_", " ")


SETTING = Kind("setting")
JOB_TYPE = Kind("job_type")
SITE = Kind("site", part="timeouts", site="name")
CALENDAR = Kind("calendar", part="days")
SCHEDULE = Kind("schedule")
CLOSED_WINDOW = Kind("closed_window")
NODE = Kind("node", state=("is_drained", "drain_ends_at"))  # an apply must not end that
GRANT = Kind("grant")
TASK = Kind(
    "task",
    key=("site", "type", "title"),
    is_named=False,
    nearest=(("datasource", "schedule"), ("datasource",), ("schedule",), ()),
    site="site",
)
LINKED_TASK = Kind(
    "linked_task",
    key=("site", "title"),
    is_named=False,
    nearest=(("schedule",), ()),
    part="steps",
    site="site",
)
NOTICE_RULE = Kind(
    "notice_rule",
    key=("what", "target", "site", "type", "schedule", "after"),
    is_named=False,
    site="site",
)
CONTRACT = Kind("contract", key=("site", "name"), is_named=False, site="site")
REFERENCES = {"task": TASK, "linked_task": LINKED_TASK}  # of a contract: rows, not numbers
KINDS = (
    *(SETTING, JOB_TYPE, SITE, CALENDAR, SCHEDULE, NODE, CLOSED_WINDOW, GRANT, TASK),
    *(LINKED_TASK, NOTICE_RULE, CONTRACT),
)
PARTS = {
    "timeouts": "site_timeout",
    "steps": "linked_task_step",
    "days": "calendar_day",
}  # which table they are of
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
STEP_TASK = "flow"  # the type of what a step runs
ROLES = ("producer", "worker", "viewer", "operator")
GRANT_COLUMNS = (
    Column("name", "text", is_nullable=False),
    Column("roles", "_text", is_nullable=False),
    Column("sites", "_text", is_nullable=True),
)
Columns = Mapping[str, tuple[Column, ...]]  # by table


@dataclass(eq=False)
class Row:
    """A row of the file or of the database, with a value for each column.

    `path` is where it stands in the file; `id` its number in the database, as soon as it is known.
    `is_given`: it comes with the package, or says nothing that is not so by default; it is not
    missed in a file. A part is in `values` by its name: timeouts by type, steps as `Step`,
    days by date, as name and whether it is a working day. What a contract is about is a row.
    `usual_priority`: of a task of the file, what it gets if it `says_priority` not.
    """

    kind: Kind
    values: dict[str, Any]
    path: Path = ()
    id: int | None = None
    is_given: bool = False
    says_priority: bool = True
    usual_priority: int | None = None

    def of(self, columns: tuple[str, ...]) -> tuple[Any, ...]:
        """Return its values of some columns, in a form that can be a key."""
        return tuple(_hashable(self.values.get(name)) for name in columns)

    def refers(self, column: str) -> bool:
        """Tell whether the value of a column is a row."""
        return self.kind is CONTRACT and column in REFERENCES

    @property
    def name(self) -> str:
        """What people call it."""
        if self.kind.is_named:
            return str(self.values["name"])
        if self.kind is NOTICE_RULE:
            return " ".join(str(value) for value in self.of(self.kind.key) if value is not None)
        number = "" if self.id is None else f"{self.id} "
        return f'{number}"{self.values["name" if self.kind is CONTRACT else "title"]}"'


@dataclass(frozen=True)
class Step:
    """A step of a linked task: its place, the task that it runs, whether its failure ends the run.

    The task is a row of the file, where it is there.
    """

    step: int
    task: Row
    stop_on_failure: bool = True

    @property
    def facts(self) -> tuple[int, int | None, bool]:
        """What the database has of it; None: a task that it does not have yet."""
        return self.step, self.task.id, self.stop_on_failure


@dataclass
class Estate:
    """The rows of a database or of a file, by table; a file need not have all tables.

    `site`: it is about this site alone. `types` and `schedules` are all that it knows of, by name,
    whether they are among its rows or not. `default_values`: of settings.
    """

    rows: dict[str, list[Row]]
    site: str | None = None
    types: dict[str, Row] = field(default_factory=dict)
    schedules: dict[str, Row] = field(default_factory=dict)
    default_values: Mapping[str, str] = field(default_factory=dict)


def kinds_of(site: str | None) -> tuple[Kind, ...]:
    """Return the kinds of which a file of one site has rows; None: of a file of all."""
    return KINDS if site is None else tuple(kind for kind in KINDS if kind.site)


def usual_priority(row: Row, types: Mapping[str, Row], schedules: Mapping[str, Row]) -> int | None:
    """Return the priority of a task or linked task that says none: what a new one would get."""
    schedule = schedules.get(row.values["schedule"] or "")
    of_schedule = None if schedule is None else schedule.values["priority"]
    if row.kind is LINKED_TASK:
        return of_schedule
    its_type = types.get(row.values["type"])
    if its_type is None or its_type.values["priority_from"] != "task":
        return None
    return of_schedule or its_type.values["default_priority"] or None


def by_name(rows: Iterable[Row]) -> dict[str, Row]:
    """Return the rows of a named table by name."""
    return {row.values["name"]: row for row in rows}


def _hashable(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_hashable(item) for item in value)
    if isinstance(value, dict):
        return tuple(sorted(value.items()))
    return value
