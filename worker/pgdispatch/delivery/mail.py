"""Hand a message to an SMTP server."""

from __future__ import annotations

import os
import re
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from pgdispatch.errors import InvalidInputError, PgdispatchError
from pgdispatch.host.toml_table import Table

ADDRESS = re.compile(r"[^\s@<>,]+@[^\s@<>,]+")


@dataclass(frozen=True)
class Mail:
    """The SMTP server that mail is handed to; `timeout` in seconds."""

    host: str
    port: int
    sender: str
    user: str | None
    password_env: str | None
    starttls: bool
    timeout: float


def read_server(table: Table) -> Mail:
    """Return the mail server that a table names; raises InvalidInputError if that is wrong."""
    mail = Mail(
        host=table.text("host"),
        port=table.integer("port", default=25, least=1, most=65535),
        sender=table.text("sender"),
        user=table.optional_text("user"),
        password_env=table.optional_text("password_env"),
        starttls=table.flag("starttls", default=False),
        timeout=table.number("timeout", default=30, least=1) or 30,
    )
    if not ADDRESS.fullmatch(mail.sender):
        table.refuse("sender", "must be a mail address")
    if (mail.user is None) != (mail.password_env is None):
        table.refuse("user", "and password_env must be given together")
    return mail


def read_addresses(table: Table, key: str) -> tuple[str, ...]:
    """Return the mail addresses under a key; raises InvalidInputError if one is none."""
    addresses = table.texts(key)
    for address in addresses:
        if not ADDRESS.fullmatch(address):
            table.refuse(key, f'holds "{address}", which is no mail address')
    return addresses


def send(
    mail: Mail | None,
    recipients: Sequence[str],
    subject: str,
    text: str,
    html: str | None = None,
    *,
    message_id: str | None = None,
) -> int:
    """Send one message to `recipients` and return how many the server took it for.

    `message_id`: its identity before the sender's domain, if it has one; else a new one.

    Raises PgdispatchError if the server cannot be reached or refuses the message or one of the
    recipients; the others have got it then.
    """
    if mail is None or not recipients:
        return 0
    message = _message(mail, recipients, subject, text, html)
    domain = mail.sender.rpartition("@")[2]
    message["Message-ID"] = (
        make_msgid(domain=domain) if message_id is None else f"<{message_id}@{domain}>"
    )
    try:
        with smtplib.SMTP(mail.host, mail.port, timeout=mail.timeout) as server:
            if mail.starttls:
                server.starttls(context=ssl.create_default_context())
            if mail.user is not None:
                server.login(mail.user, _password(mail))
            refused = server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        raise PgdispatchError(
            f"mail server {mail.host}:{mail.port}: {error}", detail=f"subject: {subject}"
        ) from error
    if refused:
        raise PgdispatchError(
            f"mail server {mail.host}:{mail.port} refused {', '.join(sorted(refused))}",
            detail=f"{len(recipients) - len(refused)} others have got the mail",
        )
    return len(recipients)


def _message(
    mail: Mail, recipients: Sequence[str], subject: str, text: str, html: str | None
) -> EmailMessage:
    message = EmailMessage()
    message["From"] = mail.sender
    message["To"] = ", ".join(recipients)
    message["Subject"] = subject
    message["Date"] = formatdate()
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    return message


def _password(mail: Mail) -> str:
    password = os.environ.get(mail.password_env or "")
    if not password:
        raise InvalidInputError(
            f"mail: the environment variable {mail.password_env} is not set",
            hint=f"set {mail.password_env} where the worker is started",
        )
    return password
