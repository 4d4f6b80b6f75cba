"""The targets of a node's configuration file: what the names in rules of notices stand for.

[target.ops]
url = "https://hooks.example.com/pgdispatch"   # or url_env, as many a URL is a secret
secret_env = "OPS_SECRET"                       # signed with it; whsec_ and base64

[target.on-call]
to = ["on-call@example.com"]
host = "mail.example.com"                       # more of it: as [mail] of a catalogue
sender = "pgdispatch@example.com"
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

from pgdispatch.delivery.mail import Mail, read_addresses, read_server
from pgdispatch.delivery.webhook import Webhook, read_key
from pgdispatch.errors import InvalidInputError
from pgdispatch.host.toml_table import Table

KEY = "target"
FILE = "configuration file"
NAME = re.compile(r"[^\W_][\w.-]{0,62}", re.ASCII)


@dataclass(frozen=True)
class Mailbox:
    """A mail server, and who gets the mail."""

    server: Mail
    recipients: tuple[str, ...]


Target = Webhook | Mailbox


def read_targets(document: Mapping[str, Any], path: Path) -> dict[str, Target]:
    """Return the targets of a configuration file by their names.

    Raises InvalidInputError naming the file, the table and the key that is wrong.
    """
    top = Table(path, "top level", document, file=FILE)
    targets = {}
    for name, found in top.named_tables(KEY):
        if not NAME.fullmatch(name):
            top.refuse(KEY, f'holds "{name}", which is no name', "use letters, digits, . _ and -")
        table = Table(path, f"[{KEY}.{name}]", found.values, file=FILE)
        kinds = [key for key in ("url", "url_env", "to") if key in found.values]
        if len(kinds) != 1:
            table.refuse("url", "or url_env, or to, must be given, and not more than one of them")
        targets[name] = _mailbox(table) if kinds == ["to"] else _webhook(table)
        table.end()
    return targets


def _webhook(table: Table) -> Webhook:
    key = "url" if "url" in table.values else "url_env"
    url = table.optional_text("url") or _variable(table, "url_env") or ""
    try:
        parts = urlsplit(url)
        is_url = parts.scheme in ("http", "https") and bool(parts.hostname) and url.isprintable()
    except ValueError:
        is_url = False
    if not is_url or " " in url:
        table.refuse(key, "must be a URL that begins with https:// or http://")
    secret = _variable(table, "secret_env")
    try:
        signing = None if secret is None else read_key(secret)
    except InvalidInputError as error:
        table.refuse("secret_env", error.message, error.hint)
    timeout = table.number("timeout", default=10, least=1) or 10
    return Webhook(url, signing, timeout)


def _mailbox(table: Table) -> Mailbox:
    mailbox = Mailbox(read_server(table), read_addresses(table, "to"))
    if not mailbox.recipients:
        table.refuse("to", 'is empty; write to = ["on-call@example.com"]')
    if mailbox.server.password_env is not None:
        _variable(table, "password_env")
    return mailbox


def _variable(table: Table, key: str) -> str | None:
    """Return what the environment variable holds that a key names, or None if there is no key."""
    name = table.optional_text(key)
    if name is None:
        return None
    value = os.environ.get(name)
    if not value:
        _missing(table, key, name)
    return value


def _missing(table: Table, key: str, name: str) -> NoReturn:
    table.refuse(key, f"names {name}, which is not set in the environment", "set it for this node")
