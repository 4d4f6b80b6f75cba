"""Extracts: what is in the files is what the query returned, whenever a job stops or dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from pgdispatch.demo.mail import MailServer
from pgdispatch.errors import InvalidInputError, NotFoundError, PgdispatchError, WrongStateError
from pgdispatch.handler import StoppedError
from pgdispatch.testing import context
from support.checkout import TESTS
from support.handlers import victim
from support.handlers.shop import Shop, open_shop
from support.servers.embedded import Connect

pytestmark = pytest.mark.usefixtures("newest_only")


@pytest.fixture
def shop(empty_database: str, connect: Connect, tmp_path: Path) -> Iterator[Shop]:
    """Give a shop with 250 orders."""
    with MailServer() as mail:
        yield open_shop(connect(empty_database), empty_database, mail, tmp_path)


def ids(shop: Shop) -> list[int]:
    """Return the ids in the extract of orders, part by part."""
    return [i for part in shop.visible() for i in parquet.read_table(part)["id"].to_pylist()]


def killed_at(shop: Shop, function: str, job_type: str) -> None:
    """Run a job in a process that is killed where it would call `os.function`."""
    arguments = [str(shop.catalogue.path), job_type, "orders", function]
    environment = os.environ | {"PYTHONPATH": str(TESTS)}

    process = subprocess.run([sys.executable, victim.__file__, *arguments], env=environment)  # noqa: PLW1510 - it must not end well

    assert process.returncode == -signal.SIGKILL


def test_a_full_extract_holds_what_the_query_returns(shop: Shop) -> None:
    """Row by row; progress grows, batch by batch."""
    job = context("full_extract", datasource="orders")

    result = shop.work(job)

    table = parquet.read_table(shop.catalogue.folder() / result["file"])
    assert result["rows"] == 250
    assert [tuple(row.values()) for row in table.to_pylist()] == shop.query(
        "select * from orders order by id"
    )
    assert [note for _, note in job.reports] == ["100 rows", "200 rows", "250 rows"]
    assert [percent for percent, _ in job.reports] == sorted(p for p, _ in job.reports)


def test_values_keep_their_types(shop: Shop) -> None:
    """With nulls; what Parquet does not know becomes text as PostgreSQL shows it."""
    shop.connection.execute("""
        create table kinds as
        select
            1::smallint as small, 2 as whole, 3::bigint as big, 1.5::real as short,
            0.1::float8 as long, true as flag, 'é'::text as words,
            12.30::numeric(8, 2) as exact, 1.5::numeric as free, 5e40::numeric(60, 0) as wide,
            date '2013-01-02' as day, time '10:11:12.5' as hour,
            timestamptz '2013-01-02 10:00+02' as instant, timestamp '2013-01-02 10:00' as local,
            '{"a": [1]}'::jsonb as document, array[1, 2] as list, interval '1 mon 2 days' as span,
            'a1ee1f31-8b19-4c56-a7d3-9b9a1b4b3e5f'::uuid as identity, '\\x00ff'::bytea as bytes
    """)
    shop.connection.execute("insert into kinds (small) values (null)")

    result = shop.run("full_extract", "kinds")

    table = parquet.read_table(shop.catalogue.folder() / result["file"])
    values, nulls = table.to_pylist()
    assert {field.name: str(field.type) for field in table.schema} == {
        "small": "int16", "whole": "int32", "big": "int64", "short": "float",
        "long": "double", "flag": "bool", "words": "string",
        "exact": "decimal128(8, 2)", "free": "double", "wide": "decimal256(60, 0)",
        "day": "date32[day]", "hour": "time64[us]",
        "instant": "timestamp[us, tz=UTC]", "local": "timestamp[us]",
        "document": "string", "list": "string", "span": "string",
        "identity": "string", "bytes": "binary",
    }  # fmt: skip
    assert str(values["exact"]) == "12.30"
    assert values["instant"].isoformat() == "2013-01-02T08:00:00+00:00"
    texts = (values["document"], values["list"], values["span"])
    assert texts == ('{"a": [1]}', "{1,2}", "1 mon 2 days")
    assert set(nulls.values()) == {None}


def test_a_full_extract_replaces_the_old_one(shop: Shop) -> None:
    """Parts that were appended go, too."""
    shop.run("full_extract", "orders")
    shop.add_orders(251, 260)
    shop.run("incremental_extract", "orders")
    shop.connection.execute("delete from orders where id > 5")

    shop.run("full_extract", "orders")

    assert ids(shop) == [1, 2, 3, 4, 5]
    assert len(shop.all_files()) == 1


def test_an_incremental_extract_appends_only_what_is_new(shop: Shop) -> None:
    """The first run reads all; a run without news makes no file."""
    counts = [shop.run("incremental_extract", "orders")["rows"]]
    shop.add_orders(251, 400)
    counts += [shop.run("incremental_extract", "orders")["rows"] for _ in range(2)]
    shop.add_orders(401, 401)

    last = shop.run("incremental_extract", "orders")

    assert counts == [250, 150, 0]
    assert (last["rows"], last["watermark"]) == (1, "401")
    assert [path.name for path in shop.visible()] == [
        "part-000000.parquet",
        "part-000001.parquet",
        "part-000002.parquet",
    ]
    assert ids(shop) == list(range(1, 402))


def test_an_incremental_extract_refuses_other_columns(shop: Shop) -> None:
    """Parts of one extract can be read together."""
    shop.run("full_extract", "orders")
    shop.connection.execute("alter table orders add column note text")

    with pytest.raises(WrongStateError, match="columns of extract"):
        shop.run("incremental_extract", "orders")


def test_an_incremental_extract_needs_a_watermark(shop: Shop) -> None:
    """The message names the definition."""
    with pytest.raises(InvalidInputError, match='"kinds" has no watermark'):
        shop.run("incremental_extract", "kinds")


def test_a_creation_refuses_an_extract_that_exists(shop: Shop) -> None:
    """Unless an earlier attempt of the same job has made it and could not report."""
    first = shop.run("extract_creation", "orders", id=7)
    again = shop.run("extract_creation", "orders", id=7, attempt=2)

    assert first["rows"] == again["rows"] == 250
    with pytest.raises(WrongStateError, match="exists already") as refused:
        shop.run("extract_creation", "orders", id=8, attempt=2)
    assert refused.value.detail == "made by job 7"


def test_each_site_has_files_of_its_own(shop: Shop) -> None:
    """Even when both use one definition."""
    for site in ("north", "../south"):
        shop.run("extract_creation", "orders", site=site)

    assert len(shop.visible()) == 2


@pytest.mark.parametrize(("function", "leftovers"), [("link", 1), ("symlink", 1), ("replace", 1)])
def test_a_full_extract_that_is_killed_changes_nothing(
    shop: Shop, function: str, leftovers: int
) -> None:
    """Readers go on with the old files, and the next run is not disturbed."""
    shop.run("full_extract", "orders")
    before = shop.visible()
    shop.add_orders(251, 300)

    killed_at(shop, function, "full_extract")

    assert shop.visible() == before
    assert ids(shop) == list(range(1, 251))
    assert len(shop.all_files()) == 1 + leftovers
    shop.run("full_extract", "orders")
    assert ids(shop) == list(range(1, 301))


@pytest.mark.parametrize("function", ["link", "fsync"])
def test_an_incremental_extract_that_is_killed_loses_and_doubles_nothing(
    shop: Shop, function: str
) -> None:
    """Before its part is visible the rows are read again later."""
    shop.run("full_extract", "orders")
    shop.add_orders(251, 300)

    killed_at(shop, function, "incremental_extract")

    assert ids(shop) == list(range(1, 251))
    assert shop.run("incremental_extract", "orders")["rows"] == 50
    assert ids(shop) == list(range(1, 301))


def test_an_incremental_extract_killed_after_its_part_is_visible_is_done(shop: Shop) -> None:
    """A further attempt finds nothing new."""
    shop.run("full_extract", "orders")
    shop.add_orders(251, 300)

    killed_at(shop, "unlink", "incremental_extract")

    assert ids(shop) == list(range(1, 301))
    assert shop.run("incremental_extract", "orders")["rows"] == 0


@pytest.mark.parametrize("job_type", ["full_extract", "incremental_extract"])
def test_a_stop_between_batches_ends_it_and_leaves_no_file(shop: Shop, job_type: str) -> None:
    """The job ends with the reason, not with a result."""
    with pytest.raises(StoppedError, match="cancelled"):
        shop.run(job_type, "orders", stop_after=2)

    assert shop.all_files() == []


def test_what_the_source_refuses_is_told(shop: Shop) -> None:
    """With the name of the source and the SQLSTATE."""
    shop.connection.execute("alter table orders rename to orders_of_2013")

    with pytest.raises(PgdispatchError, match='source "shop": relation "orders"') as refused:
        shop.run("full_extract", "orders")
    assert "SQLSTATE 42P01" in (refused.value.detail or "")


def test_a_job_may_not_bring_sql(shop: Shop) -> None:
    """Its name is looked up, and that is all."""
    name: Any = 'orders"; drop table orders; --'
    with pytest.raises(NotFoundError, match="is defined for site"):
        shop.run("full_extract", name)
