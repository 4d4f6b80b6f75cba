"""Hand a message to the SMTP server of the catalogue."""

from __future__ import annotations

import os
import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from pgdispatch.errors import InvalidInputError, PgdispatchError
from pgdispatch.handlers.catalogue.definition import Mail


def send(
    mail: Mail | None, recipients: Sequence[str], subject: str, text: str, html: str | None = None
) -> int:
    """Send one message to `recipients` and return how many the server took it for.

    Raises PgdispatchError if the server cannot be reached or refuses the message or one of the
    recipients; the others have got it then.
    """
    if mail is None or not recipients:
        return 0
    message = _message(mail, recipients, subject, text, html)
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
    message["Message-ID"] = make_msgid(domain=mail.sender.rpartition("@")[2])
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
