"""The local mailbox: an SMTP server that keeps every message and delivers none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Self

from aiosmtpd.smtp import SMTP, Envelope, Session
from pydantic import AwareDatetime, BaseModel, ConfigDict

EFFECT_HEADER = "X-Dealwright-Effect"
_LARGEST = 16 * 1024 * 1024


class ReceivedMail(BaseModel):
    """A message as it arrived. ``dated`` is its own date, which is in the deal's time; ``arrived_at`` is ours."""

    model_config = ConfigDict(frozen=True)

    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    headers: dict[str, str]
    dated: AwareDatetime | None
    arrived_at: AwareDatetime

    @property
    def effect(self) -> str | None:
        """The id of the effect that sent it, if a deal did."""
        return self.headers.get(EFFECT_HEADER)


class LocalMailbox:
    """Takes every message on ``host:port`` (0: a free one) while it is started; used as a context manager.

    Messages are kept in memory and, when a file is given, in it: one JSON object a line, written before the
    sender gets its answer. What the file holds from earlier is read at the start.
    """

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0, file: Path | None = None) -> None:
        self.host, self.port, self.file = host, port, file
        self._messages: list[ReceivedMail] = []
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Begin to listen.

        Raises:
            OSError: the port is taken.
        """
        if self.file is not None:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            self._messages = read_messages(self.file)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._protocol(loop), self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def messages(self, recipient: str | None = None) -> list[ReceivedMail]:
        """What arrived, in order; for one recipient, or all."""
        return [letter for letter in self._messages if recipient is None or recipient in letter.recipients]

    def keep(self, letter: ReceivedMail) -> None:
        """Put a message into the box."""
        if self.file is not None:
            with self.file.open("a", encoding="utf-8") as lines:
                lines.write(letter.model_dump_json() + "\n")
        self._messages.append(letter)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """Take a message; the answer to the sender."""
        self.keep(parse_message(envelope))
        return "250 Kept"

    def _protocol(self, loop: asyncio.AbstractEventLoop) -> Callable[[], SMTP]:
        return lambda: SMTP(
            self, hostname="mailbox", data_size_limit=_LARGEST, enable_SMTPUTF8=True, ident="Dealwright", loop=loop
        )


def parse_message(envelope: Envelope) -> ReceivedMail:
    """A message that SMTP brought."""
    content = envelope.original_content or b""
    message = message_from_bytes(content, policy=policy.default)
    body = message.get_body(("plain",))
    date = message["Date"].datetime if message["Date"] else None
    return ReceivedMail(
        sender=envelope.mail_from or "",
        recipients=tuple(envelope.rcpt_tos),
        subject=str(message["Subject"] or ""),
        text=str(body.get_content()) if body else "",
        headers={name: str(value).strip() for name, value in message.items()},
        dated=date if date is None or date.tzinfo else date.replace(tzinfo=UTC),
        arrived_at=datetime.now(UTC),
    )


def read_messages(file: Path) -> list[ReceivedMail]:
    """The messages that a mailbox kept in a file; none when there is no file yet."""
    if not file.exists():
        return []
    lines = file.read_text(encoding="utf-8").split("\n")  # a text may hold line separators of other kinds
    return [ReceivedMail.model_validate_json(line) for line in lines if line.strip()]
