"""What a page of the console asks reads a bounded number of rows, however many wait or have ended.

Nothing is read from end to end: neither the queue nor the history.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from support.rights.two_sites import acting_as, people_of
from support.sessions.verbs import Verbs

CROWD = 100_000
WAITING = """
insert into pgdispatch.job (
    type, site, schedule, priority, created_by, inserted_by, created_at, is_serial, precedence,
    queued_at, type_rank, tie_first, tie_second, state, gate, not_before, max_attempts
)
select
    (array['flow', 'alert', 'full_extract'])[1 + n %% 3],
    case when n %% 1000 = 999 then 'acme' else 'globex' end, 'hourly',
    1 + n %% 100, 'x', 'x', now(), false, 1, now() + n * interval '1 ms', -1, 0, 0,
    (array['ready', 'ready', 'parked', 'delayed'])[1 + n %% 4],
    case when n %% 4 = 2 then 'site/globex' end,
    case when n %% 4 = 3 then now() + interval '1 day' end,
    1
from generate_series(1, %s) as n
"""
ENDED = """
insert into pgdispatch.job_history
select r.*
from pgdispatch.job_history as h
cross join generate_series(1, %s) as n
cross join (  -- in the first hour of a month none is of that: so small a partition is read whole
    select case when t.now < t.month + interval '1 hour' then t.month else t.now end as ends
    from (select now, date_trunc('month', now, 'UTC') as month from pgdispatch.now() as now) as t
) as m
cross join lateral jsonb_populate_record(h, jsonb_build_object(
    'id', 1000000 + n,
    'task', n %% 5000,
    'ended_at', m.ends - n * interval '1 s',
    'outcome', case n %% 5000 when 7 then 'cancelled' when 8 then 'failed' else 'succeeded' end
)) as r
"""
READ = """
select
    coalesce(sum(seq_scan) filter (where relname = 'job'), 0)::integer as scans,
    coalesce(sum(seq_tup_read) filter (where relname <> 'job'), 0)::integer as scanned,
    coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0)::integer as read
from pg_stat_xact_user_tables
where schemaname = 'pgdispatch'
    and relname ~ '^job(_history.*)?$'
"""
MIDDLE = """
select pgdispatch.place_key(j)
from pgdispatch.job as j
where backgrounder is null and priority = 50
order by queued_at desc
limit 1
"""
PAGE = "select * from pgdispatch.queue_page"
LOOKS = {
    "front": (f"{PAGE}(20)", 200),
    "behind a place": (f"{PAGE}(20, p_after => '{{key}}')", 200),
    "before a place": (f"{PAGE}(20, p_before => '{{key}}')", 200),
    "one site": (f"{PAGE}(20, p_site => 'acme')", 5_200),
    "no such site": (f"{PAGE}(20, p_site => 'nowhere')", 5_100),
    "a kind": (f"{PAGE}(20, p_kind => 'held', p_after => '{{key}}')", 5_100),
    "gates": ("select * from pgdispatch.gate_status", 2_300),
    "counts": ("select * from pgdispatch.queue_counts()", 10_200),
    "sites": ("select * from pgdispatch.site_usage", 20_300),
    "tasks": ("select * from pgdispatch.task_status where task > 2 limit 20", 1_000),
    "rare ends": (
        "select * from pgdispatch.background_task where outcome = 'cancelled' limit 20",
        100,
    ),
    "rare ends before": (
        "select * from pgdispatch.background_task where outcome <> 'succeeded' "
        "and ended_at < pgdispatch.now() - interval '10 hours' limit 20",
        100,
    ),
}
ENDS = """
select *
from pgdispatch.job_history
where ended_at >= (select pgdispatch.history_reach())
order by ended_at desc
limit 50
"""
CONFINED_LOOKS = {
    "front": (f"{PAGE}(20)", 31_000),
    "behind a place": (f"{PAGE}(20, p_after => '{{key}}')", 41_000),
    "why": ("select * from pgdispatch.why({last})", 41_000),
    "gates": ("select * from pgdispatch.gate_status", 21_000),
    "counts": ("select * from pgdispatch.queue_counts()", 10_200),
    "ends": (ENDS, 20_200),
}


@pytest.fixture
def crowd(verbs: Verbs) -> Iterator[Verbs]:
    """Let a hundred thousand jobs wait and as many have ended.

    What is not on disk yet vacuum does not take for visible to all.
    """
    verbs.run("set synchronous_commit = on")
    verbs.run("alter table pgdispatch.job set (autovacuum_enabled = off)")
    verbs.register()
    verbs.site("acme")
    verbs.site("globex", 1)
    verbs.schedule("hourly", recurrence="every 1 hour from 06:00 to 22:00")
    for _ in range(40):
        verbs.task(schedule="hourly")
    first, _ = verbs.job(), verbs.job(site="globex")
    verbs.claim("n:1")
    verbs.claim("n:2")
    verbs.finish(first)
    verbs.run("alter table pgdispatch.job disable trigger user")
    verbs.run(WAITING, CROWD)
    verbs.run(ENDED, CROWD)
    verbs.run("delete from pgdispatch.job_history where id = %s", first)
    verbs.run("alter table pgdispatch.job enable trigger user")
    verbs.run("vacuum analyze pgdispatch.job, pgdispatch.job_history")
    with people_of(verbs, "acme", "crowd_"):
        yield verbs


def beyond(verbs: Verbs, user: str, looks: dict[str, tuple[str, int]]) -> dict[str, object]:
    """Return what looks of a user read beyond what they may."""
    key = json.dumps(verbs.value(MIDDLE))
    last = verbs.value("select max(id) from pgdispatch.job where site = 'acme'")
    found: dict[str, object] = {}
    for name, (query, most) in looks.items():
        with acting_as(verbs, user), verbs.connection.transaction():
            before = verbs.row(READ)
            verbs.rows(query.replace("{key}", key).replace("{last}", str(last)))
            read = {kind: count - before[kind] for kind, count in verbs.row(READ).items()}
        if read["scans"] or read["scanned"] or read["read"] > most:
            found[name] = read
    return found


def test_no_look_reads_all(crowd: Verbs) -> None:
    """Of those who see all sites."""
    assert beyond(crowd, "crowd_all_viewer", LOOKS) == {}


def test_no_look_of_the_confined_reads_all(crowd: Verbs) -> None:
    """Though no index knows the site."""
    assert beyond(crowd, "crowd_acme_viewer", CONFINED_LOOKS) == {}
