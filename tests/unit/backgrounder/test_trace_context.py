"""The trace of a job is the current one for as long as its handler runs, however that ends."""

from __future__ import annotations

import pytest
from opentelemetry.trace import get_current_span

from pgdispatch import Context, Handlers
from pgdispatch.testing import context, run

handlers = Handlers()
seen: list[int] = []


def look(job: Context) -> None:
    """Note the current trace, and do what the job says."""
    seen.append(get_current_span().get_span_context().trace_id)
    if job.job.args.get("fails"):
        raise ValueError


@handlers.register("alert")
async def look_later(job: Context) -> None:
    """Do so in an event loop."""
    look(job)


handlers.add("system", look)


@pytest.mark.parametrize("job_type", ["system", "alert"])
@pytest.mark.parametrize("fails", [False, True])
def test_the_next_job_of_a_process_is_in_no_trace_of_the_last(job_type: str, fails: bool) -> None:
    """Unless it has one of its own."""
    seen.clear()
    traces = [f"00-{number:032x}-{7:016x}-01" if number else None for number in (5, 0, 6)]

    for trace in traces:
        run(context(job_type, traceparent=trace, args={"fails": fails}), handlers)

    assert seen == [5, 0, 6]
    assert not get_current_span().get_span_context().is_valid
