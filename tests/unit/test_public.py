"""What is public in Python is what worker/README.md lists, and each part of it explains itself."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

from pgdispatch import Context, Handlers, Job
from pgdispatch.testing import context
from support.checkout import ROOT
from support.pages import FIRST_STEPS, PAGES, python_blocks

LISTED = ROOT / "worker" / "README.md"
SECTION = re.compile(r"^## `([\w.]+)`\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
ENTRY = re.compile(r"^- (`\w+`(?:,\s+`\w+`)*):", re.MULTILINE)


def names(entries: str) -> list[str]:
    """Return what the entries of a section name, before what they say of it."""
    return [name for entry in ENTRY.findall(entries) for name in re.findall(r"\w+", entry)]


PUBLIC = {module: names(text) for module, text in SECTION.findall(LISTED.read_text("utf-8"))}
EVERYTHING = [(module, name) for module, listed in PUBLIC.items() for name in listed]


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Name a catalogue file, which the ready-made handlers are made from."""
    path = tmp_path / "catalogue.toml"
    path.touch()
    monkeypatch.setenv("PGDISPATCH_CATALOGUE", str(path))


def attribute(module: str, name: str) -> Any:
    """Import what is listed."""
    return getattr(import_module(module), name)


def functions(module: str, name: str) -> Iterator[tuple[str, FunctionType]]:
    """Yield what can be called of a public thing of ours: itself, or its methods and properties."""
    thing = attribute(module, name)
    if isinstance(thing, FunctionType):
        yield name, thing
    if not isinstance(thing, type):
        return
    for its_name, value in inspect.getmembers(thing):
        if its_name.startswith("_") or its_name in getattr(thing, "__dataclass_fields__", ()):
            continue
        function: Any = value.fget if isinstance(value, property) else value
        if isinstance(function, FunctionType) and function.__module__.startswith("pgdispatch"):
            yield f"{name}.{its_name}", function


@cache
def classes() -> set[str]:
    """Return the names of all classes of the package."""
    return {
        node.name
        for path in (ROOT / "worker" / "pgdispatch").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    }


def imported(block: str) -> Iterator[tuple[str, str]]:
    """Yield the modules of ours that a piece of Python imports, and what from them."""
    for node in ast.walk(ast.parse(block)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, alias.name) for alias in node.names)


@pytest.mark.parametrize("module", PUBLIC)
@pytest.mark.usefixtures("catalogue")
def test_a_public_module_has_what_the_page_lists(module: str) -> None:
    """Neither more nor less, and all of it is there."""
    there = import_module(module)

    assert sorted(PUBLIC[module]) == sorted(there.__all__)
    assert [name for name in there.__all__ if not hasattr(there, name)] == []


@pytest.mark.parametrize(("module", "name"), EVERYTHING)
@pytest.mark.usefixtures("catalogue")
def test_what_is_public_says_what_it_is(module: str, name: str) -> None:
    """A class and a function by a docstring of its own, and so do the methods."""
    thing = attribute(module, name)
    silent = [called for called, function in functions(module, name) if not function.__doc__]

    assert silent == []
    assert not isinstance(thing, type) or thing.__dict__.get("__doc__")


@pytest.mark.parametrize(("module", "name"), EVERYTHING)
@pytest.mark.usefixtures("catalogue")
def test_what_is_public_has_public_types(module: str, name: str) -> None:
    """Each parameter and result has one, and none is of a class that the page does not list."""
    public = {name for _, name in EVERYTHING}
    for called, function in functions(module, name):
        given = inspect.signature(function)
        types = {each.name: each.annotation for each in given.parameters.values()}
        types = {each: kind for each, kind in types.items() if each != "self" and each[0] != "_"}
        types["return"] = given.return_annotation

        assert inspect.Signature.empty not in types.values(), called
        words = set(re.findall(r"\w+", " ".join(map(str, types.values()))))
        assert (words & classes()) - public == set(), called


def test_a_handler_finds_in_its_context_what_the_page_says() -> None:
    """What else is there, the backgrounder's, has an underscore."""
    line = re.search(r"^- `Context`: (.*)$", LISTED.read_text("utf-8"), re.MULTILINE)
    listed = set(re.findall(r"`(\w+)`", line[1])) if line else set()
    subject = Context(context("system").job, _report=lambda *_: None)

    assert {name for name in dir(subject) if not name.startswith("_")} == listed
    assert inspect.signature(Context).parameters.keys() == {"job", "_report"}


def test_other_public_classes_have_what_is_said_of_them() -> None:
    """A handler's job has columns only."""
    added = {name for name in dir(context("system")) if not name.startswith("_")} - set(
        dir(Context)
    )

    assert added - {"job"} == {"drain", "lines", "reports", "request_stop", "waits"}
    assert {name for name in dir(Handlers) if name[0] != "_"} == {"add", "get", "register", "types"}
    assert [name for name, _ in inspect.getmembers(Job, inspect.isfunction) if name[0] != "_"] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_import_only_what_is_public(page: Path) -> None:
    """Whoever copies from them is not surprised by a release."""
    private = [
        (module, name)
        for block in python_blocks(page)
        for module, name in imported(block)
        if module.split(".")[0] == "pgdispatch" and name not in PUBLIC.get(module, ())
    ]

    assert private == []


def test_the_tour_tests_its_handler_as_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One block is the module, the next tests it; the last inserts, and test_enqueue runs it."""
    handler, testing, _ = python_blocks(FIRST_STEPS)
    (tmp_path / "my_jobs.py").write_text(handler)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "my_jobs", raising=False)

    exec(testing, {})  # noqa: S102  # that is what a reader does


def test_the_page_on_handlers_tests_its_handlers_as_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One block is the module, the next tests it."""
    module, testing = python_blocks(LISTED.with_name("HANDLERS.md"))
    (tmp_path / "my_jobs.py").write_text(module)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "my_jobs", raising=False)

    exec(testing, {})  # noqa: S102  # that is what a reader does
