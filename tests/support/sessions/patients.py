"""What the doctor's tests do to a database before it is looked at."""

from __future__ import annotations

from pgdispatch.version import VERSION

REGISTER = (
    f"select pgdispatch.register_node('etl-1', gen_random_uuid(), 1, null, 8, 'h', 1, '{VERSION}')"
)
LISTENING = "set application_name = 'pgdispatch etl-1 listens'"
READY_JOBS = """
insert into pgdispatch.job (
    type, site, priority, max_attempts, created_by, inserted_by, created_at, is_serial, state,
    precedence, queued_at, type_rank, tie_first, tie_second
)
select
    'system', 'default', 50, 1, 'me', 'me', now(), false, 'ready', 1,
    now() - number * '1 s'::interval, 2, 0, 0
from generate_series(1, %s) as number
"""  # with triggers off; the later a row, the earlier its place
