"""Where a node's handlers come from."""

from __future__ import annotations

from importlib import metadata
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from pgdispatch.backgrounder import handler_sources, procedure_handler
from pgdispatch.backgrounder.handler_sources import (
    calls_at_home,
    configured_limits,
    from_config,
    load,
)
from pgdispatch.errors import InvalidInputError
from pgdispatch.host.limits import Limits

MODULE = """
from pgdispatch import Handlers
handlers = Handlers()
handlers.add("flow", print)
others = Handlers()
others.add("flow", repr)
others.add("alert", repr)
number = 42
"""


@pytest.fixture(autouse=True)
def _module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "worker_application.py").write_text(MODULE)
    (tmp_path / "worker_application_that_fails.py").write_text("import no_such_thing")
    (tmp_path / "worker_application_that_leaves.py").write_text("raise SystemExit(3)")
    (tmp_path / "worker_application_half_written.py").write_text("handlers = (")
    monkeypatch.syspath_prepend(tmp_path)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Give the path of a configuration file."""
    return tmp_path / "node.toml"


def test_a_module_is_asked_for_its_handlers() -> None:
    """By their usual name, or by another."""
    assert load(["worker_application"], None, dsn="").types() == ["flow"]
    assert load(["worker_application:others"], None, dsn="").types() == ["alert", "flow"]


@pytest.mark.parametrize(
    ("app", "message"),
    [
        (
            "no_such_module",
            "cannot load the application no_such_module: ModuleNotFoundError: ",
        ),
        ("worker_application:none", "cannot load the application worker_application:none: "),
        ("worker_application_that_fails", "No module named 'no_such_thing'"),
        ("worker_application_that_leaves", "worker_application_that_leaves: SystemExit: 3"),
        ("worker_application_half_written", "SyntaxError: '(' was never closed"),
        ("worker_application:number", "worker_application:number is a int, not a Handlers"),
        ("", "cannot load the application"),
        (".relative", "cannot load the application"),
    ],
)
def test_an_application_that_is_none_is_refused(app: str, message: str) -> None:
    """With what is wrong and what to do."""
    with pytest.raises(InvalidInputError) as refused:
        load([app], None, dsn="")

    assert message in refused.value.message
    assert refused.value.hint


def test_two_sources_for_one_type_are_refused(config: Path) -> None:
    """Two modules, or a module and the file."""
    config.write_text('[handler.flow]\nprogram = ["true"]')

    with pytest.raises(InvalidInputError, match="flow has two handlers"):
        load(["worker_application", "worker_application:others"], None, dsn="")
    with pytest.raises(InvalidInputError, match="flow has two handlers"):
        load(["worker_application"], str(config), dsn="")


def test_module_and_file_add_up(config: Path) -> None:
    """Each serves its types."""
    config.write_text('[handler.system]\nprocedure = "etl.clean"')

    assert load(["worker_application"], str(config), dsn="").types() == ["flow", "system"]


def test_a_byte_order_mark_is_read_over(config: Path) -> None:
    """As some editors write one."""
    config.write_text('[handler.system]\nprocedure = "etl.clean"', encoding="utf-8-sig")

    assert load([], str(config), dsn="").types() == ["system"]


def test_entry_points_are_used_when_nothing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed package can bring its handlers."""
    point = EntryPoint("mine", "worker_application:others", handler_sources.ENTRY_POINTS)
    monkeypatch.setattr(metadata, "entry_points", lambda group: [point] if group else [])

    assert load([], None, dsn="").types() == ["alert", "flow"]


