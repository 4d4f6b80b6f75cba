"""The version of this package: one for each step of the schema until the release comes out.

The build reads it from here as well. So this module needs nothing but the standard library, and the
folder of SQL files where a checkout, a source archive or a wheel has it.
"""

from __future__ import annotations

from pathlib import Path

RELEASE = "0.2.0"
IS_OUT = False  # true in the commit of the release alone
NO_DEVELOPMENT = 11  # up to this step what led to 0.2.0 called itself 0.2.0

HERE = Path(__file__).resolve().parent
SQL = next(place for place in (HERE / "sql", HERE.parents[1] / "sql") if place.is_dir())


def on_the_way(release: str, step: int) -> str:
    """Return the version that a package calls itself between releases, by the step of its tables.

    It orders as versions of Python do: 0.2.0.dev12, 0.2.0.dev13, 0.2.0.
    """
    return f"{release}.dev{step}"


def newest_step() -> int:
    """Return the number of the last file of `sql/versions`."""
    return max(int(path.name[:4]) for path in (SQL / "versions").glob("[0-9]*.sql"))


def noted(version: str, step: int) -> str:
    """Return the version of a schema, given the one that it was noted with."""
    early = version == "0.2.0" and step <= NO_DEVELOPMENT
    return on_the_way(version, step) if early else version


def how_to_get(version: str) -> str:
    """Say what to install to have at least that version."""
    if ".dev" in version:
        return f"on this machine install a checkout that calls itself {version}, or a newer one"
    return f"on this machine run: pip install --upgrade 'pgdispatch>={version}'"


VERSION = RELEASE if IS_OUT else on_the_way(RELEASE, newest_step())
