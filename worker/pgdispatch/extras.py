"""Which extra of the package brings what, for those who meet that it is not installed.

The base needs nothing: handlers, their tests, and `enqueue` for drivers.
"""

from __future__ import annotations

from pgdispatch.errors import ConfigurationError

EXTRA_OF = {  # the package that is imported, and what brings it
    "asyncpg": "node",
    "click": "cli",
    "cronsim": "cli",
    "icalendar": "calendars",
    "jinja2": "web",
    "packaging": "cli",
    "platformdirs": "cli",
    "prometheus_client": "node",
    "psycopg": "cli",
    "recurring_ical_events": "calendars",
    "rich": "cli",
    "sqlalchemy": "cli",
    "starlette": "node",
    "textual": "top",
    "uvicorn": "node",
}


def missing(error: ImportError) -> ConfigurationError | None:
    """Return what to tell a person about a failed import; None if no extra brings what it needs."""
    name = (error.name or "").partition(".")[0]
    if name in EXTRA_OF:
        return ConfigurationError(
            f"this needs the package {name}, which is not installed",
            hint=f"pip install 'pgdispatch[{EXTRA_OF[name]},binary]'",
        )
    if "pq wrapper" in (error.msg or ""):  # psycopg's, which looks for libpq as it is imported
        return ConfigurationError(
            "psycopg finds no libpq", hint="install libpq, or: pip install 'pgdispatch[binary]'"
        )
    return None
