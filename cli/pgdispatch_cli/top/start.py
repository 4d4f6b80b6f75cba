"""How the screen begins: live if the terminal and the packages there are allow it, else once."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec

from pgdispatch.errors import NotFoundError
from pgdispatch_cli.connecting import target
from pgdispatch_cli.output import write_object
from pgdispatch_cli.stderr import write_remark
from pgdispatch_cli.top import once, view
from pgdispatch_cli.top.panes import PANES
from pgdispatch_cli.top.reading import DEEP, LOWER, UPPER, Looked, Options, Session, Wish

MOST_SITES = 1000  # that are read
DUMB = {"", "dumb", "unknown"}  # what TERM says of a terminal that cannot move its cursor


def start(options: Options, *, is_once: bool, as_json: bool) -> int:
    """Show the screen live, or print it once; return the exit status."""
    session = Session(target().dsn, is_read_only=options.is_read_only)
    if as_json or is_once or not is_live():
        try:
            write(session.look(wish_of(options, as_json=as_json)), session, as_json=as_json)
        finally:
            session.close()
        return 0
    return run_live(session, options)


def write(looked: Looked, session: Session, *, as_json: bool) -> None:
    """Print a look, for people or for programs."""
    refuse_unknown_site(looked)
    if as_json:
        write_object(view.as_json(looked))
    else:
        once.write_once(looked, place=session.place)


def run_live(session: Session, options: Options) -> int:
    """Show the screen until its end; what is refused is refused before it begins."""
    from pgdispatch_cli.top.app import Top  # noqa: PLC0415  # textual, where it is there

    looked = session.look(options.first_wish)
    refuse_unknown_site(looked)
    top = Top(session, options, looked)
    top.run()
    return top.return_code or 0


def wish_of(options: Options, *, as_json: bool) -> Wish:
    """Return what is to be printed."""
    panes = tuple(PANES) if as_json else (UPPER, LOWER)
    chosen = panes if options.pane is None else (options.pane,)
    if as_json:
        return Wish(chosen, options.site, depth=DEEP)
    return Wish(chosen, options.site, has_hour=once.has_hour())


def is_live() -> bool:
    """Tell whether the screen can be live; says so if a package is missing for it."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM", "") in DUMB:
        return False
    if find_spec("textual") is None:
        write_remark(
            "once only: the live screen needs the extra 'top' of the package; "
            "see also: pgdispatch status --watch"
        )
        return False
    return True


def refuse_unknown_site(looked: Looked) -> None:
    """Refuse a site that is not there, or that one may not see."""
    site = looked.wish.site
    if site is not None and site not in looked.sites and len(looked.sites) < MOST_SITES:
        raise NotFoundError(f"site {site} does not exist", hint="see: pgdispatch site list")
