"""Stops a session in the middle of one of our functions, where a rival can overtake it."""

from __future__ import annotations

from support.sessions.ring import Ring, Session
from support.sessions.verbs import Verbs

PLACE = 4711
PAUSE = """
create or replace function public.pause(p_place text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if current_setting('test.pause', true) = p_place then
        perform set_config('test.pause', '', false);
        perform pg_advisory_lock(4711);
        perform pg_advisory_unlock(4711);
    end if;
end
$$;
create or replace function public.pause_here() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform public.pause(tg_argv[0]);
    return new;
end
$$
"""


def pause_at(verbs: Verbs, table: str, when: str) -> None:
    """Let `when`, such as `before insert`, be a place of that table where a session can stop."""
    verbs.run(PAUSE)
    verbs.run(f"create trigger a_pause {when} on pgdispatch.{table} for each row "
              f"execute function public.pause_here('{table}')")  # fmt: skip


def pause_in(verbs: Verbs, function: str, parameters: str, returns: str) -> None:
    """Let the beginning of a function be such a place, named like it."""
    given = ", ".join(parameter.split()[0] for parameter in parameters.split(", "))
    verbs.run(PAUSE)
    verbs.run(f"alter function pgdispatch.{function} rename to real_{function}")
    verbs.run(f"""
        create function pgdispatch.{function}({parameters}) returns {returns}
        language plpgsql as $$
        begin
            perform public.pause('{function}');
            return pgdispatch.real_{function}({given});
        end
        $$""")


def stop_at(session: Session, place: str) -> None:
    """Make a session stop when it comes to a place for the first time."""
    session.verbs.run("select set_config('test.pause', %s, false)", place)


def block(ring: Ring) -> Session:
    """Close all places; whoever comes to one is seen waiting for a lock."""
    guard = ring.session()
    guard.verbs.run("select pg_advisory_lock(%s)", PLACE)
    return guard


def let_go(guard: Session) -> None:
    """Open all places again."""
    guard.verbs.run("select pg_advisory_unlock(%s)", PLACE)
