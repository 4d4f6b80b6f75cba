"""A mail server on this machine that keeps what it gets: for the demo and for tests."""

from __future__ import annotations

import asyncio
import socket
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Any

from aiosmtpd.smtp import SMTP

HOST = "127.0.0.1"
LARGEST = 32 << 20


class MailServer:
    """Take mail on a free loopback port while the `with` block runs, and keep every message.

    `messages` holds them in the order of arrival; the envelope's recipients are in the header
    `X-Envelope-To`. Nothing is ever sent on. It serves from a thread of its own.
    """

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.host = HOST
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="mail", daemon=True)

    def __enter__(self) -> MailServer:
        listener = socket.create_server((HOST, 0))
        self.port = listener.getsockname()[1]
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._serve(listener), self._loop).result(timeout=10)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    async def handle_DATA(  # noqa: N802 - the name is aiosmtpd's
        self,
        server: Any,  # noqa: ARG002 - the signature is aiosmtpd's
        session: Any,  # noqa: ARG002
        envelope: Any,
    ) -> str:
        """Keep one message."""
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)  # noqa: S101 - the policy above makes these
        message["X-Envelope-To"] = ", ".join(envelope.rcpt_tos)
        self.messages.append(message)
        return "250 kept"

    async def _serve(self, listener: socket.socket) -> None:
        def session() -> SMTP:
            return SMTP(self, data_size_limit=LARGEST, hostname="localhost", loop=self._loop)

        self._server = await self._loop.create_server(session, sock=listener)

    async def _stop(self) -> None:
        self._server.close()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
