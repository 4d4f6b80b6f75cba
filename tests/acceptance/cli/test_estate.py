"""`export` and `apply`: configuration as a file, at the command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg.conninfo import make_conninfo

from support.cli.command import Finished
from support.cli.command_tree import run_here
from support.servers.embedded import Connect
from support.sessions.verbs import Verbs

pytestmark = pytest.mark.usefixtures("newest_only")
FILE = """\
format = 1

[setting]
tie_break = "created"

[site.acme]
max_running_jobs = 4
timeouts = { flow = "2h" }

[site.globex]

[schedule.nightly]
priority = 20
recurrence = "daily at 02:30"

[[task]]
site = "acme"
type = "flow"
title = "Load"
schedule = "nightly"

[[task]]
site = "acme"
type = "flow"
title = "Check"

[[linked_task]]
site = "acme"
title = "Load, then check"
steps = [{ task = "Load" }, { task = "Check", stop_on_failure = false }]
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a file with two sites, two tasks and what they need, in the folder of the command."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    path = tmp_path / "estate.toml"
    path.write_text(FILE)
    return path


@pytest.fixture
def alice(database: str, connect: Connect) -> Iterator[str]:
    """Give the DSN of an operator of acme alone, whom only a superuser can let in."""
    connection = connect(database)
    connection.execute("drop role if exists cli_alice")
    connection.execute("create role cli_alice login")
    yield make_conninfo(database, user="cli_alice")
    connection.execute("drop owned by cli_alice")
    connection.execute("drop role cli_alice")


def run(dsn: str, *arguments: str) -> Finished:
    """Run the command in this process."""
    return run_here("--dsn", dsn, *arguments)


def apply(dsn: str, path: Path, *options: str) -> Finished:
    """Apply a file."""
    return run(dsn, "apply", path.name, *options)


def edit(path: Path, old: str, new: str) -> None:
    """Change a file."""
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def test_a_file_is_tried_then_applied_then_there_is_nothing_to_do(
    database: str, file: Path
) -> None:
    """A try changes nothing, says what differs in 80 columns, and has a status of its own."""
    before = run(database, "export").out
    tried = apply(database, file)
    after = run(database, "export").out
    dry = apply(database, file, "--dry-run", "--yes", "--json")
    done = apply(database, file, "--yes")
    again = apply(database, file)
    same = run(database, "export").out
    changes = run(database, "changes", "--json").rows()

    assert (tried.status, dry.status, done.status, again.status) == (5, 5, 0, 0)
    assert before == after != same
    assert tried.out.splitlines() == [
        "~ setting tie_break: value history → created",
        "+ site acme: max_running_jobs 4, timeout of flow 02:00:00",
        "+ site globex",
        "+ schedule nightly: priority 20, recurrence daily at 02:30",
        '+ task "Load" (flow, acme): schedule nightly, priority 20',
        '+ task "Check" (flow, acme)',
        '+ linked task "Load, then check" (acme): step 1 Load, step 2 Check (go on)',
    ]
    assert tried.err.splitlines()[-1] == (
        "nothing was done: 6 to add, 1 to change, 0 to delete; --yes does it"
    )
    assert [(row["what"], row["kind"], row["line"]) for row in dry.rows()][:3] == [
        ("change", "setting", 4),
        ("add", "site", 6),
        ("add", "site", 10),
    ]
    assert done.out.splitlines()[-1] == "6 added, 1 changed, 0 deleted"
    assert again.err == "the configuration is as the file says\n"
    assert {row["reason"] for row in changes} == {"apply estate.toml"}
    assert len(changes) == 9  # a timeout, and the steps, are changes of their own


def test_what_the_package_makes_for_itself_is_no_difference(
    database: str, connect: Connect, file: Path
) -> None:
    """The site of deliveries comes with the first notice, and is never pruned."""
    apply(database, file, "--yes")
    connect(database).execute("select pgdispatch.deliver('ops', '{}')")

    again = apply(database, file, "--prune", "--yes")

    assert (again.status, again.err) == (0, "the configuration is as the file says\n")


def test_what_is_not_in_the_file_stays_unless_it_is_pruned(database: str, file: Path) -> None:
    """What that takes along is shown; a site with jobs stays, and then so does all else."""
    apply(database, file, "--yes")
    edit(file, "[site.globex]\n", "")
    edit(file, 'tie_break = "created"\n', "")
    edit(file, ', { task = "Check", stop_on_failure = false }', "")
    edit(file, '[[task]]\nsite = "acme"\ntype = "flow"\ntitle = "Check"\n', "")
    run(database, "enqueue", "system", "--site", "globex")

    left = apply(database, file, "--yes")
    refused = apply(database, file, "--prune", "--yes")
    run(database, "cancel", "1")
    pruned = apply(database, file, "--prune", "--yes")

    assert left.out.splitlines()[0] == (
        '~ linked task 1 "Load, then check" (acme): step 2 Check (go on) → none'
    )
    assert left.err == "not in the file: 1 setting, 1 site, 1 task; with --prune they go\n"
    assert refused.status == 1
    assert "- site globex; jobs that wait or run: 1 are in the way" in refused.out
    assert refused.err.startswith(
        "error: cannot delete: site globex: site globex cannot be deleted: jobs of it wait or run\n"
    )
    assert pruned.status == 0, pruned.err
    assert pruned.out.splitlines() == [
        "~ setting tie_break: value created → history",
        "- site globex",
        '- task 2 "Check" (flow, acme)',
        "0 added, 1 changed, 2 deleted",
    ]
    assert apply(database, file, "--prune").status == 0


