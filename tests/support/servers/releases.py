"""Schemas of other releases: the first one from its dump, later ones made from this one's files."""

from __future__ import annotations

import lzma
import re
import subprocess
from dataclasses import replace

import psycopg

from pgdispatch.embedded import Binaries
from pgdispatch.schema import catalog, installer
from pgdispatch.schema.release import LEVEL, Package, Step
from support.checkout import TESTS

FIRST_RELEASE = TESTS / "database" / "schema" / "fixtures" / "0.1.0.sql.xz"
COMES_AND_GOES = r"^\\(un)?restrict .*\n|^-- Dumped .*\n"
PARTITIONS = (  # of the months in which they were made
    *("job_history_2*", "job_log_2*", "attempt_2*", "change_2*", "node_state_2*"),
)
MEANT_ALIKE = re.compile(  # PostgreSQL writes these otherwise after a restore
    r"[()]| AS \w+|CONSTRAINT \w+ (?=NOT NULL)"
)
WIDER = """
/* Locks: job, job_history. */
alter table pgdispatch.job add column flavour text;
alter table pgdispatch.job_history add column flavour text;
alter type pgdispatch.verdict add attribute flavour text cascade;
comment on column pgdispatch.job.flavour is 'Tests only.';
comment on column pgdispatch.job_history.flavour is 'Tests only.';
comment on column pgdispatch.job_history_default.flavour is 'Tests only.';
comment on column pgdispatch.verdict.flavour is 'Tests only.';
"""


def objects(dsn: str) -> catalog.Catalog:
    """Return what is in the schema."""
    with psycopg.connect(dsn) as connection:
        return catalog.describe(connection, installer.catalog_query())


def restore_first_release(binaries: Binaries, dsn: str) -> None:
    """Load the roles and the dump of the first release; raises if anything in it fails."""
    command = [str(binaries.folder / "psql"), "-qX", "-v", "ON_ERROR_STOP=1"]
    for _, block in installer.package().role_makers:
        command += ["-c", block]
    command += ["-f", "-", dsn]
    dump = lzma.decompress(FIRST_RELEASE.read_bytes())
    subprocess.run(command, input=dump, check=True, stdout=subprocess.DEVNULL)


def dump_schema(binaries: Binaries, dsn: str) -> list[str]:
    """Return the lines of `pg_dump --schema-only`, comments and privileges included.

    Without the partitions of the history, which depend on the month.
    """
    command = [str(binaries.folder / "pg_dump"), "--schema-only", "--no-owner"]
    command += [f"--exclude-table=pgdispatch.{name}" for name in PARTITIONS]
    command += ["--schema=pgdispatch", dsn]
    made = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    text = re.sub(COMES_AND_GOES, "", made, flags=re.MULTILINE)
    return [MEANT_ALIKE.sub("", line) for line in text.splitlines()]


def next_release(*, step: str = WIDER, level: int = LEVEL, oldest_level: int = 1) -> Package:
    """Return a release after this one, whose tables `step` changes, with files to match.

    Jobs, history and the row type of claims have a column more, `requeue` has a parameter more,
    `protect_node` and its trigger are gone, a view has another name, `brew` is new. There are a
    setting and a job type more, and `max_losses` has another default and description.
    """
    this = installer.package()
    number = this.newest_step + 1
    scripts = tuple(
        (name, changed(name, text))
        for name, text in this.scripts
        if name != "functions/nodes/protect_node.sql"
    )
    brew = (
        "functions/brew.sql",
        "create or replace function pgdispatch.brew() returns integer language sql as 'select 1';"
        "\ncomment on function pgdispatch.brew() is 'Tests only.';"
        "\nrevoke all on function pgdispatch.brew() from public;",
    )
    return replace(
        this,
        version="99.0",
        level=level,
        oldest_level=oldest_level,
        scripts=(*scripts, brew),
        steps=(*this.steps, Step(number, f"{number:04}_wider.sql", step)),
    )


def changed(name: str, text: str) -> str:
    """Return the text that a file has in the next release."""
    text = text.replace(
        "pgdispatch.requeue(bigint, integer, boolean)",
        "pgdispatch.requeue(bigint, integer, boolean, text)",
    )
    if name == "functions/jobs/requeue.sql":
        text = text.replace(
            "p_is_loss boolean default false",
            "p_is_loss boolean default false, p_why text default null",
        )
    elif name == "tables/job.sql":
        text = text.replace("\n)\nwith (", ",\n    flavour text\n)\nwith (")
        text += "comment on column pgdispatch.job.flavour is 'Tests only.';\n"
    elif name == "tables/job_history.sql":
        text = text.replace("    traceparent text\n)", "    traceparent text,\n    flavour text\n)")
        text = text.replace(
            "comment on column pgdispatch.job_history.ended_at",
            "comment on column pgdispatch.job_history.flavour is 'Tests only.';\n"
            "comment on column pgdispatch.job_history.ended_at",
        )
    elif name == "tables/verdict.sql":
        text = text.replace(
            "            traceparent text\n",
            "            traceparent text,\n            flavour text\n",
        )
        text += "comment on column pgdispatch.verdict.flavour is 'Tests only.';\n"
    elif name == "rows/setting.sql":
        text = text.replace(
            "('max_losses', '3', '",
            "('brew_seconds', '7', 'tests only'), ('max_losses', '4', 'anew: ",
        )
    elif name == "rows/job_type.sql":
        text = text.replace(
            "values\n", "values ('brew', 9, null, 'task', 50, true, 'tests only', true),\n"
        )
    elif name in ("views/site_usage.sql", "roles/site_viewer.sql"):
        text = text.replace("pgdispatch.site_usage", "pgdispatch.usage_of_sites")
    return text
