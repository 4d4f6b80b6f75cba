"""What the checks of a release find wrong."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from release.artefacts import digest, wheel_problems
from release.licences import is_allowed, problems_of, read_rules
from release.locked import extras_of_image
from release.report import Row, heading
from support.checkout import ROOT

INFO = "pgdispatch-0.9.0.dist-info"
OF_INFO = ("METADATA", "WHEEL", "entry_points.txt", "licenses/LICENSE")
IN_TREE = {
    "worker/pgdispatch/py.typed": b"",
    "worker/pgdispatch/handler.py": b"handler",
    "worker/systemd/unit": b"unit",
    "cli/pgdispatch_cli/py.typed": b"",
    "sql/schema.sql": b"schema",
}
IN_WHEEL = {
    "pgdispatch/py.typed": b"",
    "pgdispatch/handler.py": b"handler",
    "pgdispatch/sql/schema.sql": b"schema",
    "pgdispatch_cli/py.typed": b"",
    "pgdispatch-0.9.0.data/data/share/pgdispatch/systemd/unit": b"unit",
    **{f"{INFO}/{name}": b"" for name in OF_INFO},
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Give a tree with a little of everything that runs."""
    for name, content in IN_TREE.items():
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path / "tree"


def packed(folder: Path, files: dict[str, bytes], noted: dict[str, bytes] | None = None) -> Path:
    """Return a wheel of these files; its RECORD is that of `noted`, if given."""
    wheel = folder / "made.whl"
    lines = [
        f"{name},{digest(content)},{len(content)}" for name, content in (noted or files).items()
    ]
    with zipfile.ZipFile(wheel, "w") as made:
        for name, content in files.items():
            made.writestr(name, content)
        made.writestr(f"{INFO}/RECORD", "\n".join([*lines, f"{INFO}/RECORD,,"]))
    return wheel


def test_a_wheel_of_all_that_runs_is_right(tree: Path, tmp_path: Path) -> None:
    """And of nothing else."""
    assert list(wheel_problems(tree, packed(tmp_path, IN_WHEEL))) == []


def test_what_a_wheel_lacks_has_more_or_otherwise_is_named(tree: Path, tmp_path: Path) -> None:
    """A test that was packed along, a marker and a unit that were not, a stale file."""
    files = {**IN_WHEEL, "tests/test_x.py": b"", "pgdispatch/handler.py": b"stale"}
    for name in ("pgdispatch/py.typed", "pgdispatch-0.9.0.data/data/share/pgdispatch/systemd/unit"):
        del files[name]

    found = list(wheel_problems(tree, packed(tmp_path, files)))

    assert found == [
        "not in the wheel: pgdispatch-0.9.0.data/data/share/pgdispatch/systemd/unit",
        "not in the wheel: pgdispatch/py.typed",
        "only in the wheel: tests/test_x.py",
        "not as in the archive: pgdispatch/handler.py",
    ]


def test_a_wheel_whose_record_is_wrong_is_named(tree: Path, tmp_path: Path) -> None:
    """Installers refuse it."""
    noted = {**IN_WHEEL, "pgdispatch/handler.py": b"other"}

    found = list(wheel_problems(tree, packed(tmp_path, IN_WHEEL, noted)))

    assert found == ["wrong in RECORD: pgdispatch/handler.py"]


@pytest.mark.parametrize(
    ("expression", "is_fine"),
    [
        ("MIT", True),
        ("MIT AND PSF-2.0", True),
        ("GPL-3.0-only OR MIT", True),
        ("GPL-3.0-only", False),
        ("MIT AND GPL-3.0-only", False),
        ("MIT OR GPL-3.0-only AND Apache-2.0", False),  # a person has to read it
        ("(MIT)", False),
    ],
)
def test_licences_that_ask_for_more_than_a_name_are_not_allowed(
    expression: str, is_fine: bool
) -> None:
    """Of alternatives, one is enough."""
    assert is_allowed(expression, read_rules().allowed) is is_fine


@pytest.mark.parametrize(
    ("name", "told", "problem"),
    [
        ("click", ["BSD-3-Clause", None], None),
        ("rich", [None, "MIT", "MIT License"], None),
        ("cronsim", [None, None, "BSD License"], None),
        ("psycopg", ["LGPL-3.0-only"], None),
        ("psycopg", ["GPL-3.0-only"], "psycopg is under GPL-3.0-only, not under LGPL-3.0-only"),
        ("viral", ["LGPL-3.0-only"], "viral is under LGPL-3.0-only"),
        ("mute", [None, "", "Freeware"], "mute does not say in known words what its licence is"),
    ],
)
def test_a_package_may_be_handed_on_if_its_licence_is_allowed_or_it_is_named(
    name: str, told: list[str | None], problem: str | None
) -> None:
    """By its expression, or else by words whose meaning is known."""
    found = list(problems_of(name, told, read_rules()))

    assert [one.partition(": [")[0] for one in found] == ([] if problem is None else [problem])


def test_the_extras_of_the_image_are_those_of_its_dockerfile() -> None:
    """Without the one that is chosen when it is built."""
    found = extras_of_image((ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8"))

    assert {"web", "otel"} <= set(found)
    assert "EXTRA" not in found


def test_rows_fit_80_columns() -> None:
    """Whatever a step says."""
    what = f"{'a word ' * 30}\n{'x' * 200} multi-part"
    lines = [heading(), *Row("licences", "left out", what, 12345.6).lines()]

    assert max(map(len, lines)) <= 80
    assert lines[1].startswith("licences  left out 12346 s  a word")
