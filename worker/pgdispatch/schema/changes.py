"""What has to be done to the functions, views and triggers of a schema to make it the package's.

Functions are replaced whole, which takes no lock that anybody waits for. A trigger or a view that
is as it should be is left alone: to replace it would wait for everybody who uses its table, and
everybody else would wait behind that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from psycopg import sql

from pgdispatch.schema.catalog import OWN_NAME, Catalog, Name
from pgdispatch.schema.release import Package

TRIGGER = re.compile(
    r"^create or replace trigger (?P<name>\w+)\s.*?\bon pgdispatch\.(?P<table>\w+).*?;\n",
    re.MULTILINE | re.DOTALL,
)
TRIGGER_COMMENT = re.compile(
    r"^comment on trigger (?P<name>\w+) on pgdispatch\.(?P<table>\w+) is\s.*?';\n",
    re.MULTILINE | re.DOTALL,
)
COMMENTED = ("table ", "column ", "type ", "sequence ", "index ")
HEAD_END = "\n LANGUAGE"


@dataclass(frozen=True)
class Changes:
    """What there is to do, from `found` to `wanted`, with the files of `package`."""

    package: Package
    wanted: Catalog
    found: Catalog

    def obsolete_triggers(self) -> list[str]:
        """Return triggers (`table.name`) to drop: not wanted, or not to be replaced in place."""
        return [
            name
            for name, definition in self._found("trigger")
            if definition != self.wanted.get(("trigger", name))
            and (("trigger", name) not in self.wanted or "CONSTRAINT TRIGGER" in definition)
        ]

    def obsolete_functions(self) -> list[str]:
        """Return functions, with their arguments, to drop: not wanted, or with another head."""
        return [
            name
            for name, definition in self._found("function")
            if _head(definition) != _head(self.wanted.get(("function", name), ""))
        ]

    def obsolete_views(self) -> list[str]:
        """Return views to drop, all or none.

        All, if one is not wanted or has lost or changed a column, or if a function is to go that
        they may use.
        """
        views = [name for name, _ in self._found("view")]
        must_go = self.obsolete_functions() or any(
            ("view", view) not in self.wanted or not self._is_replaceable(view) for view in views
        )
        return views if must_go else []

    def statements(self) -> Iterator[tuple[str, sql.SQL | sql.Composed]]:
        """Yield what to drop, then what to apply, each with its name."""
        for name in self.obsolete_triggers():
            table, _, trigger = name.partition(".")
            yield (
                f"trigger {name}",
                sql.SQL("drop trigger {} on {}").format(
                    sql.Identifier(trigger), sql.Identifier(OWN_NAME, table)
                ),
            )
        views = self.obsolete_views()
        if views:
            names = sql.SQL(", ").join(sql.Identifier(OWN_NAME, view) for view in views)
            yield "views", sql.SQL("drop view {}").format(names)
        for name in self.obsolete_functions():
            yield f"function {name}", sql.SQL(f"drop function {OWN_NAME}.{name}")
        for name, text in self._scripts(is_anew=bool(views)):
            yield name, sql.SQL(text)
        for (_, name), text in self.lost_comments():
            yield (
                f"comment {name}",
                sql.SQL(f"comment on {_own(name)} is {{}}").format(sql.Literal(text)),
            )

    def lost_comments(self) -> list[tuple[Name, str]]:
        """Return comments of tables, columns and the like that are not as they should be.

        Those of functions, views and triggers come with them.
        """
        return [
            (key, text)
            for key, text in sorted(self.wanted.items())
            if key[0] == "comment"
            and key[1].startswith(COMMENTED)
            and _object(key[1]) in self.found
            and self.found.get(key) != text
        ]

    def words(self) -> list[str]:
        """Say what would be done to functions, views, triggers and rows, one line each."""
        lines = [f"drop trigger {name}" for name in self.obsolete_triggers()]
        lines += [f"drop function {name}" for name in self.obsolete_functions()]
        for kind in ("function", "view", "trigger", "row"):
            lines += [
                f"{'replace' if (kind, name) in self.found else 'add'} {kind} {name}"
                for (a_kind, name), definition in sorted(self.wanted.items())
                if a_kind == kind and self.found.get((kind, name)) != definition
            ]
        gone = [view for view in self.obsolete_views() if ("view", view) not in self.wanted]
        comments = [f"comment {name}" for (_, name), _ in self.lost_comments()]
        return [*lines, *(f"drop view {view}" for view in gone), *comments]

    def _scripts(self, *, is_anew: bool) -> Iterator[tuple[str, str]]:
        yield from (script for script in self.package.scripts if script[0] == "schema.sql")
        for name, text in self.package.part("functions"):
            yield name, self.without_settled_triggers(text)
        for name, text in self.package.part("views"):
            view = name.removeprefix("views/").removesuffix(".sql")
            if is_anew or not self._is_settled(view):
                yield name, text
        yield from self.package.part("roles")

    def without_settled_triggers(self, text: str) -> str:
        """Return the text of a file without the triggers that are as they should be."""

        def keep(match: re.Match[str]) -> str:
            name = f"{match['table']}.{match['name']}"
            kinds = (("trigger", name), ("comment", f"trigger {name}"))
            is_settled = all(self.wanted.get(key) == self.found.get(key) for key in kinds)
            return "" if is_settled and kinds[0] in self.wanted else match[0]

        return TRIGGER_COMMENT.sub(keep, TRIGGER.sub(keep, text))

    def _found(self, kind: str) -> list[tuple[str, str]]:
        return [(name, text) for (a_kind, name), text in sorted(self.found.items())
                if a_kind == kind]  # fmt: skip

    def _is_settled(self, view: str) -> bool:
        """Whether a view, its columns and their comments are as they should be."""
        prefixes = ("view " + view, f"column {view}.")
        keys = {
            (kind, name)
            for kind, name in {*self.wanted, *self.found}
            if (kind == "comment" and (name == prefixes[0] or name.startswith(prefixes[1])))
            or (kind == "column" and name.startswith(f"{view}."))
            or (kind, name) == ("view", view)
        }
        return all(self.wanted.get(key) == self.found.get(key) for key in keys)

    def _is_replaceable(self, view: str) -> bool:
        """Whether `create or replace` can do it: columns may only be added, at the end."""
        return all(
            self.wanted.get((kind, name)) == definition
            for (kind, name), definition in self.found.items()
            if kind == "column" and name.startswith(f"{view}.")
        )


def _object(described: str) -> Name:
    kind, _, name = described.partition(" ")
    return kind, name


def _own(described: str) -> str:
    """Return `table pgdispatch.job` for `table job`."""
    kind, _, name = described.partition(" ")
    parts = ".".join(f'"{part}"' for part in (OWN_NAME, *name.split(".")))
    return f"{kind} {parts}"


def _head(definition: str) -> str:
    return definition.partition(HEAD_END)[0]
