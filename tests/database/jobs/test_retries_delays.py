"""How long a retry waits: full jitter, up to a bound that doubles with each failure."""

from __future__ import annotations

import pytest

from support.sessions.clock import NOON, Clock
from support.sessions.timetable import set_to
from support.sessions.verbs import Verbs


def delays(verbs: Verbs, clock: Clock, failures: int, count: int = 200) -> list[float]:
    """Return the waits of many jobs after their last of so many failures, in seconds."""
    verbs.run(
        "create function public.waits(p_failures int, p_count int) returns setof float8 "
        "language plpgsql as $$ declare v_job pgdispatch.job; begin "
        "insert into pgdispatch.job (type, max_attempts) values ('system', 99) "
        "returning * into v_job; v_job.failures := p_failures - 1; "
        "for i in 1..p_count loop perform pgdispatch.retry(v_job, 'boom'); "
        "return next (select extract(epoch from not_before - pgdispatch.now()) "
        "from pgdispatch.job where id = v_job.id); end loop; end $$"
    )
    assert clock.now == NOON
    return verbs.values("select * from public.waits(%s, %s)", failures, count)


@pytest.mark.parametrize(("failures", "most"), [(1, 30), (2, 60), (3, 120), (7, 1920), (8, 3600),
                                                (60, 3600)])  # fmt: skip
def test_retry_waits_at_random_between_nothing_and_a_doubling_bound(
    verbs: Verbs, clock: Clock, failures: int, most: int
) -> None:
    """Full jitter: the whole range is used, and nothing beyond it."""
    waits = delays(verbs, clock, failures)

    assert min(waits) >= 0
    assert max(waits) <= most
    assert min(waits) < most * 0.1
    assert max(waits) > most * 0.9


def test_settings_say_how_long_a_retry_waits(verbs: Verbs, clock: Clock) -> None:
    """The base and the bound."""
    set_to(verbs, "retry_base_seconds", 1)
    set_to(verbs, "retry_max_seconds", 3)

    assert 2 < max(delays(verbs, clock, 9)) <= 3
