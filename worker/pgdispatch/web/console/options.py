"""What `pgdispatch web` was told, and whether that is safe to serve."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from pgdispatch.errors import ConfigurationError
from pgdispatch.node.listener import split_address

ACCESS = ("login", "proxy", "none")
ANYWHERE = ("0.0.0.0", "::")  # noqa: S104  # compared with, not listened on


@dataclass(frozen=True)
class ConsoleOptions:
    """Where and for whom the console is.

    `dsn`: the database; its user and password count with `proxy` and `none` only. `listen`:
    HOST:PORT. `access`: `login` (a database user and password), `proxy` (the header `user_header`
    of a proxy in `trust_from` names the user), `none` (whoever has the token of its address).
    `hosts`: names that the console is asked under, beside that of `listen`. `base_path`: what all
    its paths begin with, such as /pgdispatch. `trust_from`: addresses, or networks, whose
    X-Forwarded-… headers count. `is_insecure`: serve plain http to other machines. `is_private`:
    the database is that of `up` or `demo`, so `none` needs no `is_read_only`. `is_tableau_api`:
    answer Tableau's clients, too. `webhook_targets`: for which addresses they may make webhooks,
    and the name of the target that each stands for.
    """

    dsn: str
    listen: str = "127.0.0.1:8060"
    access: str = "login"
    is_read_only: bool = False
    hosts: tuple[str, ...] = ()
    base_path: str = ""
    trust_from: tuple[str, ...] = ()
    user_header: str | None = None
    max_people: int = 50
    is_insecure: bool = False
    is_private: bool = False
    is_tableau_api: bool = False
    webhook_targets: tuple[tuple[str, str], ...] = ()

    def check(self) -> None:
        """Raise `ConfigurationError` for what cannot be served, or not safely."""
        for address in self.trust_from:
            _check_address(address)
        if self.base_path and not re.fullmatch(r"(/[\w.~-]+)+", self.base_path, re.ASCII):
            raise ConfigurationError(
                f"{self.base_path!r} is no path to be under", hint="such as --base-path /pgdispatch"
            )
        self._check_access()
        self._check_listen()
        self._check_webhooks()

    def is_loopback(self) -> bool:
        """Whether only this machine can ask."""
        return is_loopback(split_address(self.listen)[0])

    def names(self) -> frozenset[str]:
        """Return the names under which the console may be asked."""
        host = split_address(self.listen)[0].lower()
        own = {host} - set(ANYWHERE)
        if is_loopback(host):
            own.add("localhost")
        return frozenset(own | {name.lower() for name in self.hosts})

    def _check_access(self) -> None:
        if self.access == "proxy" and not (self.user_header and self.trust_from):
            raise ConfigurationError(
                "who is to say which user asks is not told",
                hint="give --user-header and --trust-from, or a header could be forged",
            )
        if self.access != "proxy" and self.user_header:
            raise ConfigurationError(
                "--user-header counts with --auth proxy only", hint="give --auth proxy, too"
            )
        if self.access == "none" and not self.is_private and not self.is_read_only:
            raise ConfigurationError(
                "without sign-in the console only looks", hint="give --read-only, too"
            )
        if self.access == "none" and not self.is_loopback():
            raise ConfigurationError(
                "without sign-in the console serves this machine only",
                hint="listen on 127.0.0.1, or let people sign in",
            )

    def _check_webhooks(self) -> None:
        if self.webhook_targets and not self.is_tableau_api:
            raise ConfigurationError(
                "--webhook-target counts for Tableau's clients only",
                hint="give --tableau-api, too",
            )
        targets = [target for _, target in self.webhook_targets]
        if len(set(targets)) < len(targets):
            raise ConfigurationError(
                "two addresses of --webhook-target stand for one target",
                hint="give each target one address",
            )

    def _check_listen(self) -> None:
        if split_address(self.listen)[0] in ANYWHERE and not self.hosts:
            raise ConfigurationError(
                "under which names people reach the console is not told",
                hint="give --host NAME, as the address line of their browser has it",
            )
        if not (self.is_loopback() or self.trust_from or self.is_insecure):
            raise ConfigurationError(
                "passwords would cross the network in the clear",
                hint="put a proxy with https before it and name that by --trust-from; or give"
                " --insecure",
            )


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine to itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _check_address(address: str) -> None:
    try:
        ip_network(address)
    except ValueError:
        raise ConfigurationError(
            f"{address!r} is no address to trust",
            hint="such as --trust-from 10.0.0.5, or a network: 10.0.0.0/8",
        ) from None
