"""Each extra brings what its part of the package needs, and who lacks one is told which.

A module is imported where only the standard library, this package, and what the extra installs can
be imported, however deep.
"""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from support.checkout import ROOT

BLOCKED = """
import importlib, importlib.abc, runpy, sys
allowed = {*sys.argv[1].split(","), *sys.stdlib_module_names, "pgdispatch", "pgdispatch_cli"}

class Gate(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in allowed and not name.startswith("_sysconfigdata"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Gate())
"""
PATH = [each for each in sys.path if Path(each).name == "site-packages"] + [
    str(ROOT / "worker"),
    str(ROOT / "cli"),
]
IMPORT = BLOCKED + "for name in sys.argv[2:]: importlib.import_module(name)"
COMMAND = BLOCKED + "sys.argv[1:] = sys.argv[2:]; runpy.run_module('pgdispatch_cli')"


def modules(package: str, but: str = "") -> list[str]:
    """Return the modules of a package of ours, without those that begin with `but`."""
    top = ROOT / ("cli" if package.startswith("pgdispatch_cli") else "worker")
    paths = sorted((top / package.replace(".", "/")).rglob("*.py"))
    names = [".".join(path.relative_to(top).with_suffix("").parts) for path in paths]
    names = [name.removesuffix(".__init__") for name in names if not name.endswith("__main__")]
    return [name for name in names if not but or not name.startswith(but)]


PARTS = {
    "": [
        *("pgdispatch", "pgdispatch.testing", "pgdispatch.errors", "pgdispatch.asyncpg"),
        *modules("pgdispatch.backgrounder", but="pgdispatch.backgrounder.procedure_handler"),
    ],
    "psycopg,binary": ["pgdispatch.psycopg"],
    "sqlalchemy": ["pgdispatch.producer", "pgdispatch.tables"],
    "cli,binary": [
        *("pgdispatch_cli.main", "pgdispatch.schema.installer", "pgdispatch.doctor"),
        *(
            name
            for name in modules("pgdispatch_cli", but="pgdispatch_cli.top")
            if name != "pgdispatch_cli.calendar_file"
        ),
    ],
    "node,binary": [
        *("pgdispatch.node.supervisor", "pgdispatch.web.server", "pgdispatch.web.pages"),
        *("pgdispatch.backgrounder.procedure_handler", "pgdispatch.delivery"),
        *modules("pgdispatch.node", but="pgdispatch.node.spans"),
    ],
    "web,binary": ["pgdispatch.web.console.server"],
    "embedded": ["pgdispatch.embedded"],
    "calendars,binary": ["pgdispatch_cli.calendar_file"],
    "top,binary": modules("pgdispatch_cli.top"),
    "handlers,binary": ["pgdispatch.handlers", *modules("pgdispatch.handlers")],
    "node,binary,otel": ["pgdispatch.node.spans"],
}


def installed_by(extras: str) -> set[str]:
    """Return what can be imported of all that extras install."""
    seen: set[tuple[str, str]] = set()
    wanted = [("pgdispatch", extra) for extra in extras.split(",")]
    while wanted:
        one = wanted.pop()
        if one in seen:
            continue
        seen.add(one)
        for line in metadata.requires(one[0]) or ():
            needed = Requirement(line)
            if needed.marker is None or needed.marker.evaluate({"extra": one[1]}):
                name = canonicalize_name(needed.name)
                wanted += [(name, each) for each in ("", *needed.extras)]
    distributions = {name for name, _ in seen if name != "pgdispatch"}
    return {
        top
        for top, names in metadata.packages_distributions().items()
        if distributions & {canonicalize_name(name) for name in names}
    }


def run(script: str, extras: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a script where only what extras install can be imported."""
    allowed = ",".join(sorted(installed_by(extras))) or "-"
    return subprocess.run(
        [
            sys.executable,
            "-S",
            "-c",
            f"import sys; sys.path += {PATH!r}\n{script}",
            allowed,
            *arguments,
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("extras", PARTS)
def test_an_extra_brings_what_its_part_needs(extras: str) -> None:
    """And the base needs nothing at all."""
    done = run(IMPORT, extras, *PARTS[extras])

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("extras", "arguments", "said"),
    [
        (
            "",
            ["--version"],
            "error: this needs the package click, which is not installed\n"
            "hint: pip install 'pgdispatch[cli,binary]'\n",
        ),
        (
            "cli,binary",
            ["--dsn", "host=/nowhere", "worker", "--node", "n"],
            "error: this needs the package asyncpg, which is not installed\n"
            "hint: pip install 'pgdispatch[node,binary]'\n",
        ),
        (
            "cli,binary",
            ["--dsn", "host=/nowhere", "web"],
            "error: the console needs the package uvicorn, which is not installed\n"
            "hint: install the extra web: pip install 'pgdispatch[web]'\n",
        ),
    ],
)
def test_the_command_says_which_extra_is_missing(
    extras: str, arguments: list[str], said: str
) -> None:
    """In two lines, with what to do about it, and with status 2."""
    done = run(COMMAND, extras, *arguments)

    assert (done.stderr, done.returncode) == (said, 2)


def test_who_imports_enqueue_without_sqlalchemy_is_told_where_the_others_are() -> None:
    """As it may be meant for a driver."""
    done = run(BLOCKED + "from pgdispatch import enqueue", "")

    assert "pip install 'pgdispatch[sqlalchemy]'; enqueue for drivers is in" in done.stderr
