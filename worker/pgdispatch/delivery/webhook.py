"""Post JSON to a webhook, signed as Standard Webhooks (standardwebhooks.com) has it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import http.client
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import IO, Any

from pgdispatch.errors import InvalidInputError, PgdispatchError
from pgdispatch.version import VERSION

PREFIX = "whsec_"
SHOWN = 200  # so much of what the receiver answers is in an error
HOW_TO_MAKE = "make one: echo whsec_$(head -c 32 /dev/urandom | base64)"


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Take a redirection for the refusal that it is: what is posted goes where it was told."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Follow none."""


@dataclass(frozen=True)
class Webhook:
    """Where to post, and with which key to sign, or None; `timeout` in seconds."""

    url: str
    key: bytes | None
    timeout: float

    def post(self, body: bytes, *, message_id: str, at: int) -> None:
        """Post a message; raises PgdispatchError unless the answer is a 2xx.

        `message_id` is the same each time that one message is sent; `at`: now, in Unix time.
        """
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"pgdispatch/{VERSION}",
            "webhook-id": message_id,
            "webhook-timestamp": str(at),
        }
        if self.key is not None:
            headers["webhook-signature"] = sign(self.key, message_id, at, body)
        request = urllib.request.Request(self.url, body, headers, method="POST")  # noqa: S310
        try:
            with urllib.request.build_opener(_NoRedirects).open(request, timeout=self.timeout):
                return
        except urllib.error.HTTPError as error:
            with error:
                said = _beginning(error)
            raise PgdispatchError(
                f"the webhook answered {error.code} {error.reason}{said}"
            ) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = getattr(error, "reason", None) or error
            raise PgdispatchError(f"the webhook cannot be reached: {reason}") from None


def sign(key: bytes, message_id: str, at: int, body: bytes) -> str:
    """Return the header `webhook-signature` of a message."""
    signed = b"%s.%d.%s" % (message_id.encode(), at, body)
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def read_key(secret: str) -> bytes:
    """Return the key that a secret stands for; raises InvalidInputError if it is none."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(PREFIX) or len(key) < 24:
        raise InvalidInputError(
            "it is no secret of a webhook: whsec_ and 24 bytes or more in base64", hint=HOW_TO_MAKE
        )
    return key


def _beginning(answer: IO[bytes]) -> str:
    """Return the beginning of an answer's text, if there is some."""
    try:
        text = " ".join(answer.read(4 * SHOWN).decode(errors="replace").split())
    except (OSError, http.client.HTTPException):
        return ""
    return f": {text[:SHOWN]}" if text else ""
