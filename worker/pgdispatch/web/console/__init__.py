"""The console: pages for people who look at the service and steer it, each as a database user."""

from __future__ import annotations

from pgdispatch.errors import ConfigurationError
from pgdispatch.web.console.options import ConsoleOptions

PARTS = ("jinja2", "markupsafe", "starlette", "uvicorn")


def serve(options: ConsoleOptions) -> int:
    """Serve the console until a signal ends it; see `server.serve`.

    Raises `ConfigurationError` if the extra `web` is not installed.
    """
    try:
        from pgdispatch.web.console import server  # noqa: PLC0415  # it needs an extra
    except ModuleNotFoundError as error:
        if error.name not in PARTS:
            raise
        raise ConfigurationError(
            f"the console needs the package {error.name}, which is not installed",
            hint="install the extra web: pip install 'pgdispatch[web]'",
        ) from None
    return server.serve(options)
