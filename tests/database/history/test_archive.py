"""What moves from the queue to the history: all that both tables have."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from support.sessions.verbs import Verbs

COMMON = """
select j.attname as name, format_type(j.atttypid, null) as type
from pg_attribute as j
join pg_attribute as h on h.attrelid = 'pgdispatch.job_history'::regclass and h.attname = j.attname
where j.attrelid = 'pgdispatch.job'::regclass
    and j.attnum > 0
    and not j.attisdropped
    and not h.attisdropped
order by j.attnum
"""
FILL = """
update pgdispatch.job
set ({names}) = (select {names} from jsonb_populate_record(null::pgdispatch.job, %s))
where id = %s
"""


def value(type_: str, number: int, *, even: bool) -> Any:
    """Return a value of a type that no other column has, as JSON; of two booleans: whether even."""
    values: dict[str, Any] = {
        "boolean": (number % 2 == 0) == even,
        "timestamp with time zone": (
            datetime(2031, 1, 1, tzinfo=UTC) + timedelta(number)
        ).isoformat(),
        "interval": f"{number} minutes",
        "text": f"text {number}",
        "text[]": [f"text {number}"],
        "jsonb": {"number": number},
    }
    return values.get(type_, number)


@pytest.mark.parametrize("even", [True, False])
def test_the_history_gets_every_column_that_a_job_has_in_common_with_it(
    verbs: Verbs, even: bool
) -> None:
    """A new column of both tables has to be named in archive, and goes to its own place."""
    columns = {row["name"]: row["type"] for row in verbs.rows(COMMON)}
    job = verbs.job()
    values = {
        name: value(type_, number, even=even)
        for number, (name, type_) in enumerate(columns.items(), start=1)
        if name != "id"
    }
    verbs.run("alter table pgdispatch.job disable trigger user")
    verbs.run(FILL.format(names=", ".join(values)), json.dumps(values), job)
    query = f"select {', '.join(columns)} from pgdispatch.{{}} where id = %s"
    queued = verbs.row(query.format("job"), job)

    verbs.run("select pgdispatch.archive(array[%s::bigint], array['cancelled'])", job)

    assert len(columns) > 40
    assert None not in queued.values()
    assert verbs.row(query.format("job_history"), job) == queued
