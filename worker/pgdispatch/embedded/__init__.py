"""A private PostgreSQL server on a unix socket, for `pgdispatch up`, the demo and the tests.

It serves one machine and whoever started it. It needs no root, opens no port, and ends with the
process that started it, however that process ends.
"""

from __future__ import annotations

from pgdispatch.embedded.binaries import Binaries, find_binaries
from pgdispatch.embedded.failure import EmbeddedServerError
from pgdispatch.embedded.folders import default_data_folder
from pgdispatch.embedded.server import EmbeddedServer

__all__ = [
    "Binaries",
    "EmbeddedServer",
    "EmbeddedServerError",
    "default_data_folder",
    "find_binaries",
]