def test_people_are_let_in_and_shut_out_as_the_file_says(
    database: str, file: Path, alice: str
) -> None:
    """With their roles and sites, also the other way round; who is not in the file stays."""
    grant = '[grant.cli_alice]\nroles = ["operator", "viewer"]\nsites = ["acme"]\n'
    file.write_text(FILE + grant)

    def standing() -> tuple[str, list[str]]:
        text = run(database, "export").out
        mine = text.partition("[grant.cli_alice]\n")[2].partition("\n\n")[0]
        seen = run(alice, "site", "list", "--json")
        return mine, sorted(row["site"] for row in seen.rows()) if seen.status == 0 else []

    results = []
    for change in (
        grant,
        grant.replace('["acme"]', '["acme", "globex"]'),
        grant.replace('["acme"]', '["globex"]').replace('"operator", ', ""),
        '[grant.cli_alice]\nroles = ["viewer"]\n',
        "[grant]\n",
    ):
        file.write_text(FILE + change)
        done = apply(database, file, "--yes", "--prune")
        assert done.status == 0, done.err
        results.append(standing())

    assert results == [
        ('roles = ["operator", "viewer"]\nsites = ["acme"]', ["acme"]),
        ('roles = ["operator", "viewer"]\nsites = ["acme", "globex"]', ["acme", "globex"]),
        ('roles = ["viewer"]\nsites = ["globex"]', ["globex"]),
        ('roles = ["viewer"]', ["acme", "default", "globex"]),
        ("", []),
    ]


def test_an_operator_of_one_site_keeps_that_site_in_a_file(
    database: str, file: Path, alice: str
) -> None:
    """Its tasks, by way of its own export; not its limits, nor anything of another site."""
    globex = '[[task]]\nsite = "globex"\ntype = "flow"\ntitle = "Secret"\n'
    file.write_text(FILE + globex + '[grant.cli_alice]\nroles = ["operator"]\nsites = ["acme"]\n')
    apply(database, file, "--yes")
    whole = run(alice, "export")
    own = file.with_name("acme.toml")
    own.write_text(run(alice, "export", "--site", "acme").out)
    same = apply(alice, own)
    edit(own, 'title = "Check"', 'title = "Check"\npriority = 7')
    changed = apply(alice, own, "--yes", "--prune")
    edit(own, "max_running_jobs = 4", "max_running_jobs = 9")
    limit = apply(alice, own, "--yes")
    of_whole_file = apply(alice, file, "--site", "acme", "--yes")
    other = run(alice, "export", "--site", "globex")

    assert whole.err.startswith("error: you are confined to sites: acme\nhint: name one of them")
    assert 'only_site = "acme"' in own.read_text()
    assert "globex" not in own.read_text()
    assert same.status == 0, same.err
    assert changed.out == (
        '~ task 2 "Check" (flow, acme): priority none → 7\n0 added, 1 changed, 0 deleted\n'
    )
    assert limit.status == 1
    assert limit.err.startswith(
        "error: acme.toml, line 9: site acme: permission denied for table site\n"
    )
    assert of_whole_file.out.splitlines()[0] == ('~ task 2 "Check" (flow, acme): priority 7 → none')
    assert other.err.startswith("error: site globex does not exist\n")


def test_a_file_is_tried_by_who_may_look_only(database: str, file: Path, connect: Connect) -> None:
    """It says whether there is a difference, and that it may not be made."""
    connection = connect(database)
    connection.execute("drop role if exists cli_viewer")
    connection.execute("create role cli_viewer login in role pgdispatch_viewer")
    viewer = make_conninfo(database, user="cli_viewer")
    try:
        differs = apply(viewer, file, "--yes")
        Verbs(connection).run("update pgdispatch.setting set value = default_value")
        file.write_text(run(viewer, "export").out)
        same = apply(viewer, file, "--prune")
    finally:
        connection.execute("drop role cli_viewer")

    assert differs.status == 1
    assert "+ site acme" in differs.out
    assert "hint: ask for a role that may: pgdispatch_operator to change" in differs.err
    assert same.status == 0
