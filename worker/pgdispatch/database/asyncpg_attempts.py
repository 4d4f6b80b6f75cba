"""How asyncpg is to connect, so that it does what libpq would and looks at nothing by itself."""

from __future__ import annotations

import random
from typing import Any
from urllib.parse import urlencode

from pgdispatch.database import conninfo, tls
from pgdispatch.database.conninfo import Options, Place
from pgdispatch.errors import ConnectionStringError

PATIENCE = 10  # seconds for one server, unless the string says
UNSURE = ("allow", "prefer")  # modes in which asyncpg makes its own TLS context
REFUSED = {  # what asyncpg cannot do, and the values with which there is nothing to do
    "channel_binding": ("disable", "prefer"),
    "gssencmode": ("disable", "prefer"),
    "min_protocol_version": ("", "3.0"),
    "replication": ("",),
    "require_auth": ("",),
    "requirepeer": ("",),
    "scram_client_key": ("",),
    "scram_server_key": ("",),
    "sslcertmode": ("allow", "disable"),
    "sslsni": ("1",),
}


def attempts(dsn: str) -> list[dict[str, Any]]:
    """Return the arguments of `asyncpg.connect` for each server to try, in this order.

    Raises `ConnectionStringError` for what libpq refuses, and for what asyncpg cannot do.
    """
    options = conninfo.resolve(dsn)
    _refuse(options)
    servers = conninfo.places(options)
    if options.get("load_balance_hosts") == "random":
        random.shuffle(servers)
    wanted = options["target_session_attrs"]
    rounds = ["standby", "any"] if wanted == "prefer-standby" else [wanted]
    return [
        {**_arguments(options, server), "target_session_attrs": attributes}
        for attributes in rounds
        for server in servers
    ]


def _refuse(options: Options) -> None:
    for name, harmless in REFUSED.items():
        if options.get(name, harmless[0]) not in harmless:
            raise ConnectionStringError(
                f"a node cannot do what {name} in its connection string asks for",
                hint=f"leave {name} out; sslmode=verify-full lets it talk to the right server only",
            )


def _arguments(options: Options, server: Place) -> dict[str, Any]:
    if server.host.startswith("@"):
        raise ConnectionStringError(
            f'a node cannot use the abstract socket "{server.host}"',
            hint="name a folder of the server's unix_socket_directories, or a host",
        )
    given = options.get("options", "")
    return {
        "host": server.address or server.host,
        "port": server.port,
        "user": options["user"],
        "password": server.password,
        "database": options["dbname"],
        "timeout": conninfo.timeout(options, PATIENCE),
        "krbsrvname": options.get("krbsrvname"),
        "server_settings": {"options": given} if given else {},
        **_encryption(options, server),
    }


def _encryption(options: Options, server: Place) -> dict[str, Any]:
    mode = options["sslmode"]
    if mode == "disable" or (not server.address and server.host.startswith("/")):
        return {"ssl": False, "direct_tls": False}  # none over a socket, as libpq
    if mode in UNSURE:
        return {"ssl": mode, "direct_tls": False, "dsn": _url(options)}
    context = tls.make_context(options, server.host)
    return {"ssl": context, "direct_tls": options.get("sslnegotiation") == "direct"}


def _url(options: Options) -> str:
    """Return what asyncpg takes from nowhere else: the certificate it may show."""
    shown = tls.own_certificate(options)
    said = {"sslcert": shown[0], "sslkey": shown[1]} if shown else {}
    named = ("sslpassword", "ssl_min_protocol_version", "ssl_max_protocol_version")
    said |= {name: options[name] for name in named if options.get(name)}
    return f"postgresql://?{urlencode(said)}"
