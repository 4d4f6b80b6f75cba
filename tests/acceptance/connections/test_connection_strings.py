"""A connection string means to each command, and to both drivers, what libpq says it means.

Each case goes through `enqueue`, `queue` and `worker`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from support.cli.command import run_command
from support.nodes.cluster import Cluster, open_cluster
from support.servers.tls_server import TlsServer, binaries_with_tls, open_tls_server

LOGIN = "dbname=jobs user=ann password='se same' port={port}"
SAFE = "sslmode=verify-full sslrootcert={folder}/ca.crt"
FULL = f"host=localhost {LOGIN}"
VARIABLES = {"PGHOST": "localhost", "PGPORT": "{port}", "PGDATABASE": "jobs", "PGUSER": "ann"}
OWN = "sslcert={folder}/own.crt sslkey={folder}/own.key"
PASSWORD = {"PGPASSWORD": "se same"}
SERVICES = {"PGSYSCONFDIR": "{folder}"}
ROOTS = {"PGSSLMODE": "verify-full", "PGSSLROOTCERT": "{folder}/ca.crt"}


@dataclass(frozen=True)
class Case:
    """A string and variables, and part of the sentence with which all refuse it, or None."""

    dsn: str | None
    refused: str | None = None
    variables: dict[str, str] = field(default_factory=dict)


CASES = {
    "key words": Case(FULL),
    "a URL": Case("postgresql://ann:se%20same@localhost:{port}/jobs?sslmode=require"),
    "several hosts": Case(
        "postgresql://ann:se%20same@localhost:1,localhost:{port}/jobs"
        "?target_session_attrs=read-write"
    ),
    "a standby if there is one": Case(f"{FULL} target_session_attrs=prefer-standby"),
    "no standby": Case(f"{FULL} target_session_attrs=standby", "cannot be reached"),
    "any of the hosts": Case(
        "host=localhost,localhost port=1,{port} dbname=jobs user=ann password='se same'"
        " load_balance_hosts=random"
    ),
    "an address": Case(f"hostaddr=127.0.0.1 {LOGIN}"),
    "an address and the name to meet there": Case(
        f"host=db.example hostaddr=127.0.0.1 {LOGIN} {SAFE}"
    ),
    "an address and another name": Case(
        f"host=else.example hostaddr=127.0.0.1 {LOGIN} {SAFE}", "cannot be reached"
    ),
    "a name that the certificate lacks": Case(f"host=127.0.0.1 {LOGIN} {SAFE}", "be reached"),
    "which a chain alone does not mind": Case(
        f"host=127.0.0.1 {LOGIN} sslmode=verify-ca sslrootcert={{folder}}/ca.crt"
    ),
    "an address and no name": Case(
        f"hostaddr=127.0.0.1 {LOGIN} {SAFE}", "host name must be specified"
    ),
    "another root": Case(
        f"{FULL} sslmode=require sslrootcert={{folder}}/other.crt", "cannot be reached"
    ),
    "no root": Case(
        f"{FULL} sslmode=verify-ca sslrootcert={{folder}}/none", 'none" does not exist'
    ),
    "no TLS": Case(f"{FULL} sslmode=disable", "cannot be reached"),
    "TLS at second try": Case(f"{FULL} sslmode=allow"),
    "the system's roots": Case(
        f"{FULL} sslrootcert=system", None, {"SSL_CERT_FILE": "{folder}/ca.crt"}
    ),
    "the system's roots do not know it": Case(f"{FULL} sslrootcert=system", "cannot be reached"),
    "the system's roots, weakly": Case(
        f"{FULL} sslrootcert=system sslmode=require", 'weak sslmode "require" may not be used'
    ),
    "a certificate": Case(
        f"host=localhost port={{port}} dbname=jobs user=cert {SAFE}"
        " sslcert={folder}/own.crt sslkey={folder}/own.key"
    ),
    "a certificate, preferably": Case(
        "host=localhost port={port} dbname=jobs user=cert"
        " sslcert={folder}/own.crt sslkey={folder}/own.key"
    ),
    "a certificate whose key all may read": Case(
        f"{FULL} {SAFE} sslcert={{folder}}/own.crt sslkey={{folder}}/open.key",
        "has group or world access",
    ),
    "a certificate kept back": Case(
        f"host=localhost port={{port}} dbname=jobs user=cert {SAFE} sslcertmode=disable"
        " sslcert={folder}/own.crt sslkey={folder}/own.key",
        "cannot be reached",
    ),
    "a password file": Case(
        "host=localhost port={port} dbname=jobs user=ann passfile={folder}/passes"
    ),
    "a password file for another name": Case(
        "host=localhost hostaddr=127.0.0.1 port={port} dbname=jobs user=ann",
        None,
        {"PGPASSFILE": "{folder}/passes"},
    ),
    "a service": Case("service=jobs", None, SERVICES),
    "a service in a file": Case(
        "service=jobs", None, {"PGSERVICEFILE": "{folder}/pg_service.conf"}
    ),
    "a service before the variables": Case(
        "service=jobs", None, {**SERVICES, "PGHOST": "127.0.0.2", "PGSSLMODE": "disable"}
    ),
    "the string before the service": Case(
        "service=nowhere port={port} password='se same'", None, SERVICES
    ),
    "a service among variables": Case(
        None, None, {**SERVICES, "PGSERVICE": "jobs", "PGHOST": "127.0.0.2"}
    ),
    "a service that is not there": Case(
        "service=none", 'definition of service "none" not found', SERVICES
    ),
    "variables": Case(None, None, {**VARIABLES, **PASSWORD, **ROOTS}),
    "variables that lead to another root": Case(
        None,
        "cannot be reached",
        {**VARIABLES, **PASSWORD, **ROOTS, "PGSSLROOTCERT": "{folder}/other.crt"},
    ),
    "an address in a variable": Case(
        None, None, {**VARIABLES, **PASSWORD, **ROOTS, "PGHOSTADDR": "127.0.0.1"}
    ),
    "settings": Case(f"{FULL} options='-c work_mem=123kB'"),
    "time for each host": Case(f"{FULL} connect_timeout=5 keepalives_idle=10 application_name=x"),
    "no such option": Case("hots=localhost", "is not a connection string"),
}
ONLY_NODES_REFUSE = {
    "channel_binding": "channel_binding=require",
    "require_auth": "require_auth=scram-sha-256",
    "sslcertmode": f"sslcertmode=require {SAFE} {OWN}",
}


@pytest.fixture(scope="module")
def tls() -> Iterator[TlsServer]:
    """Give a server with TLS."""
    binaries = binaries_with_tls()
    if binaries is None:
        pytest.skip("no PostgreSQL of this machine can do TLS")
    with open_tls_server(binaries) as running:
        yield running


@pytest.fixture
def cluster(tls: TlsServer, tmp_path: Path) -> Iterator[Cluster]:
    """Give its database to start nodes on."""
    with open_cluster(tls.admin, tmp_path) as opened:
        yield opened


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_three_commands_understand_a_connection_string_alike(
    cluster: Cluster, tls: TlsServer, case: Case
) -> None:
    """They add a job, show it and run it, or all refuse, with the same sentence.

    But for a server that knows the node and does not let it in: that is the node's configuration.
    """
    dsn = None if case.dsn is None else tls.fill(case.dsn)
    variables = {name: tls.fill(value) for name, value in case.variables.items()}

    added = run_command(dsn, "enqueue", "system", "--json", **variables)
    shown = run_command(dsn, "queue", "--json", **variables)
    node = cluster.start(environment={**variables, "PGDISPATCH_DSN": dsn or ""})

    if case.refused is None:
        assert (added.status, added.err, shown.status, shown.err) == (0, "", 0, "")
        (job,) = [row["job"] for row in shown.rows()]
        assert cluster.ended(job)["outcome"] == "succeeded"
        assert "away" not in node.log
    else:
        assert node.exit_status() in (2, 3)
        assert {added.status, shown.status} <= {2, 3}
        assert case.refused in node.log or "does not let this node in" in node.log
        for said in (added.err, shown.err):
            assert case.refused in said
        for said in (added.err, shown.err, node.log):
            assert "Traceback" not in said
            assert "se same" not in said


@pytest.mark.parametrize("name", ONLY_NODES_REFUSE)
def test_a_node_refuses_what_its_driver_would_leave_out(
    cluster: Cluster, tls: TlsServer, name: str
) -> None:
    """The command does it; a node says that it cannot, and does not connect without."""
    dsn = tls.fill(f"{FULL} {ONLY_NODES_REFUSE[name]}")

    shown = run_command(dsn, "queue")
    node = cluster.start(dsn=dsn)

    assert shown.status == 0
    assert node.exit_status() == 2
    assert f"error: a node cannot do what {name} in its connection string asks for" in node.log
