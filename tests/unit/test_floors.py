"""What stands on what: folders of SQL functions, and packages of Python; each only on lower floors.

The floors of SQL are listed in sql/README.md, those of Python here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter

from support.checkout import ROOT, SQL

ROW = re.compile(r"^\| (\d+) \| \[`(\w+)`\]\(functions/\2\) \|", re.MULTILINE)
FLOORS = {folder: int(floor) for floor, folder in ROW.findall((SQL / "README.md").read_text())}
FILES = {path.stem: path for path in (SQL / "functions").rglob("*.sql")}
PROSE = re.compile(r"/\*.*?\*/|--[^\n]*|'[^']*'", re.DOTALL)
CALL = re.compile(r"\bpgdispatch\.(\w+)\s*\(")
PACKAGES = (  # from the ground up: packages, and modules at the root
    ("errors", "version"),
    ("extras", "host", "handler", "outcome", "tables", "waiting"),
    ("ipc", "database", "delivery"),
    ("new_job", "passing"),
    ("asyncpg", "producer", "psycopg"),
    ("schema", "handlers", "backgrounder", "embedded", "forecast"),
    ("doctor", "bench", "node", "testing"),
    ("web",),
    ("up", "demo"),
)
PACKAGE_FLOORS = {name: floor for floor, names in enumerate(PACKAGES) for name in names}
MODULES = {
    ".".join(path.relative_to(folder).with_suffix("").parts).removesuffix(".__init__"): path
    for folder in (ROOT / "worker", ROOT / "cli")
    for path in folder.rglob("*.py")
}


def folder(name: str) -> str:
    """Return the folder of a function."""
    return FILES[name].parent.name


def called(name: str) -> set[str]:
    """Return the functions that a function calls, and those that the triggers beside it run."""
    text = PROSE.sub("", FILES[name].read_text(encoding="utf-8"))
    return {other for other in CALL.findall(text) if other in FILES}


def test_each_folder_has_a_floor() -> None:
    """And a line that says what it is for."""
    assert set(FLOORS) == {path.parent.name for path in FILES.values()}


def test_a_folder_calls_only_folders_on_lower_floors() -> None:
    """Whoever reads a folder needs only those below it."""
    upward = [
        f"{folder(name)}/{name} calls {folder(other)}/{other}"
        for name in sorted(FILES)
        for other in sorted(called(name))
        if folder(other) != folder(name) and FLOORS[folder(other)] >= FLOORS[folder(name)]
    ]

    assert upward == []


@cache
def imports(module: str) -> set[str]:
    """Return the modules of ours that a module imports, wherever in it."""
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    return {found for node in ast.walk(tree) for found in _named(node) if found in MODULES}


def _named(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        for alias in node.names:
            submodule = f"{node.module}.{alias.name}"
            yield submodule if submodule in MODULES else node.module


def package(module: str) -> str:
    """Return the package, or the module at the root, that a module of pgdispatch belongs to."""
    return module.split(".")[1]


def test_each_package_has_a_floor() -> None:
    """None is forgotten, none made up."""
    inner = {package(module) for module in MODULES if module.startswith("pgdispatch.")}

    assert inner == set(PACKAGE_FLOORS)


def test_a_package_imports_only_packages_on_lower_floors() -> None:
    """Whoever reads a package needs only those below it."""
    upward = [
        f"{module} imports {other}"
        for module in sorted(MODULES)
        for other in sorted(imports(module))
        if module.startswith("pgdispatch.") and other.startswith("pgdispatch.")
        if package(module) != package(other)
        and PACKAGE_FLOORS[package(other)] >= PACKAGE_FLOORS[package(module)]
    ]

    assert upward == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    """CycleError names them."""
    TopologicalSorter({module: imports(module) for module in MODULES}).prepare()
