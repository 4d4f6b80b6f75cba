"""The page sql/REFERENCE.md: each object of the schema by its own comment.

What a person has to write about them is in their files, as `comment on`, so it is written once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import psycopg

from reference.objects import Catalog, Function, Relation, read, short
from support.checkout import SQL

PAGE = SQL / "REFERENCE.md"
COMMAND = ".uv/bin/uv run --locked python tests/reference"
FOR_OWNERS = {"catch_up_sequences", "grant_role", "revoke_role"}
CHANGING, LOOKING = "Functions for people who change something", "Functions for people who look"
WORKING, OWNING = "Functions for nodes", "Functions for whoever installed"
RELATIONS = {"Tables": "table", "Views": "view", "Row types": "type"}
HEAD = f"""\
# Tables, views, functions, settings

What each of them is, by its own comment, as `\\d+` and `\\df+` show it at psql. Words, the order,
gates, roles, [transactions](README.md#transactions) and [errors](README.md#errors) (`JD001` and so
on) are in [README.md](README.md), examples in [TOUR.md](TOUR.md). Views take no row locks; their
durations are in milliseconds at best.

This page is written by a command: correct the `comment on` in the file that is linked, then run
`{COMMAND}`.

"""
SPELLED = (
    ("timestamp without time zone", "timestamp"),
    ("timestamp with time zone", "timestamptz"),
    ("time without time zone", "time"),
    ("double precision", "float8"),
    ("DEFAULT", "default"),
    ("SESSION_USER", "session_user"),
    ("NULL", "null"),
    ("TABLE(", "table("),
    ("SETOF ", "setof "),
    ("OUT ", "out "),
)


def written(connection: psycopg.Connection[Any]) -> str:
    """Return the page for a schema as it was installed.

    Transaction: joins the caller's; commits nothing.
    """
    found = read(connection)
    parts = dict(_relations(found)) | dict(_functions(found.functions))
    contents = "\n".join(f"**{title}.** {_links(texts)}\n" for title, texts in parts.items())
    sections = "\n".join(
        f"## {title}\n\n" + "\n".join(texts.values()) for title, texts in parts.items()
    )
    return f"{HEAD}{contents}\n{_rows(found)}\n{sections}"


def _links(names: Iterable[str]) -> str:
    return " · ".join(f"[`{name}`](#{_anchor(name)})" for name in names)


def _anchor(name: str) -> str:
    return "setting-1" if name == "setting()" else name.removesuffix("()")  # the table is first


def _relations(found: Catalog) -> Iterator[tuple[str, dict[str, str]]]:
    for title, kind in RELATIONS.items():
        yield (
            title,
            {one.name: _relation(one) for one in found.relations if one.kind == kind},
        )


def _relation(relation: Relation) -> str:
    folder = "views" if relation.kind == "view" else "tables"
    rights = [
        f"{word} {_roles(relation.holders(right))}"
        for word, right in (
            ("Read by", "select"),
            ("insert by", "insert"),
            ("update by", "update"),
            ("delete by", "delete"),
        )
        if relation.holders(right)
    ]
    file = f"[{folder}/{relation.name}.sql]({folder}/{relation.name}.sql)"
    columns = _table(
        ("column", "type", "meaning"),
        (
            (f"`{name}`", _spelled(kind), _prose(comment) + _default(default))
            for name, kind, default, comment in relation.columns
        ),
    )
    return (
        f"### `{relation.name}`\n\n{_prose(relation.comment)}\n\n"
        f"{'; '.join([*rights, file])}\n\n{columns}"
    )


def _default(text: str) -> str:
    return f" Default `{_spelled(text)}`" if text else ""


def _functions(functions: Iterable[Function]) -> Iterator[tuple[str, dict[str, str]]]:
    placed = [(_part(one), one) for one in functions]
    for title in (CHANGING, LOOKING, WORKING, OWNING):
        yield title, {f"{one.name}()": _function(one) for part, one in placed if part == title}


def _part(function: Function) -> str | None:
    """Return under which title a function is; None: no role may call it, it is a step of others."""
    if not function.roles:
        return OWNING if function.name in FOR_OWNERS else None
    if "pgdispatch_viewer" in function.roles:
        return LOOKING
    return CHANGING if "pgdispatch_operator" in function.roles else WORKING


def _function(function: Function) -> str:
    (path,) = (SQL / "functions").rglob(f"{function.name}.sql")
    file = path.relative_to(SQL)
    who = f"Called by {_roles(map(short, function.roles))}; " if function.roles else ""
    result = _spelled(function.result)
    return (
        f"### `{function.name}()`\n\n"
        f"`{function.name}({_spelled(function.arguments)})` returns `{result}`\n\n"
        f"{_prose(function.comment)}\n\n{who}[{file}]({file})\n"
    )


def _rows(found: Catalog) -> str:
    settings = _table(
        ("setting", "default", "meaning"),
        (
            (f"`{one['name']}`", one["default_value"], _prose(one["description"]))
            for one in found.settings
        ),
    )
    types = _table(
        ("job type", "rank", "timeout", "priority from", "default priority", "what it is"),
        (
            (
                f"`{one['name']}`",
                str(one["rank"]),
                str(one["timeout"] or "none"),
                one["priority_from"],
                str(one["default_priority"]),
                one["description"],
            )
            for one in found.types
        ),
    )
    return f"## Settings\n\n{settings}\n## Job types\n\n{types}"


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _roles(roles: Iterable[str]) -> str:
    return ", ".join(f"`{role}`" for role in roles)


def _spelled(text: str) -> str:
    text = re.sub(r"::[a-z ]+(\[\])?", "", text)
    for long, brief in SPELLED:
        text = text.replace(long, brief)
    return text


def _prose(text: str) -> str:
    """Return a comment as Markdown: names with an underscore as code, and nothing else special."""
    text = text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")
    return re.sub(r"…?\b(?=\w*_)\w+\b|(?<!\w)_[a-z]\w+", r"`\g<0>`", text)
