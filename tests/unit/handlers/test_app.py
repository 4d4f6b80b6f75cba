"""The module as `--app pgdispatch.handlers`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pgdispatch import handlers as app
from pgdispatch.errors import InvalidInputError, PgdispatchError
from pgdispatch.handler import Handlers
from pgdispatch.handlers import extra


@pytest.fixture(autouse=True)
def _not_built_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(vars(app), "handlers", raising=False)
    monkeypatch.delenv("PGDISPATCH_CATALOGUE", raising=False)


def test_importing_it_needs_no_catalogue_and_loads_nothing_heavy() -> None:
    """A worker that runs other handlers pays nothing."""
    code = "import sys, pgdispatch.handlers; print({'pyarrow', 'jinja2'} & set(sys.modules))"

    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "set()"


def test_using_it_without_a_catalogue_says_what_to_set() -> None:
    """The hint names the variable."""
    with pytest.raises(InvalidInputError) as refused:
        _ = app.handlers

    assert refused.value.message == "no catalogue is named"
    assert "PGDISPATCH_CATALOGUE" in (refused.value.hint or "")


def test_it_is_built_from_the_file_that_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once: the second look gives the same registry."""
    path = tmp_path / "catalogue.toml"
    path.write_text("")
    monkeypatch.setenv("PGDISPATCH_CATALOGUE", str(path))

    built = app.handlers

    assert isinstance(built, Handlers)
    assert app.handlers is built


def test_other_attributes_are_unknown() -> None:
    """Only `handlers` is made up on demand."""
    with pytest.raises(AttributeError, match="no attribute 'handler_'"):
        _ = getattr(app, "handler_")  # noqa: B009  # a checker of types would see it


def test_a_missing_package_is_named_with_the_command_that_installs_it() -> None:
    """The extra `handlers` may not be installed."""
    with pytest.raises(PgdispatchError, match="package pgdispatch_nowhere is not") as refused:
        extra.module("pgdispatch_nowhere.part")

    assert refused.value.hint == "pip install 'pgdispatch[handlers]'"
