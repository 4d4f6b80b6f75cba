"""The systemd units: correct, hardened, and in step with how a node stops."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from pgdispatch.errors import ConfigurationError, SchemaMismatchError
from pgdispatch.node import backgrounders, supervisor
from support.checkout import ROOT

FOLDER = ROOT / "worker" / "systemd"
UNIT = FOLDER / "pgdispatch@.service"
CONSOLE = FOLDER / "pgdispatch-web.service"
UNITS = {"pgdispatch@etl-1.service": UNIT, "pgdispatch-web.service": CONSOLE}
COMMAND = "/opt/pgdispatch/bin/pgdispatch"
HIGHEST_EXPOSURE = 25  # systemd-analyze counts in tenths

ANALYZE = shutil.which("systemd-analyze") or ""

needs_analyze = pytest.mark.skipif(not ANALYZE, reason="this machine has no systemd-analyze")


def settings(name: str, unit: Path = UNIT) -> list[str]:
    """Return the values of a setting of a unit, in their order."""
    return re.findall(rf"^{name}=(.*)$", unit.read_text(encoding="utf-8"), re.MULTILINE)


def defaults(unit: Path = UNIT) -> dict[str, str]:
    """Return the variables that a unit sets itself."""
    words = " ".join(settings("Environment", unit)).split()
    return {name: value for name, _, value in (word.partition("=") for word in words)}


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run systemd-analyze and return what it said."""
    return subprocess.run(
        [ANALYZE, "--no-pager", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(params=UNITS)
def instance(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Give the units of a node etl-1 and of the console, the command where there is one."""
    command = tmp_path / "pgdispatch"
    command.write_text("#!/bin/sh\n")
    command.chmod(0o755)
    text = UNITS[request.param].read_text(encoding="utf-8")
    path = tmp_path / str(request.param)
    path.write_text(text.replace(COMMAND, str(command)))
    return path


@needs_analyze
def test_systemd_has_nothing_to_say_against_the_unit(instance: Path) -> None:
    """No unknown setting, no wrong value, no warning."""
    done = analyze("verify", str(instance))

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@needs_analyze
def test_unit_is_hardened(instance: Path) -> None:
    """An exposure of 2.5 at most."""
    done = analyze("security", "--offline=yes", f"--threshold={HIGHEST_EXPOSURE}", str(instance))

    assert done.returncode == 0, done.stdout


def test_stop_waits_longer_than_a_drain_takes() -> None:
    """The grace, the time to obey, and the last report, with some seconds to spare."""
    drain = float(defaults()["PGDISPATCH_GRACE"]) + backgrounders.STOP_GRACE + supervisor.LAST_WORDS

    assert float(settings("TimeoutStopSec")[0]) >= drain + 10


def test_stop_signals_the_supervisor_alone() -> None:
    """Its backgrounders are told by it, and killed only at the end."""
    assert settings("KillMode") == ["mixed"]
    assert settings("KillSignal") == []


def test_readiness_is_told_by_the_node_itself() -> None:
    """The wait for it is longer than a node waits for its name; then there are signs of life."""
    assert settings("Type") == ["notify"]
    assert float(settings("WatchdogSec")[0]) > 0
    assert float(settings("TimeoutStartSec")[0]) > 60


def test_a_node_that_was_killed_is_started_again_within_a_second() -> None:
    """It takes its name over at once then."""
    assert settings("RestartSec") == ["1"]


def test_restart_is_not_tried_where_it_cannot_help() -> None:
    """Not on wrong usage (2) and a schema that does not fit (4); and it is never given up."""
    assert settings("Restart") == ["on-failure"]
    assert settings("RestartPreventExitStatus") == ["2 4"]
    assert settings("StartLimitIntervalSec") == ["0"]


def test_a_job_that_eats_all_memory_does_not_end_the_node() -> None:
    """The kernel kills one process; systemd leaves the others."""
    assert settings("OOMPolicy") == ["continue"]


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_every_variable_of_the_command_has_a_default_or_may_be_empty(unit: Path) -> None:
    """A line missing in the environment file does not break the command."""
    used = set(re.findall(r"\$\{?(\w+)", settings("ExecStart", unit)[0]))

    assert used - set(defaults(unit)) == set()


def test_instance_file_comes_last_and_may_be_missing() -> None:
    """What it sets wins over the machine's file, which must be there."""
    assert settings("EnvironmentFile") == [
        "/etc/pgdispatch/pgdispatch.env",
        "-/etc/pgdispatch/%i.env",
    ]


def test_example_sets_only_what_a_node_reads() -> None:
    """Every variable of the example, commented out or not, is one of ours or of libpq's."""
    text = (FOLDER / "pgdispatch.env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^#?([A-Z_]+)=", text, re.MULTILINE))
    read = {"PGDISPATCH_DSN", "PGDISPATCH_CATALOGUE", "PGDISPATCH_MEMORY", "PGPASSWORD"}
    read |= {"PGDISPATCH_RECYCLE_MEMORY", "PGDISPATCH_RECYCLE_JOBS", "PGDISPATCH_FRESH"}
    read |= {"PGDISPATCH_LOG_LEVEL"}

    assert named - read - set(defaults()) == set()
    assert "PGDISPATCH_DSN" in named


def test_example_starts_on_a_machine_of_two_processors() -> None:
    """A node that may not run as many backgrounders as it is told does not start at all."""
    text = (FOLDER / "pgdispatch.env.example").read_text(encoding="utf-8")

    assert [int(number) for number in re.findall(r"^[^#].*--backgrounders (\d+)", text, re.M)] == [
        2
    ]


def test_what_does_not_get_better_is_not_tried_again() -> None:
    """The statuses of a wrong configuration, and of a schema that does not fit."""
    statuses = {ConfigurationError.exit_status, SchemaMismatchError.exit_status}

    assert {int(word) for word in settings("RestartPreventExitStatus")[0].split()} == statuses


def test_account_of_the_unit_is_the_one_that_sysusers_makes() -> None:
    """Same name, and its home is the folder that the unit may write to."""
    lines = (FOLDER / "sysusers.conf").read_text(encoding="utf-8").splitlines()
    (entry,) = [line.split() for line in lines if not line.startswith("#")]

    assert settings("User") == [entry[1]]
    assert entry[-1] == f"/var/lib/{settings('StateDirectory')[0]}"


def test_the_console_has_no_account_that_others_have() -> None:
    """It has people's passwords in its memory, which goes to no file."""
    assert settings("DynamicUser", CONSOLE) == ["yes"]
    assert settings("User", CONSOLE) == []
    assert settings("LimitCORE", CONSOLE) == ["0"]


def test_the_example_of_the_console_sets_only_what_it_reads() -> None:
    """And no user: people come with users of their own."""
    text = (FOLDER / "pgdispatch-web.env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^#?([A-Z_]+)=", text, re.MULTILINE))
    read = {"PGDISPATCH_DSN", "PGPASSWORD", "PGDISPATCH_LOG_LEVEL"}
    (dsn,) = re.findall(r"^PGDISPATCH_DSN=(.*)$", text, re.MULTILINE)

    assert named - read - set(defaults(CONSOLE)) == set()
    assert "user=" not in dsn
    assert settings("EnvironmentFile", CONSOLE) == ["/etc/pgdispatch/web.env"]
    assert settings("RestartPreventExitStatus", CONSOLE) == [str(ConfigurationError.exit_status)]
