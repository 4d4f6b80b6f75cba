"""Insert jobs with a key, and see what is said if it is taken."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from support.sessions.verbs import Verbs


def add(verbs: Verbs, **columns: Any) -> int | None:
    """Insert a job with the key `a`, unless told another; None: it was left out."""
    found: int | None = verbs.add("job", **{"type": "system", "key": "a", **columns})
    return found


def refusal(verbs: Verbs, **columns: Any) -> psycopg.errors.Diagnostic:
    """Return what is said to an insert whose key is taken."""
    with pytest.raises(psycopg.Error) as refused:
        add(verbs, **columns)
    assert refused.value.sqlstate == "JD011"
    return refused.value.diag
