"""A mailbox as a source that is polled: new messages by their UIDs, told like those of a webhook.

The cursor is ``validity:first:last:day``: the folder's UIDVALIDITY, the UID before the first message that is ours to
read, the last one that was read, and the day (UTC) of that reading. Where a server gives all messages new UIDs, those
since the day before are read again; the intake knows each by its Message-ID.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Self, TypeVar

from integrations.imap.login import tokens_of
from integrations.imap.mailbox import Folder, ImapMailbox, LoginRefused, Stored
from integrations.imap.settings import ImapConnection
from integrations.kit.errors import NotHandedOver, Refused
from integrations.kit.findings import Finding
from integrations.kit.polling import Polled
from integrations.mail.inbound.deal_events import MAIL, deal_events
from integrations.mail.inbound.incoming import read_mail
from store.database import Store

SOURCE = MAIL
"""In the intake, too, it is a message that a mail server handed on."""
_Done = TypeVar("_Done")
AT_ONCE = 20
"""Messages of one poll."""
_MOVED_AT_ONCE = 200
_CURSOR = re.compile(r"(\d{1,10}):(\d{1,10}):(\d{1,10}):(\d{4}-\d\d-\d\d)", re.ASCII)


@dataclass(frozen=True)
class Cursor:
    """How far a folder was read."""

    validity: int
    first: int
    last: int
    day: date

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The cursor that a text is; None when it is none."""
        found = _CURSOR.fullmatch(text)
        try:
            return cls(int(found[1]), int(found[2]), int(found[3]), date.fromisoformat(found[4])) if found else None
        except ValueError:
            return None

    def __str__(self) -> str:
        return f"{self.validity}:{self.first}:{self.last}:{self.day.isoformat()}"


class ImapPolling:
    """Reads a mailbox."""

    def __init__(
        self, connection: ImapConnection, store: Store, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._connection, self._store, self._clock = connection, store, clock
        self._tokens = tokens_of(connection, store)

    async def poll(self, cursor: str | None) -> Polled:
        """The messages behind the cursor, at most :data:`AT_ONCE`; without one, none, and the next are those to come.

        What was read until the cursor is in the intake, and is moved now if a folder for it is configured.

        Raises:
            NotHandedOver: the server is away.
            Refused: it does not take the login, or lacks a folder.
            StoreAway: the database does not answer.
        """
        today = self._clock().date()
        place = Cursor.read(cursor or "")
        read, stored, more = await self._visited(lambda mailbox: self._visit(mailbox, place, today))
        mails = [await asyncio.to_thread(read_mail, one.raw, one.received_at) for one in stored]
        events = [event for mail in mails for event in await deal_events(self._store, SOURCE, [mail], mail.received_at)]
        return Polled(events=tuple(events), cursor=str(read), more=more)

    async def health(self) -> list[Finding]:
        """Whether the mailbox can be read. It changes nothing."""
        where = f"mailbox {self._connection.username} at {self._connection.host}"
        try:
            folder = await self._visited(lambda mailbox: mailbox.open(to_change=False))
        except (NotHandedOver, Refused) as error:
            remedy = "check host, port, security, username, password or oauth, and folder of tools.imap"
            return [Finding("problem", where, error.reason, remedy)]
        return [Finding("ok", where, f"{self._connection.folder} can be read; the next message gets {folder.next_uid}")]

    async def repair(self) -> list[Finding]:
        """A mailbox has no subscription that could be switched off."""
        return []

    async def _visited(self, deed: Callable[[ImapMailbox], _Done]) -> _Done:
        """Visit the mailbox. An access token that it does not take is replaced once."""

        def visit(token: str | None) -> _Done:
            with ImapMailbox(self._connection, token) as mailbox:
                return deed(mailbox)

        if self._tokens is None:
            return await asyncio.to_thread(visit, None)
        authorization = await self._tokens.authorization()
        try:
            return await asyncio.to_thread(visit, authorization.secrets[0])
        except LoginRefused:
            if not await self._tokens.renew(authorization):
                raise
            return await asyncio.to_thread(visit, (await self._tokens.authorization()).secrets[0])

    def _visit(self, mailbox: ImapMailbox, cursor: Cursor | None, today: date) -> tuple[Cursor, list[Stored], bool]:
        folder = mailbox.open(to_change=self._connection.done_folder is not None)
        if cursor is None:
            before = max(folder.next_uid - 1, 0)
            return Cursor(folder.validity, before, before, today), [], False
        if cursor.validity != folder.validity:
            new, uids = self._begun_anew(mailbox, folder, cursor)
        else:
            mailbox.move(mailbox.after(cursor.first, cursor.last)[:_MOVED_AT_ONCE])
            new, uids = cursor, mailbox.after(cursor.last)
        page = uids[:AT_ONCE]
        stored = [one for uid in page if (one := mailbox.fetch(uid)) is not None]
        more = len(uids) > AT_ONCE
        # With messages left, the day stays: another change of validity must not pass over them.
        return replace(new, last=max([new.last, *page]), day=new.day if more else today), stored, more

    def _begun_anew(self, mailbox: ImapMailbox, folder: Folder, cursor: Cursor) -> tuple[Cursor, list[int]]:
        uids = mailbox.since(cursor.day - timedelta(days=1))
        before = min([*uids, folder.next_uid]) - 1
        return Cursor(folder.validity, before, before, cursor.day), uids
