"""Hints name tables and functions at psql, and commands at the command line."""

from __future__ import annotations

import re

from pgdispatch_cli.hints import PHRASES, in_command
from support.checkout import SQL
from support.cli.command_tree import commands

FUNCTIONS = SQL / "functions"
BODY = re.compile(r"as \$\$\n(.*?)\n\$\$;", re.DOTALL)
RAISING = re.compile(r"(?:pgdispatch\.refuse\(|\bhint\b|v_hint\b).*?(?=;\n|;  --|\Z)", re.DOTALL)
LITERAL = re.compile(r"'((?:[^']|'')*)'")
OF_SQL = re.compile(r"pgdispatch\.|insert into|delete from|=>|(?<=\w )null\b")
COMMAND = re.compile(r"pgdispatch ((?:[a-z-]+ ?)+)")


def hints() -> list[tuple[str, str]]:
    """Return every piece of text with which the schema refuses something, with its function."""
    found = []
    for path in sorted(FUNCTIONS.rglob("*.sql")):
        text = re.sub(r"--[^\n]*|/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        for body in BODY.findall(text):
            for part in RAISING.findall(body):
                joined = re.sub(r"'\s*\n\s*'", "", part)
                found += [(path.stem, literal) for literal in LITERAL.findall(joined)]
    return found


HINTS = hints()
LEAVES = {" ".join(path) for path, _ in commands()}


def test_hints_of_the_schema_are_found() -> None:
    """Else all that follows would be true of none."""
    assert len({function for function, _ in HINTS}) > 40
    assert ("run_now", "see pgdispatch.task") in HINTS


def test_hint_of_the_schema_names_no_command() -> None:
    """Whoever reads it at psql may have none."""
    named = [
        (function, hint)
        for function, hint in HINTS
        if re.search(r"--[a-z]", hint) or {name.strip() for name in COMMAND.findall(hint)} & LEAVES
    ]

    assert named == []


def test_hint_at_the_command_line_names_nothing_of_sql() -> None:
    """Neither tables nor statements."""
    assert [hint for hint in HINTS if OF_SQL.search(in_command(hint[1]))] == []


def test_every_phrase_is_one_of_the_schema_and_names_commands_that_exist() -> None:
    """None is left over from a hint that has gone."""
    for phrase, words in PHRASES.items():
        assert any(phrase in hint for _, hint in HINTS), phrase
        for command in re.findall(r"pgdispatch ([a-z]+(?:-[a-z]+)?(?: [a-z]+)?)", words):
            assert command in LEAVES or command.split()[0] in LEAVES, phrase


def test_hint_is_put_into_the_words_of_the_command() -> None:
    """Wherever it comes from."""
    assert in_command("see pgdispatch.task, or leave task out for a one-off job") == (
        "see: pgdispatch task list, or leave --task out for a one-off job"
    )
    assert in_command("use 1 (highest) to 100") == "use 1 (highest) to 100"
