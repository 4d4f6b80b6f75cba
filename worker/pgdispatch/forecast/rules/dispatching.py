"""Simulates dispatch over the coming hours: what starts when, by the rules alone.

Given how long jobs run, it does what SQL does, to the microsecond. Where the rules leave something
to chance, this is what it does. At one instant, edits, pauses, refills, fires, jobs whose time has
come and arrivals happen in this order, then idle nodes ask. Then attempts end, in the order of
their starts, and at each end that node asks first, then the idle ones. Nodes ask in the order of
their names, each for all its idle backgrounders. A retry whose draw does not say how long it waits
waits for half of the longest delay. A job that nobody holds any more is lost at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop

from pgdispatch.forecast.plan import Plan
from pgdispatch.forecast.rules.arriving import arrive
from pgdispatch.forecast.rules.editing import edit, expect_closings
from pgdispatch.forecast.rules.ending import cancel_all, end
from pgdispatch.forecast.rules.firing import expect_fires, fire
from pgdispatch.forecast.rules.starting import start, take_in
from pgdispatch.forecast.rules.state import ARRIVE, DUE, EDIT, END, FIRE, PAUSE, REFILL, State
from pgdispatch.forecast.run import Arrival, Draws, Run


def simulate(plan: Plan, draws: Draws, arrivals: Sequence[Arrival] = ()) -> Run:
    """Simulate from the instant of a plan up to its end.

    `arrivals` come in the order of their instants. Neither a plan nor what it holds is changed.
    """
    state = State(plan, draws)
    take_in(state)
    state.expect(plan.made_at, PAUSE, None)  # those that hold; then who is idle asks
    _expect(state, arrivals)
    events, until = state.events, plan.until
    while events and events[0][0] <= until:
        state.now = now = events[0][0]
        is_anything = False
        while events and events[0][0] == now and events[0][1] < END:
            _, kind, _, what = heappop(events)
            _happen(state, kind, what)
            is_anything = True
        if is_anything:
            _ask(state, None)
        while events and events[0][0] == now and events[0][1] == END:
            _, _, _, job = heappop(events)
            node = job.node
            end(state, job)
            _ask(state, node)
    return Run(plan.made_at, until, state.jobs, state.skipped)


def _expect(state: State, arrivals: Sequence[Arrival]) -> None:
    """Put down all that is known to come."""
    plan = state.plan
    for one in plan.edits:
        state.expect(one.at, EDIT, one)
    for node in plan.nodes:
        expect_closings(state, node)
    for pause in plan.pauses:
        for at in (pause.begins, pause.until):
            if at is not None and at > plan.made_at:
                state.expect(at, PAUSE, None)
    for site in plan.sites.values():
        for at in site.refills:
            state.expect(at, REFILL, site.name)
    expect_fires(state)
    for number, arrival in enumerate(arrivals):
        state.expect(arrival.at, ARRIVE, (number, arrival))


def _happen(state: State, kind: int, what: object) -> None:
    """Let happen what is not the end of an attempt."""
    if kind == DUE:
        state.queue.add(what)  # type: ignore[arg-type]  # what was put down with this kind
    elif kind == FIRE:
        fire(state, *what)  # type: ignore[misc]
    elif kind == ARRIVE:
        arrive(state, *what)  # type: ignore[misc]
    elif kind == REFILL:
        gate = state.queue.sites[what]  # type: ignore[index]
        gate.refill(state.now)
        if not gate.is_full():
            state.queue.wake(gate)
    elif kind == PAUSE:
        _pause(state)
    else:
        edit(state, what)  # type: ignore[arg-type]


def _pause(state: State) -> None:
    now = state.now
    paused = frozenset(
        (pause.scope, pause.name)
        for pause in state.pauses
        if pause.begins <= now and (pause.until is None or pause.until > now)
    )
    if paused != state.queue.paused:
        state.queue.pause(paused)


def _ask(state: State, first: str | None) -> None:
    """Let idle backgrounders ask, those of one node first, until there is nothing for them."""
    desks, queue = state.desks, state.queue
    nothing: tuple[int, ...] | None = None
    for desk in (desks[first], *desks.values()) if first in desks else desks.values():
        while desk.free > 0 and desk.lanes and desk.lanes != nothing:
            job = queue.take_next(desk.lanes, state.cancelled)
            if state.cancelled:
                cancel_all(state)
            if job is None:
                nothing = desk.lanes
                break
            start(state, job, desk)
