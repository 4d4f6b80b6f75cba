"""The pages for people at psql are run as they are written.

Each fenced `sql` block of the pages in sql/ is given to psql, in order, in one fresh database.
`-- error: …` in a block announces an error by the beginning of its message, `-- warning: …` a
warning, `-- hint: …` a hint. A fenced `text` block right after one is what psql prints there; `…`
stands for anything. Clock times, the width of columns, and results without content do not count.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from pgdispatch.backgrounder.procedure_handler import FOR_GOOD, LATER
from pgdispatch.embedded import Binaries
from support.checkout import ROOT, SQL
from support.pages import FIRST_STEPS
from support.servers.embedded import Connect

TOUR, WORDS, OPERATING = (SQL / f"{name}.md" for name in ("TOUR", "README", "OPERATING"))


@dataclass(frozen=True)
class Example:
    """One `sql` block: its page and line, its text, and what it says comes out."""

    page: Path
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


def read_examples(page: Path) -> list[Example]:
    """Return the `sql` blocks of a page, each with the `text` block that follows it, if any."""
    text = page.read_text(encoding="utf-8")
    blocks = re.finditer(
        r"^```sql\n(?P<sql>.*?)^```\n(?:\n*^```text\n(?P<output>.*?)^```\n)?",
        text,
        re.MULTILINE | re.DOTALL,
    )
    return [
        Example(page, text.count("\n", 0, block.start()) + 1, block["sql"], block["output"])
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


def run(examples: list[Example], psql: Path, dsn: str) -> None:
    """Run examples from top to bottom, as a person at psql would; fail at the first difference."""
    for example in examples:
        problem = difference(example, ask_psql(psql, dsn, example.sql))
        if problem:
            place = f"{example.page.relative_to(ROOT)}, line {example.line}"
            pytest.fail(f"{place}\n{example.sql}\n{problem}")


def test_every_example_does_what_the_pages_say(binaries: Binaries, database: str) -> None:
    """The tour, then what the other pages show of the same database."""
    examples = [one for page in (TOUR, WORDS, OPERATING) for one in read_examples(page)]

    assert len(examples) >= 60
    run(examples, binaries.folder / "psql", database)


def test_the_first_steps_do_what_the_readme_says(binaries: Binaries, database: str) -> None:
    """In a database of which nothing is known yet."""
    examples = read_examples(FIRST_STEPS)

    assert examples
    run(examples, binaries.folder / "psql", database)


@pytest.mark.parametrize("page", [FIRST_STEPS, TOUR, WORDS, OPERATING])
def test_every_sql_block_is_among_the_examples(page: Path) -> None:
    """No block escapes the test by the way in which it is fenced."""
    assert page.read_text(encoding="utf-8").count("```sql") == len(read_examples(page))


def test_every_recurrence_in_the_table_is_one(database: str, connect: Connect) -> None:
    """What the page shows can be written."""
    text = TOUR.read_text(encoding="utf-8")
    table = text.partition("| recurrence | it runs |")[2].partition("```")[0]
    recurrences = re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)

    assert len(recurrences) >= 7
    for recurrence in recurrences:
        connect(database).execute("select pgdispatch.parse_recurrence(%s)", [recurrence])


def test_every_role_is_listed_with_what_it_may(database: str, connect: Connect) -> None:
    """Whoever grants one looks there first."""
    question = "select rolname from pg_roles where rolname like 'pgdispatch\\_%'"
    roles = {row[0] for row in connect(database).execute(question)}
    text = WORDS.read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(pgdispatch_\w+)` \| [^|]+ \| [^|]+ \|$", text, re.MULTILINE)

    assert sorted(listed) == sorted(roles)


def test_every_sqlstate_is_listed_with_what_to_do() -> None:
    """The table of SQLSTATEs and the source agree; JD1xx are for procedures of others to raise."""
    files = (ROOT / "sql").rglob("*.sql")
    source = "".join(file.read_text(encoding="utf-8") for file in files)
    raised = {*re.findall(r"errcode = '(JD\d{3})'", source), FOR_GOOD, LATER}
    text = WORDS.read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(JD\d{3})` \| [^|]+ \| [^|]+ \|$", text, re.MULTILINE)

    assert sorted(raised) == listed
