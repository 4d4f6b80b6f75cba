"""The reference for psql users, sql/README.md, is run as it is written.

Each fenced `sql` block is given to psql, in order, in one fresh database. `-- error: …` in a
block announces an error by the beginning of its message, `-- warning: …` a warning, `-- hint: …`
a hint. A fenced `text` block right after one is what psql prints there; `…` stands for anything.
Clock times, the width of columns, and results without content do not count.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from pgdispatch.embedded import Binaries
from support.checkout import SQL
from support.servers.embedded import Connect

README = (SQL / "README.md").read_text(encoding="utf-8")
RELATIONS = """
select c.relname, array_agg(a.attname::text order by a.attnum)
from pg_class as c
join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0
where c.relnamespace = 'pgdispatch'::regnamespace
    and c.relkind in ('r', 'p', 'v')
    and not c.relispartition
group by c.relname
order by c.relname
"""
CALLABLE = """
select proname || '(' || pg_get_function_arguments(oid) || ')'
from pg_proc
where pronamespace = 'pgdispatch'::regnamespace
    and exists (
        select
        from aclexplode(proacl)
        where grantee::regrole::text like 'pgdispatch\\_%'
    )
order by 1
"""


@dataclass(frozen=True)
class Example:
    """One `sql` block: the line on which it starts, its text, and what it says comes out."""

    line: int
    sql: str
    output: str | None

    def announced(self, word: str) -> list[str]:
        """Return the texts of the comments that begin with `word`."""
        return re.findall(rf"^\s*-- {word}: (.+)$", self.sql, re.MULTILINE)


@dataclass(frozen=True)
class Answer:
    """What psql printed: results, and the errors and hints among its messages."""

    output: str
    messages: str

    def said(self, word: str) -> list[str]:
        """Return the texts of the messages that begin with `word`."""
        return re.findall(rf"\b{word}:  (.+)$", self.messages, re.MULTILINE)


def read_examples(text: str) -> list[Example]:
    """Return the `sql` blocks of a page, each with the `text` block that follows it, if any."""
    blocks = re.finditer(
        r"^```sql\n(?P<sql>.*?)^```\n(?:\n*^```text\n(?P<output>.*?)^```\n)?",
        text,
        re.MULTILINE | re.DOTALL,
    )
    return [
        Example(text.count("\n", 0, block.start()) + 1, block["sql"], block["output"])
        for block in blocks
    ]


def ask_psql(psql: Path, dsn: str, text: str) -> Answer:
    """Run statements in a psql session of their own, on after an error as at a prompt."""
    ran = subprocess.run(
        [psql, "-X", "-q", "-v", "SHOW_CONTEXT=never", "-d", dsn, "-f", "-"],
        input=text,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PGTZ": "UTC", "PGCLIENTENCODING": "UTF8", "PAGER": ""},
        timeout=60,
        check=False,
    )
    return Answer(ran.stdout, ran.stderr)


def plain(output: str) -> str:
    """Return what psql printed without what differs from run to run, and without empty results."""
    for pattern, replacement in (
        (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?\+00", "INSTANT"),
        (r"\d\d:\d\d:\d\d(\.\d+)?", "SPAN"),
        (r"(not before|refill|until) (\d{4}-\d\d-\d\d )?\d\d:\d\d", r"\1 TIME"),
        (r"-{2,}", "-"),
        (r"[ \t]+", " "),
        (r"^ | $", ""),
        (r"\n{2,}", "\n"),
        (r"^\w+\n-\n\(\d+ rows?\)\n", ""),
    ):
        output = re.sub(pattern, replacement, output, flags=re.MULTILINE)
    return output.strip()


def pattern_of(output: str) -> str:
    """Return a regular expression for an announced output, made plain."""
    return re.escape(plain(output)).replace("…", "[^|]*")


def difference(example: Example, answer: Answer) -> str | None:
    """Say how an answer differs from what the example announces; None if it does not."""
    errors, said = example.announced("error"), answer.said("ERROR")
    if len(said) != len(errors) or not all(map(str.startswith, said, errors)):
        return f"announced errors: {errors}\nsaid:\n{answer.messages}"
    for word in ("warning", "hint"):
        for text in example.announced(word):
            if not any(said.startswith(text) for said in answer.said(word.upper())):
                return f"announced {word}: {text}\nsaid:\n{answer.messages}"
    if example.output and not re.fullmatch(pattern_of(example.output), plain(answer.output)):
        return f"announced output:\n{example.output}\nprinted:\n{answer.output}"
    return None


def section(name: str) -> str:
    """Return the part of the page under the heading of a table or view."""
    found = re.search(rf"^### `{name}`.*?(?=^##)", README, re.MULTILINE | re.DOTALL)
    return found[0] if found else ""


def plain_signature(signature: str) -> str:
    """Return a signature as a person writes it: lower case, no casts, short type names."""
    short = re.sub(r"::[a-z]+(\[\])?", "", signature.lower())
    return short.replace("timestamp with time zone", "timestamptz")


def test_every_example_does_what_the_page_says(binaries: Binaries, database: str) -> None:
    """Run the page from top to bottom, as a person at psql would."""
    examples = read_examples(README)

    assert len(examples) >= 30
    for example in examples:
        answer = ask_psql(binaries.folder / "psql", database, example.sql)
        problem = difference(example, answer)
        if problem:
            pytest.fail(f"sql/README.md, line {example.line}\n{example.sql}\n{problem}")


def test_every_sql_block_is_among_the_examples() -> None:
    """No block escapes the test by the way in which it is fenced."""
    assert README.count("```sql") == len(read_examples(README))


def test_every_table_and_view_has_a_section_with_all_its_columns(
    database: str, connect: Connect
) -> None:
    """Nobody has to read the source to learn what a column means."""
    found = connect(database).execute(RELATIONS).fetchall()

    assert len(found) > 15
    assert [name for name, _ in found if not section(name)] == []
    assert [
        f"{name}.{column}"
        for name, columns in found
        for column in columns
        if f"`{column}`" not in section(name)
    ] == []


def test_every_recurrence_in_the_table_is_one(database: str, connect: Connect) -> None:
    """What the page shows can be written."""
    table = README.partition("| recurrence | it runs |")[2].partition("```")[0]
    recurrences = re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)

    assert len(recurrences) >= 7
    for recurrence in recurrences:
        connect(database).execute("select pgdispatch.parse_recurrence(%s)", [recurrence])


def test_every_function_is_listed(database: str, connect: Connect) -> None:
    """Those for callers, with their signature; the others are in the folders of the page."""
    listed = [plain_signature(row[0]) for row in connect(database).execute(CALLABLE)]

    assert len(listed) > 15
    assert [one for one in listed if f"### `{one}`" not in README] == []


@pytest.mark.parametrize(
    "question",
    [
        "select rolname from pg_roles where rolname like 'pgdispatch\\_%'",
        "select name from pgdispatch.setting",
        "select name from pgdispatch.job_type",
    ],
    ids=["role", "setting", "job type"],
)
def test_every_name_is_mentioned(question: str, database: str, connect: Connect) -> None:
    """Whatever comes with the schema is on the page."""
    names = [row[0] for row in connect(database).execute(question)]

    assert names
    assert [name for name in names if f"`{name}`" not in README] == []


def test_every_sqlstate_is_listed_with_what_to_do() -> None:
    """The table of SQLSTATEs and the source agree."""
    source = "".join(file.read_text(encoding="utf-8") for file in SQL.rglob("*.sql"))
    raised = set(re.findall(r"errcode = '(JD\d{3})'", source))
    listed = re.findall(r"^\| `(JD\d{3})` \| [^|]+ \| [^|]+ \|$", README, re.MULTILINE)

    assert sorted(raised) == listed
