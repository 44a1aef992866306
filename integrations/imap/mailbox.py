"""One visit to a mailbox over IMAP (RFC 3501): what is new, its messages, and where they go afterwards.

The standard library's client blocks, so visits are made in a thread. Every wait has a limit, and so has what is read.
"""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Self, TypeAlias

from integrations.imap.settings import ImapConnection
from integrations.kit.errors import NotHandedOver, Refused
from integrations.mail.headers import plain
from integrations.mail.inbound.mime import MOST_READ

SECONDS = 20
_MOST_UIDS = 10_000
_INTERNALDATE = re.compile(rb'INTERNALDATE "([^"]{10,40})"')
_NUMBER = re.compile(rb"[0-9]{1,10}")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_Parts: TypeAlias = Sequence[bytes | tuple[bytes, bytes] | None]
_Answer: TypeAlias = tuple[str, _Parts]


@dataclass(frozen=True)
class Folder:
    """A folder as it stands. UIDs grow with each message; another ``validity`` makes all of them anew."""

    validity: int
    next_uid: int


@dataclass(frozen=True)
class Stored:
    """A message in the mailbox: its first MiB, and when the server got it."""

    uid: int
    received_at: datetime
    raw: bytes


class LoginRefused(Refused):
    """The server does not take the login."""