def test_no_handlers_at_all_are_refused(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such a node could never run anything."""
    config.write_text("")
    monkeypatch.setattr(metadata, "entry_points", lambda group: [][: len(group)])

    for path in (None, str(config)):
        with pytest.raises(InvalidInputError, match="this node has no handlers"):
            load([], path, dsn="")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[handler.flow", "is not TOML"),
        ("[handlers.flow]", "holds handlers"),
        ("handler = 3", "holds a handler that is no table"),
        ("[handler]\nflow = 3", "[handler.flow] has something unknown"),
        ('[handler.flow]\nshell = "x"', "[handler.flow] has something unknown"),
        ('[handler.flow]\nprogram = ["sh"]\ndsn_env = "X"', "has something unknown: dsn_env"),
        ('[handler.flow]\nprocedure = "a"\nenv = {}', "has something unknown: env"),
        ('[handler.flow]\nprogram = ["sh"]\nenv = ["X"]', "env is not a table of texts"),
        ('[handler.flow]\nprogram = ["sh"]\nenv = {X = 1}', "env is not a table of texts"),
        ('[handler.flow]\nprogram = ["sh"]\nenv = {"X=Y" = ""}', "env is not a table of texts"),
        ('[handler.flow]\nprogram = ["sh"]\npass_env = "X"', "pass_env is not a list of texts"),
        ('[handler.flow]\nprogram = ["sh"]\npass_env = ["NOT_SET"]', "NOT_SET is not set"),
        (
            '[handler.flow]\nprogram = ["nowhere"]',
            "[handler.flow]: the program nowhere is not there",
        ),
        ("[handler.flow]", "needs either program or procedure"),
        ('[handler.flow]\nprogram = ["x"]\nprocedure = "y"', "needs either program or procedure"),
        ('[handler.flow]\nprogram = "rm -rf x"', "program is not a list of texts"),
        ("[handler.flow]\nprogram = []", "program is not a list of texts"),
        ("[handler.flow]\nprogram = [1]", "program is not a list of texts"),
        ('[handler.flow]\nprocedure = "a.b.c"', "'a.b.c' is not the name of a procedure"),
        ('[handler.flow]\nprocedure = ""', "'' is not the name of a procedure"),
        ('[handler.flow]\nprocedure = "a"\ndsn_env = "NOT_SET"', "variable NOT_SET is not set"),
    ],
)
def test_a_wrong_configuration_file_is_refused(config: Path, text: str, message: str) -> None:
    """With the place and what to do."""
    config.write_text(text)

    with pytest.raises(InvalidInputError) as refused:
        from_config(config, dsn="")

    assert message in refused.value.message
    assert refused.value.hint


def test_a_configuration_file_that_is_not_there_is_refused(config: Path) -> None:
    """Its name and the reason are told."""
    with pytest.raises(InvalidInputError, match=r"cannot read .*node\.toml: No such file"):
        from_config(config, dsn="")


def test_a_procedure_may_be_called_on_another_database(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its connection string comes from the environment, not from the file."""
    config.write_text('[handler.flow]\nprocedure = "etl.run"\ndsn_env = "ETL_DSN"')
    monkeypatch.setenv("ETL_DSN", "dbname=etl")
    used: list[str] = []
    monkeypatch.setattr(procedure_handler, "procedure", lambda _, dsn: used.append(dsn))

    from_config(config, dsn="dbname=jobs")

    assert used == ["dbname=etl"]


def test_a_configuration_may_set_limits(config: Path) -> None:
    """Beside its handlers; without it there are none."""
    config.write_text(
        'memory = "1.5GB"\nrecycle_memory = "2GB"\nrecycle_jobs = 9\n'
        '[handler.flow]\nprogram = ["/bin/true"]\n'
    )

    assert configured_limits(config) == Limits(1_610_612_736, 2_147_483_648, 9)
    assert from_config(config, dsn="").types() == ["flow"]
    config.write_text("fresh = true\nrecycle_jobs = 9")
    assert configured_limits(config) == Limits(recycle_jobs=1)
    config.write_text("fresh = false")
    assert configured_limits(config) == Limits()
    assert configured_limits(None) == Limits()


def test_what_no_job_may_use_no_process_may_keep() -> None:
    """Unless it is said; what is said first wins."""
    assert Limits(memory=100).complete() == Limits(memory=100, recycle_memory=100)
    assert Limits(memory=100, recycle_memory=900).complete().recycle_memory == 900
    assert Limits(recycle_jobs=5).over(Limits(7, 8, 9)) == Limits(7, 8, 5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("recycle_jobs = 0", "node.toml: recycle_jobs 0 is not a number of jobs"),
        ("recycle_jobs = true", "recycle_jobs True is not"),
        ('recycle_jobs = "9"', "recycle_jobs '9' is not"),
        ('fresh = "no"', "fresh 'no' is neither true nor false"),
        ('recycle_memory = "10MB"', "recycle_memory 10MB is too little"),
    ],
)
def test_limits_that_are_none_are_refused(config: Path, text: str, message: str) -> None:
    """With the place."""
    config.write_text(text)

    with pytest.raises(InvalidInputError, match=message) as refused:
        configured_limits(config)

    assert refused.value.hint


def test_a_limit_that_is_no_amount_is_refused_with_its_place(config: Path) -> None:
    """The hint shows the form."""
    config.write_text("memory = 512\n")

    with pytest.raises(InvalidInputError, match=r"node\.toml: memory '512' is not an") as caught:
        configured_limits(config)

    assert caught.value.hint == "write for example 512MB or 2GB"


@pytest.mark.parametrize(
    ("text", "needs"),
    [
        ('[handler.flow]\nprocedure = "etl.run"', True),
        ('[handler.flow]\nprocedure = "etl.run"\ndsn_env = "ETL_DSN"', False),
        ('[handler.flow]\nprogram = ["true"]', False),
        ("handler = 1", False),
    ],
)
def test_only_a_procedure_without_a_database_needs_to_know_ours(
    tmp_path: Path, text: str, needs: bool
) -> None:
    """All other processes are not told where it is, nor the password."""
    config = tmp_path / "handlers.toml"
    config.write_text(text)

    assert (calls_at_home(config), calls_at_home(None)) == (needs, False)


def test_a_procedure_that_is_new_since_the_node_started_is_refused(tmp_path: Path) -> None:
    """Its processes were not told where the database is."""
    config = tmp_path / "handlers.toml"
    config.write_text('[handler.flow]\nprocedure = "etl.run"')

    with pytest.raises(InvalidInputError, match="when there was no such procedure"):
        from_config(config, dsn=None)
