"""An IMAP server on loopback, for what a reader of a mailbox asks (RFC 3501, RFC 6851, RFC 4315).

It keeps to the contract: a folder that was examined is not changed, ``BODY[]`` marks a message as read and
``BODY.PEEK[]`` does not, UIDs only grow, a range with ``*`` always names the last message.
"""

from __future__ import annotations

import asyncio
import base64
import re
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self

PASSWORD = "a-password-of-this-machine"  # noqa: S105 - opens nothing else
_FETCH = re.compile(r"UID FETCH (\S+) \((.+)\)$", re.IGNORECASE)
_RANGE = re.compile(r"(\d+):(\d+|\*)$")


@dataclass
class Message:
    """A message in a folder."""

    uid: int
    raw: bytes
    received_at: datetime
    flags: set[str] = field(default_factory=set)


class ImapServer:
    """One user's folders."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, can: str = "MOVE UIDPLUS") -> None:
        self.folders: dict[str, list[Message]] = {"INBOX": [], "Done": []}
        self.validity, self.next_uid, self.can = 7, 1, can
        self.hang_up_on = ""
        self.access_token = ""
        """What ``XOAUTH2`` takes."""
        self.commands: list[str] = []
        self.port = 0
        self._tls = tls
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()

    def deliver(self, raw: bytes, received_at: datetime) -> int:
        """A message that came for the user."""
        self.folders["INBOX"].append(Message(self.next_uid, raw, received_at))
        self.next_uid += 1
        return self.next_uid - 1

    def renumber(self) -> None:
        """New UIDs for all messages, as after a server was moved."""
        self.validity += 1
        for place, message in enumerate(self.folders["INBOX"]):
            message.uid = place + 1
        self.next_uid = len(self.folders["INBOX"]) + 1

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        session = _Session(self)
        try:
            while received := (await reader.readline()).decode():
                line = received.rstrip("\r\n")
                if session.authenticating:
                    writer.write(session.authenticated(line))
                    await writer.drain()
                    continue
                tag, _, command = line.partition(" ")
                self.commands.append(command)
                if self.hang_up_on and self.hang_up_on in command:
                    break
                writer.write(session.answer(tag, command))
                await writer.drain()
                if command.upper() == "LOGOUT":
                    break
        except ConnectionError:
            pass
        writer.close()


class _Session:
    def __init__(self, server: ImapServer) -> None:
        self._server, self._in, self._folder, self._may_change = server, False, "", False
        self.authenticating, self._refused = "", False
        """The tag of an exchange that is under way."""

    def authenticated(self, line: str) -> bytes:
        """What the server says to an answer in the exchange (SASL XOAUTH2, as Google documents it)."""
        tag = self.authenticating
        if self._refused:
            self.authenticating, self._refused = "", False
            said = "BAD an empty answer is due" if line else "NO Invalid credentials (Failure)"
            return f"{tag} {said}\r\n".encode()
        wanted = f"user=deals\1auth=Bearer {self._server.access_token}\1\1"
        if base64.b64decode(line) == wanted.encode():
            self._in, self.authenticating = True, ""
            return f"{tag} OK welcome\r\n".encode()
        self._refused = True
        return b"+ " + base64.b64encode(b'{"status":"400","schemes":"Bearer"}') + b"\r\n"

    def answer(self, tag: str, command: str) -> bytes:
        word = command.split(" ", maxsplit=1)[0].upper()
        match word:
            case "CAPABILITY":
                more = f" {self._server.can}" if self._in else " AUTH=XOAUTH2"
                return f"* CAPABILITY IMAP4rev1{more}\r\n{tag} OK done\r\n".encode()
            case "AUTHENTICATE" if command.upper() == "AUTHENTICATE XOAUTH2":
                self.authenticating = tag
                return b"+ \r\n"
            case "LOGIN":
                self._in = f'"{PASSWORD}"' in command
                return f"{tag} {'OK welcome' if self._in else 'NO [AUTHENTICATIONFAILED] wrong'}\r\n".encode()
            case "LOGOUT":
                return f"* BYE\r\n{tag} OK bye\r\n".encode()
            case _ if not self._in:
                return f"{tag} NO log in first\r\n".encode()
            case "SELECT" | "EXAMINE":
                return self._open(tag, command, may_change=word == "SELECT")
            case "UID" if self._folder:
                return self._uid(tag, command)
        return f"{tag} BAD unknown\r\n".encode()

    def _open(self, tag: str, command: str, *, may_change: bool) -> bytes:
        name = command.partition(" ")[2].strip('"')
        if name not in self._server.folders:
            return f"{tag} NO no such folder\r\n".encode()
        self._folder, self._may_change = name, may_change
        count = len(self._server.folders[name])
        said = (
            f"* {count} EXISTS\r\n* OK [UIDVALIDITY {self._server.validity}] valid\r\n"
            f"* OK [UIDNEXT {self._server.next_uid}] next\r\n{tag} OK open\r\n"
        )
        return said.encode()

    def _uid(self, tag: str, command: str) -> bytes:
        messages = self._server.folders[self._folder]
        rest = command[4:]
        if rest.startswith("SEARCH "):
            found = " ".join(str(one.uid) for one in self._searched(messages, rest[7:]))
            return f"* SEARCH {found}\r\n{tag} OK done\r\n".encode()
        if wanted := _FETCH.match(command):
            return self._fetched(messages, wanted) + f"{tag} OK done\r\n".encode()
        name, uids, *target = rest.split(" ", 2)
        chosen = [one for one in messages if str(one.uid) in uids.split(",")]
        if not self._may_change:
            return f"{tag} NO the folder is open to look at alone\r\n".encode()
        return f"{tag} {self._changed(name, chosen, target)}\r\n".encode()

    def _searched(self, messages: list[Message], criterion: str) -> list[Message]:
        if criterion.startswith("SINCE "):
            day = datetime.strptime(criterion[6:], "%d-%b-%Y").replace(tzinfo=UTC)
            return [one for one in messages if one.received_at >= day]
        found = _RANGE.match(criterion.removeprefix("UID "))
        if found is None:
            raise ValueError(f"no search of a reader: {criterion}")
        last = messages[-1].uid if messages else 0
        ends = sorted((int(found[1]), last if found[2] == "*" else int(found[2])))
        return [one for one in messages if ends[0] <= one.uid <= ends[1]]

    def _fetched(self, messages: list[Message], wanted: re.Match[str]) -> bytes:
        answer = b""
        for place, one in enumerate(messages):
            if str(one.uid) != wanted[1]:
                continue
            found = re.search(r"BODY(\.PEEK)?\[\]<0\.(\d+)>", wanted[2])
            if found is None:
                raise ValueError(f"a message without a limit was asked for: {wanted[2]}")
            if not found[1] and self._may_change:
                one.flags.add("\\Seen")
            part = one.raw[: int(found[2])]
            date = one.received_at.strftime("%d-%b-%Y %H:%M:%S %z")
            head = f'* {place + 1} FETCH (UID {one.uid} INTERNALDATE "{date}" BODY[]<0> {{{len(part)}}}\r\n'
            answer += head.encode() + part + b")\r\n"
        return answer

    def _changed(self, name: str, chosen: list[Message], target: list[str]) -> str:
        folder, here = target[0].strip('"') if target else "", self._server.folders[self._folder]
        if name in ("MOVE", "COPY") and folder not in self._server.folders:
            return "NO [TRYCREATE] no such folder"
        match name:
            case "MOVE" if "MOVE" in self._server.can:
                self._server.folders[folder] += chosen
                self._server.folders[self._folder] = [one for one in here if one not in chosen]
            case "COPY":
                self._server.folders[folder] += chosen
            case "STORE":
                for one in chosen:
                    one.flags.add("\\Deleted")
            case "EXPUNGE" if "UIDPLUS" in self._server.can:
                kept = [one for one in here if one not in chosen or "\\Deleted" not in one.flags]
                self._server.folders[self._folder] = kept
            case _:
                return "BAD unknown"
        return "OK done"
