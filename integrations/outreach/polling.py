"""Outreach read beside its webhooks: it counts any answer as delivered, so that what we could not take is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue

from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.findings import Finding
from integrations.kit.mapping.events import events_after_fetch, events_from
from integrations.kit.mapping.files import shipped_mapping
from integrations.kit.open_tasks import OpenTasks
from integrations.kit.own_tasks import OwnTasks
from integrations.kit.polling import Polled
from integrations.kit.tool import Connected
from integrations.outreach.client import OutreachClient
from integrations.outreach.done_tasks import DoneTasks
from integrations.outreach.happenings import Happenings, Item
from integrations.outreach.settings import SOURCE, OutreachConnection
from integrations.outreach.subscriptions import check, mend, needed
from store.database import Store
from store.intake import Event

_OVERLAP = timedelta(minutes=10)
"""How much is read again: clocks differ, and what is long in the making shows late."""
_CANNOT = (NotHandedOver, Refused, Unanswered)


class _Cursor(BaseModel):
    """The time that is being read, of which kind of record, and its next page."""

    model_config = ConfigDict(frozen=True)

    since: AwareDatetime
    until: AwareDatetime
    kind: Literal["sequenceState", "mailing", "task"] = "sequenceState"
    page: str | None = None
    under_way: bool = False
    last_task: str = ""
    """The last open task that was asked for by its id."""

    def pass_at(self, now: datetime) -> _Cursor:
        """The pass that is under way, or the next one."""
        if self.under_way:
            return self
        return _Cursor(since=self.until - _OVERLAP, until=now, under_way=True, last_task=self.last_task)

    def then(self, page: str | None, *, with_tasks: bool) -> _Cursor:
        """Where to go on after a page."""
        if page is not None:
            return self.model_copy(update={"page": page})
        if self.kind == "sequenceState":
            return self.model_copy(update={"kind": "mailing", "page": None})
        if self.kind == "mailing" and with_tasks:
            return self.model_copy(update={"kind": "task", "page": None})
        return self.model_copy(update={"under_way": False, "page": None})


def outreach_polling(connected: Connected) -> OutreachPolling:
    """What of a connected organization can be read."""
    return OutreachPolling(connected.block(OutreachConnection), connected.store)


class OutreachPolling:
    """One Outreach organization."""

    def __init__(
        self, connection: OutreachConnection, store: Store, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._connection, self._client, self._clock = connection, OutreachClient(connection, store), clock
        self._happenings, self._own = Happenings(store), OwnTasks(store, SOURCE)
        self._tasks = DoneTasks(self._client, connection, store)
        self._open = OpenTasks(store, SOURCE, self._tasks)
        self._source = shipped_mapping("outreach").with_settings(connection.settings, connection.tables)

    async def poll(self, cursor: str | None) -> Polled:
        """A page of what changed since a cursor: sequence states, mailings that were replied to, and tasks.

        Of open tasks, some are asked for in turn at the end of each pass.

        Raises:
            NotHandedOver, Refused, Unanswered: they cannot be read now, or never.
            StoreAway: the database does not answer.
        """
        now = self._clock()
        if cursor is None:
            return Polled(events=(), cursor=_Cursor(since=now, until=now).model_dump_json())
        reading = _Cursor.model_validate_json(cursor).pass_at(now)
        read = {"sequenceState": self._states, "mailing": self._mailings, "task": self._done}[reading.kind]
        events, page = await read(reading, now)
        left = reading.then(page, with_tasks=await self._own.are_asked_for())
        if left.under_way:
            return Polled(events=tuple(events), cursor=left.model_dump_json(), more=True)
        done = await self._open.behind(left.last_task, now)
        left = left.model_copy(update={"last_task": done.last})
        return Polled(events=(*events, *done.events), cursor=left.model_dump_json(), seen=tuple(done.seen))

    async def health(self) -> list[Finding]:
        """How the tokens and the webhooks are."""
        return await check(self._client, self._connection, needed(with_tasks=await self._own.are_asked_for()))

    async def repair(self) -> list[Finding]:
        """Subscribe to events where that is missing, and switch on again what is off; what was done."""
        return await mend(self._client, self._connection, needed(with_tasks=await self._own.are_asked_for()))

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    async def _states(self, reading: _Cursor, now: datetime) -> tuple[list[Event], str | None]:
        found = await self._client.states_since(reading.since, reading.page)
        events: list[Event] = []
        for state in found.data:
            events += self._events("sequenceState", state.key, await self._happenings.of_state(state), now)
        return events, found.next

    async def _mailings(self, reading: _Cursor, now: datetime) -> tuple[list[Event], str | None]:
        found = await self._client.replies_since(reading.since, reading.page)
        events: list[Event] = []
        for mailing in found.data:
            events += self._events("mailing", mailing.key, await self._happenings.of_mailing(mailing), now)
        return events, found.next

    async def _done(self, reading: _Cursor, now: datetime) -> tuple[list[Event], str | None]:
        found = await self._client.tasks_since(reading.since, reading.page)
        events: list[Event] = []
        for task in found.data:
            events += self._tasks.events(task.key, await self._tasks.of_record(task), now)
        return events, found.next

    def _events(self, kind: str, id_: str, items: list[Item], now: datetime) -> list[Event]:
        """The events of items, as those of a webhook that hinted at them."""
        if not items:
            return []
        (hint,) = events_from(self._source, {"data": {"type": kind, "id": id_}}, now)
        read: list[JsonValue] = [*items]
        return events_after_fetch(self._source, hint, read)
