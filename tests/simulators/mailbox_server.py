"""A mail server in a process of its own, which keeps what it takes and misbehaves as mail servers do.

Run ``python -m tests.simulators.mailbox_server FILE [PORT]``: it says ``listening PORT``, then takes the name of a
:class:`Behaviour` a line on its input and answers each with ``ok``. It ends with its input. Tests use
:class:`MailServer`.
"""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from enum import StrEnum
from pathlib import Path
from typing import Self

from aiosmtpd.smtp import SMTP, Envelope, Session

from local.mailbox import LocalMailbox, ReceivedMail, parse_message, read_messages

HOST = "127.0.0.1"


class Behaviour(StrEnum):
    """What the server does with a message."""

    ACCEPT = "accept"
    """Keeps it and says so."""
    ABSENT = "absent"
    """Does not listen: the connection is refused."""
    ASCII_ONLY = "ascii_only"
    """Knows no SMTPUTF8; keeps what it gets."""
    BUSY = "busy"
    """Answers the recipient with 450: not now."""
    FULL = "full"
    """Answers the message with 452: not now."""
    UNKNOWN_RECIPIENT = "unknown_recipient"
    """Answers the recipient with 550: never."""
    REJECT = "reject"
    """Answers the message with 554: never."""
    KEEP_AND_HANG_UP = "keep_and_hang_up"
    """Keeps it and drops the connection instead of saying so."""
    LOSE_AND_HANG_UP = "lose_and_hang_up"
    """Drops the connection, and the message with it."""
    KEEP_AND_WAIT = "keep_and_wait"
    """Keeps it, and says so only when the behaviour changes."""
    SILENT = "silent"
    """Takes connections and says nothing."""


class _Server(LocalMailbox):
    def __init__(self, file: Path, port: int) -> None:
        super().__init__(host=HOST, port=port, file=file)
        self.behaviour = Behaviour.ACCEPT
        self._changed = asyncio.Event()

    async def behave(self, behaviour: Behaviour) -> None:
        before, self.behaviour = self.behaviour, behaviour
        self._changed.set()
        self._changed = asyncio.Event()
        if behaviour is Behaviour.ABSENT:
            await self.stop()
        elif before is Behaviour.ABSENT:
            await self.start()

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        while self.behaviour is Behaviour.SILENT:
            await self._changed.wait()
        if self.behaviour is Behaviour.ASCII_ONLY:
            return [response for response in responses if "SMTPUTF8" not in response]
        return responses

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.behaviour is Behaviour.BUSY:
            return f"450 4.2.0 Greylisted, try again later: <{address}>"
        if self.behaviour is Behaviour.UNKNOWN_RECIPIENT:
            return f"550 5.1.1 No such user here: {address}"
        if self.behaviour is Behaviour.ASCII_ONLY and not address.isascii():
            return "553 5.6.7 ASCII addresses only"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        match self.behaviour:
            case Behaviour.FULL:
                return "452 4.3.1 Insufficient system storage"
            case Behaviour.REJECT:
                return "554 5.7.1 Message rejected"
            case Behaviour.LOSE_AND_HANG_UP:
                return _hang_up(server)
        self.keep(parse_message(envelope))
        if self.behaviour is Behaviour.KEEP_AND_HANG_UP:
            return _hang_up(server)
        while self.behaviour is Behaviour.KEEP_AND_WAIT:
            await self._changed.wait()
        return "250 Kept"


def _hang_up(server: SMTP) -> str:
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()
    return "421 Nobody hears this"


async def _serve(file: Path, port: int) -> None:
    server = _Server(file, port)
    await server.start()
    print(f"listening {server.port}", flush=True)  # noqa: T201 - the process's protocol
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := (await lines.readline()).decode().strip():
        await server.behave(Behaviour(line))
        print("ok", flush=True)  # noqa: T201 - the process's protocol
    await server.stop()


class MailServer:
    """The server's process, as a test sees it; used as a context manager."""

    def __init__(self, file: Path, *, port: int = 0) -> None:
        self.file, self.host, self.port = file, HOST, port
        self._process: Process | None = None

    async def __aenter__(self) -> Self:
        arguments = ("-m", "tests.simulators.mailbox_server", str(self.file), str(self.port))
        self._process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdin=PIPE, stdout=PIPE)
        self.port = int((await self._answer()).removeprefix("listening "))
        return self

    async def __aexit__(self, *_: object) -> None:
        process, self._process = self._process, None
        if process is not None and process.stdin is not None:
            process.stdin.close()
            await process.wait()

    async def behave(self, behaviour: Behaviour) -> None:
        """Change what the server does, from the next step on."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(f"{behaviour}\n".encode())
        assert await self._answer() == "ok"

    def messages(self) -> list[ReceivedMail]:
        """What the server kept."""
        return read_messages(self.file)

    async def has_kept(self, count: int) -> None:
        """Wait until the server kept so many messages."""
        async with asyncio.timeout(120):
            while len(self.messages()) < count:  # noqa: ASYNC110 - the server is another process
                await asyncio.sleep(0.01)

    async def _answer(self) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        return (await self._process.stdout.readline()).decode().strip()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1]), int(sys.argv[2]) if sys.argv[2:] else 0))
