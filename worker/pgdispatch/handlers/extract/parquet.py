"""Write the rows of a query to a Parquet file, batch by batch, through a server-side cursor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psycopg import Column, Connection, sql
from psycopg.types.string import TextLoader

from pgdispatch.errors import InvalidInputError
from pgdispatch.handlers import extra
from pgdispatch.handlers.extract.watermark import Tracker

if TYPE_CHECKING:
    from pgdispatch.handler import Context

NUMERIC = 1700
DEEPEST = 76  # digits of the widest decimal that Arrow knows
KEY = "pgdispatch."


@dataclass(frozen=True)
class Rows:
    """What is to be written: `query` with its columns, and how many rows are expected."""

    query: sql.Composed
    columns: list[Column]
    expected: int
    batch_rows: int


def describe(connection: Connection[Any], query: sql.Composable) -> list[Column]:
    """Return the columns of `query` without running it.

    Raises InvalidInputError if two of them have the same name.
    Transaction: joins the caller's.
    """
    rows = sql.SQL("select * from ({}) as q limit 0").format(query)
    columns = connection.execute(rows).description or []
    names = [column.name for column in columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InvalidInputError(
            f'the query has two columns "{twice[0]}"', hint="give each column a name of its own"
        )
    return columns


def estimate(connection: Connection[Any], query: sql.Composable) -> int:
    """Return how many rows the planner expects. Transaction: joins the caller's."""
    row = connection.execute(sql.SQL("explain (format json) {}").format(query)).fetchone()
    return int(row[0][0]["Plan"]["Plan Rows"]) if row else 0


def schema(columns: list[Column]) -> Any:
    """Return the Arrow schema for the columns of a query.

    Numbers, booleans, texts, dates and times keep their type; `numeric` with a precision becomes a
    decimal, without one a double. Everything else becomes the text that PostgreSQL shows.
    """
    pyarrow = extra.module("pyarrow")
    return pyarrow.schema([(column.name, _arrow_type(pyarrow, column)) for column in columns])


def write(
    context: Context, connection: Connection[Any], rows: Rows, path: Path, tracker: Tracker | None
) -> int:
    """Write `rows` to `path`, with the job and the watermark as metadata; return how many.

    Reports progress after every batch, and stops there when asked to.
    Transaction: joins the caller's.
    """
    parquet = extra.module("pyarrow.parquet")
    layout = schema(rows.columns)
    _read_the_rest_as_text(connection, rows.columns)
    count = 0
    with (
        connection.cursor("rows") as cursor,
        parquet.ParquetWriter(path, layout, compression="zstd") as writer,
    ):
        cursor.execute(rows.query)
        while batch := cursor.fetchmany(rows.batch_rows):
            values = list(zip(*batch, strict=True))
            writer.write_batch(_record_batch(values, layout))
            if tracker is not None:
                tracker.see(values[tracker.index])
            count += len(batch)
            context.progress(min(99, 100 * count / max(rows.expected, 1)), f"{count} rows")
            context.check_stop()
        writer.add_key_value_metadata(_metadata(context, tracker))
    return count


def read_metadata(path: Path) -> tuple[int, Mapping[str, str]]:
    """Return the number of rows of a part and what `write` noted in it."""
    metadata = extra.module("pyarrow.parquet").read_metadata(path)
    notes = {
        key.decode().removeprefix(KEY): value.decode()
        for key, value in (metadata.metadata or {}).items()
        if key.startswith(KEY.encode())
    }
    return metadata.num_rows, notes


def read_schema(path: Path) -> Any:
    """Return the Arrow schema of a part, without its metadata."""
    return extra.module("pyarrow.parquet").read_schema(path).remove_metadata()


def _metadata(context: Context, tracker: Tracker | None) -> dict[str, str]:
    notes = {"job": str(context.job.id), "attempt": str(context.job.attempt)}
    if tracker is not None:
        notes["watermark"] = tracker.result().encode()
    return {KEY + key: value for key, value in notes.items()}


def _record_batch(values: list[tuple[Any, ...]], layout: Any) -> Any:
    pyarrow = extra.module("pyarrow")
    arrays = [
        _array(pyarrow, column, field.type) for column, field in zip(values, layout, strict=True)
    ]
    return pyarrow.record_batch(arrays, schema=layout)


def _array(pyarrow: Any, values: Sequence[Any], kind: Any) -> Any:
    if kind == pyarrow.float64():  # may be a numeric without a precision
        values = [None if value is None else float(value) for value in values]
    return pyarrow.array(values, type=kind)


def _arrow_type(pyarrow: Any, column: Column) -> Any:
    if column.type_code == NUMERIC:
        return _decimal_type(pyarrow, column.precision, column.scale or 0)
    kinds = _fixed_types(pyarrow)
    return kinds.get(column.type_code, pyarrow.string())


def _fixed_types(pyarrow: Any) -> dict[int, Any]:
    return {
        16: pyarrow.bool_(),
        17: pyarrow.binary(),
        20: pyarrow.int64(),
        21: pyarrow.int16(),
        23: pyarrow.int32(),
        700: pyarrow.float32(),
        701: pyarrow.float64(),
        1082: pyarrow.date32(),
        1083: pyarrow.time64("us"),
        1114: pyarrow.timestamp("us"),
        1184: pyarrow.timestamp("us", tz="UTC"),
    }


def _decimal_type(pyarrow: Any, precision: int | None, scale: int) -> Any:
    digits = max((precision or 0) - min(scale, 0), scale)
    if precision is None or digits > DEEPEST:
        return pyarrow.float64()
    kind = pyarrow.decimal128 if digits <= 38 else pyarrow.decimal256
    return kind(digits, max(scale, 0))


def _read_the_rest_as_text(connection: Connection[Any], columns: list[Column]) -> None:
    kept = {*_fixed_types(extra.module("pyarrow")), NUMERIC}
    for column in columns:
        if column.type_code not in kept:
            connection.adapters.register_loader(column.type_code, TextLoader)
