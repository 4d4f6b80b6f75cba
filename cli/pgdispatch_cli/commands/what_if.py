"""What would be, if something were changed: nothing is."""

from __future__ import annotations

from collections.abc import Sequence

import click

from pgdispatch.forecast.changes import READERS, Change, read
from pgdispatch_cli.in_order import InOrder, typed

MOST_CASES = 12


def cases_of(given: Sequence[tuple[str, str]]) -> dict[str, list[Change]]:
    """Return the changes of each case, in order.

    `--case NAME` begins one, so what comes before the first is a case, too, and has its changes
    for a name.
    """
    cases: list[tuple[str, list[Change]]] = []
    for option, value in given:
        if option == "case":
            cases.append((value, []))
            continue
        if not cases:
            cases.append(("", []))
        cases[-1][1].append(read(option.replace("_", "-"), value))
    for name, changes in cases:
        if not changes:
            raise click.UsageError(f"--case {name!r} has no change after it")
    named = [(name or ", ".join(map(str, changes)), changes) for name, changes in cases]
    twice = {name for name, _ in named if [other for other, _ in named].count(name) > 1}
    if twice:
        raise click.UsageError(f"two cases have the name {min(twice)!r}")
    if len(named) > MOST_CASES:
        raise click.UsageError(f"{MOST_CASES} cases at most")
    return dict(named)
