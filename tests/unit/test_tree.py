"""The rules of the tree: who imports whom, where SQL is, how errors are told apart."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cache
from pathlib import Path

from support.checkout import ROOT

PACKAGE, COMMAND = ROOT / "worker" / "pgdispatch", ROOT / "cli" / "pgdispatch_cli"
BANNED = {"utils", "common", "helpers", "base", "manager"}
TOP = {"sql", "worker", "cli", "tests", "docker"}
TOP_FILES = {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "uv.lock"}
OF_BUILDS = {"dist", "build", "PKG-INFO"}
SQL_MODULES = {
    "statements.py",
    "demo_sql.py",
    "bench_sql.py",
    "installer.py",
    "hints.py",
}  # hints.py quotes hints of the schema
STATEMENT = re.compile(
    r"^\s*(select|insert\s+into|update|delete\s+from|with|listen|notify)\b[^.]*\bpgdispatch\b"
    r"|^\s*select\s+pgdispatch\.",
    re.IGNORECASE | re.DOTALL,
)
SOURCES = sorted([*PACKAGE.rglob("*.py"), *COMMAND.rglob("*.py")])
TOLD_APART = re.compile(r"constraint_name\s*(?:==|!=|in\b)|\bin str\((?:error|exception|exc|e)\)")


@cache
def tree(path: Path) -> ast.Module:
    """Parse a module."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> Iterator[str]:
    """Yield the top-level names of what a module imports, wherever in it."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def documentation(module: ast.Module) -> set[int]:
    """Return the identities of the constants that are docstrings."""
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        id(node.body[0].value)
        for node in ast.walk(module)
        if isinstance(node, owners) and node.body and isinstance(node.body[0], ast.Expr)
    }


def offenders(
    look: Callable[[Path], Collection[str]], paths: Iterable[Path] = SOURCES
) -> dict[str, Collection[str]]:
    """Return what is found in each of the modules in which something is."""
    return {str(path.relative_to(ROOT)): found for path in paths if (found := look(path))}


def sql_texts(path: Path) -> list[str]:
    """Return the statements that a module has in its constants."""
    module = tree(path)
    prose = documentation(module)
    return [
        node.value
        for node in ast.walk(module)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in prose
        and STATEMENT.search(node.value)
    ]


def long_functions(path: Path) -> list[str]:
    """Return the functions of more than 40 lines, docstrings apart."""
    return [
        node.name
        for node in ast.walk(tree(path))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and (node.end_lineno or 0) - node.lineno
        >= 40 + len((ast.get_docstring(node) or "").split("\n"))
    ]


def test_package_imports_neither_the_command_nor_click() -> None:
    """Dependencies point one way: command, package, SQL."""
    found = offenders(
        lambda path: {"click", "pgdispatch_cli"} & set(imported(path)), PACKAGE.rglob("*.py")
    )

    assert found == {}


def test_module_names_say_something() -> None:
    """No drawer for everything."""
    assert offenders(lambda path: BANNED & {*path.relative_to(ROOT).parts[:-1], path.stem}) == {}


def test_sql_text_is_in_its_modules_only() -> None:
    """Whoever changes a verb's parameters finds every call in one place."""
    elsewhere = [path for path in SOURCES if path.name not in SQL_MODULES]

    assert offenders(sql_texts, elsewhere) == {}


def test_errors_are_told_apart_by_their_sqlstate() -> None:
    """Never by the name of a constraint or by the text."""
    assert offenders(lambda path: TOLD_APART.findall(path.read_text(encoding="utf-8"))) == {}


def test_functions_are_short() -> None:
    """Up to 40 lines each."""
    assert offenders(long_functions) == {}


def test_top_level_holds_nothing_else() -> None:
    """Five folders, five files, and dot-files."""
    found = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}

    assert found - TOP - TOP_FILES - OF_BUILDS == set()


def test_sql_lines_are_not_too_long() -> None:
    """Up to 100 columns."""
    long = [
        f"{path.name}:{number}"
        for path in sorted((ROOT / "sql").rglob("*.sql"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > 100
    ]

    assert long == []


def test_tests_do_not_sleep() -> None:
    """They wait for what they wait for; only `support` and `chaos` may pause between looks.

    Giving way to an event loop, `asyncio.sleep(0)`, is not sleeping.
    """
    asleep = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        if re.search(r"(time|asyncio)\.sleep\((?!0\))", path.read_text(encoding="utf-8"))
        and "chaos" not in path.parts
        and path.name != Path(__file__).name
    ]

    assert asleep == []


def test_folders_of_tests_mirror_the_tree() -> None:
    """Whoever changes a package, or a folder of functions, knows where its tests are."""

    def folders(path: Path) -> set[str]:
        return {one.name for one in path.iterdir() if one.is_dir() and one.name[0] not in "_."}

    unit = folders(ROOT / "tests" / "unit") - {"cli", "benchmarks", "release"}
    database = folders(ROOT / "tests" / "database")
    across = {"bad_input", "clients", "races", "schema", "views"}

    assert unit - folders(PACKAGE) == set()
    assert database - across - folders(ROOT / "sql" / "functions") == set()