class ImapMailbox:
    """A visit; used as a context manager. With an access token it is used in the place of the password.

    Raises:
        NotHandedOver: the server is away, or broke off. Nothing is lost.
        Refused: it does not take the login, or has no such folder.
    """

    def __init__(self, to: ImapConnection, token: str | None = None) -> None:
        self._to, self._token = to, token
        self._imap: imaplib.IMAP4 | None = None

    def __enter__(self) -> Self:
        try:
            self._imap = _connected(self._to)
            self._log_in(self._imap)
        except imaplib.IMAP4.error as error:
            self._leave()
            raise NotHandedOver(f"{self._where} does not talk IMAP as expected: {_words(error)}") from None
        except (OSError, ssl.SSLError) as error:
            self._leave()
            raise NotHandedOver(f"{self._where} cannot be reached: {_words(error)}") from None
        except Refused:
            self._leave()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._leave()

    def open(self, *, to_change: bool) -> Folder:
        """Open the folder: to look at alone, unless messages are to be moved."""
        folder = _quoted(self._to.folder)
        self._said("SELECT", self._try("SELECT", lambda: self._client.select(folder, readonly=not to_change)))
        return Folder(self._number("UIDVALIDITY"), self._number("UIDNEXT"))

    def after(self, uid: int, until: int | None = None) -> list[int]:
        """The UIDs behind one, in order; with ``until``, up to that one."""
        last = "*" if until is None else str(until)
        # ``n:*`` names the last message even where its UID is smaller.
        found = self._search(f"UID {uid + 1}:{last}")
        return [one for one in found if one > uid and (until is None or one <= until)]

    def since(self, day: date) -> list[int]:
        """The UIDs of messages that came on a day or later, as the server counts days."""
        return self._search(f"SINCE {day.day}-{_MONTHS[day.month - 1]}-{day.year}")

    def fetch(self, uid: int) -> Stored | None:
        """A message, without marking it as read; None when it is gone by now."""
        wanted = f"(INTERNALDATE BODY.PEEK[]<0.{MOST_READ}>)"
        parts = self._said("FETCH", self._do("FETCH", str(uid), wanted))
        for part in parts:
            if isinstance(part, tuple):
                return Stored(uid, _received_at(part[0]), part[1][:MOST_READ])
        return None

    def move(self, uids: Sequence[int]) -> None:
        """Move messages to the folder for those that were read; nothing where none is configured."""
        if not uids or self._to.done_folder is None:
            return
        named, target = ",".join(map(str, uids)), _quoted(self._to.done_folder)
        # Servers may tell more of what they can do once they know who asks.
        parts = self._said("CAPABILITY", self._try("CAPABILITY", self._client.capability))
        capabilities = b" ".join(part for part in parts if isinstance(part, bytes)).decode("ascii", "replace").split()
        if "MOVE" in capabilities:
            self._said("MOVE", self._do("MOVE", named, target))
        elif "UIDPLUS" in capabilities:
            self._said("COPY", self._do("COPY", named, target))
            self._said("STORE", self._do("STORE", named, "+FLAGS.SILENT", r"(\Deleted)"))
            self._said("EXPUNGE", self._do("EXPUNGE", named))
        else:
            raise Refused(f"{self._where} moves no single messages (MOVE, UIDPLUS): leave done_folder out")

    @property
    def _client(self) -> imaplib.IMAP4:
        if self._imap is None:
            message = "the mailbox is not open"
            raise RuntimeError(message)
        return self._imap

    @property
    def _where(self) -> str:
        return f"the IMAP server {self._to.host}:{self._to.port}"

    def _log_in(self, imap: imaplib.IMAP4) -> None:
        password = self._to.password
        try:
            if self._token is not None:
                answers = iter((f"user={self._to.username}\1auth=Bearer {self._token}\1\1".encode(),))
                # After a refusal the server says why, and waits for an empty answer.
                imap.authenticate("XOAUTH2", lambda _: next(answers, b""))
            elif password is not None:
                imap.login(self._to.username, password.get_secret_value())
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:  # its text may repeat what was sent
            raise LoginRefused(f"{self._where} does not take the login of {self._to.username}") from None

    def _search(self, criterion: str) -> list[int]:
        parts = self._said("SEARCH", self._do("SEARCH", criterion))
        found = [number for part in parts if isinstance(part, bytes) for number in _NUMBER.findall(part)]
        return sorted({int(number) for number in found})[:_MOST_UIDS]

    def _do(self, command: str, *arguments: str) -> _Answer:
        return self._try(command, lambda: self._client.uid(command, *arguments))

    def _try(self, command: str, call: Callable[[], _Answer]) -> _Answer:
        try:
            return call()
        except (imaplib.IMAP4.abort, OSError) as error:
            raise NotHandedOver(f"{self._where} broke off: {_words(error)}") from None
        except imaplib.IMAP4.error as error:
            raise Refused(f"{self._where} refused {command}: {_words(error)}") from None

    def _said(self, command: str, answer: _Answer) -> _Parts:
        status, parts = answer
        if status != "OK":
            first = next((part for part in parts if isinstance(part, bytes)), b"")
            said = plain(first.decode("utf-8", "replace"))[:200]
            raise Refused(f"{self._where} answered {command} with {status}: {said}")
        return parts

    def _number(self, name: str) -> int:
        _, parts = self._client.response(name)
        found = next((_NUMBER.match(part) for part in parts if isinstance(part, bytes)), None)
        if found is None:
            raise Refused(f"{self._where} does not say its {name}, without which nothing can be read once only")
        return int(found[0])

    def _leave(self) -> None:
        if self._imap is not None:
            with suppress(imaplib.IMAP4.error, OSError):
                self._imap.logout()
            self._imap = None


def _connected(to: ImapConnection) -> imaplib.IMAP4:
    trusted = ssl.create_default_context(cafile=to.ca_file) if to.security != "none" else None
    if to.security == "tls":
        return imaplib.IMAP4_SSL(to.host, to.port, ssl_context=trusted, timeout=SECONDS)
    imap = imaplib.IMAP4(to.host, to.port, timeout=SECONDS)
    if to.security == "starttls":
        imap.starttls(trusted)
    return imap


def _received_at(said: bytes) -> datetime:
    found = _INTERNALDATE.search(said)
    try:
        written = found[1].decode("ascii").strip() if found else ""
        return datetime.strptime(written, "%d-%b-%Y %H:%M:%S %z").astimezone(UTC)
    except (ValueError, OverflowError):
        return datetime.now(UTC)


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _words(error: BaseException) -> str:
    return plain(f"{type(error).__name__}: {error}")[:200]
