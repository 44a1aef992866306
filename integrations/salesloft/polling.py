"""Salesloft read beside its webhooks, which it gives up after four attempts: what has changed, by windows of time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict

from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.findings import Finding
from integrations.kit.mapping.files import shipped_mapping
from integrations.kit.open_tasks import OpenTasks
from integrations.kit.polling import Polled
from integrations.kit.tool import Connected
from integrations.salesloft.client import PAGE, SalesloftClient
from integrations.salesloft.inbound import EVENTS, Kind, Listed
from integrations.salesloft.reading import Noticed, Reader, events_of, note_connected
from integrations.salesloft.records import Call, Changed, Email, Meeting, Membership, Person, Subscription, Task
from integrations.salesloft.settings import SOURCE, SalesloftConnection
from integrations.salesloft.standing_tasks import StandingTasks
from store.database import Store

_OVERLAP = timedelta(minutes=5)
"""How much is read again: what Salesloft takes at one moment may show later, and clocks differ."""
_MEETINGS_FROM = timedelta(days=2)
"""Meetings cannot be listed by when they changed: those that begin from so long ago on are read, page by page."""
_LISTS: tuple[tuple[Kind, str, str], ...] = (
    (Membership, "/v2/cadence_memberships", "updated_at"), (Email, "/v2/activities/emails", "updated_at"),
    (Call, "/v2/activities/calls", "updated_at"), (Person, "/v2/people", "updated_at"),
    (Task, "/v2/tasks", "updated_at"),
    (Meeting, "/v2/meetings", "start_time"),
)  # fmt: skip
_CANNOT = (NotHandedOver, Refused, Unanswered)
_ABOUT = "webhook subscriptions"
_RIGHTS = "look at the credentials: they need to read people, cadences, emails, calls, tasks, meetings and users"


class _Place(BaseModel):
    """How far a pass over all lists has come. As JSON it is the cursor."""

    model_config = ConfigDict(frozen=True)

    begun: AwareDatetime
    """When this pass began: the next one reads from then on."""
    since: AwareDatetime
    at: int = 0
    """Which list is read; after the last one the pass is over."""
    reached: AwareDatetime | None = None
    page: int = 1
    last_task: str = ""
    """The last open task that was asked for by its id."""

    def from_when(self) -> datetime:
        """From when on the list is read."""
        by_start = _LISTS[self.at][2] == "start_time"
        return self.reached or (self.begun - _MEETINGS_FROM if by_start else self.since - _OVERLAP)

    def after(self, last: datetime | None) -> _Place:
        """The place after a page, whose last record is of a time; None where it was the list's last page.

        A full page is followed by a new window, which costs less than a page far behind.
        """
        if last is None:
            return self.model_copy(update={"at": self.at + 1, "reached": None, "page": 1})
        if last > self.from_when():
            return self.model_copy(update={"reached": last, "page": 1})
        return self.model_copy(update={"page": self.page + 1})


def salesloft_polling(connected: Connected) -> SalesloftPolling:
    """What of a connected team can be read."""
    return SalesloftPolling(connected.block(SalesloftConnection), connected.store)


class SalesloftPolling:
    """One Salesloft team."""

    def __init__(
        self, connection: SalesloftConnection, store: Store, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._connection, self._store, self._clock = connection, store, clock
        self._client = SalesloftClient(connection, store)
        self._source = shipped_mapping("salesloft").with_settings(connection.settings, connection.tables)
        self._reader = Reader(store, self._client, connection.dispositions)
        self._open = OpenTasks(store, SOURCE, StandingTasks(self._client, self._reader, store, self._source))

    async def poll(self, cursor: str | None) -> Polled:
        """A page of one of the lists, and where to go on. Of open tasks, some are asked for behind the last list.

        Raises:
            NotHandedOver, Refused, Unanswered: it cannot be read now, or never.
            StoreAway: the database does not answer.
        """
        now = self._clock()
        if cursor is None:
            await note_connected(self._store, now)
            return Polled(events=(), cursor=_Place(begun=now, since=now, at=len(_LISTS)).model_dump_json())
        last = _Place.model_validate_json(cursor)
        place = last if last.at < len(_LISTS) else _Place(begun=now, since=last.begun, last_task=last.last_task)
        records = await self._page(place)
        noticed = Noticed()
        readable = [record for record in records if record is not None]
        for record in readable:
            found = await self._reader.read(record, now)
            noticed.changes += found.changes
            noticed.seen += found.seen
        left = place.after(_reached(readable[-1:], place) if len(records) == PAGE else None)
        events = await events_of(self._store, self._source, noticed.changes, now)
        if left.at < len(_LISTS):
            return Polled(events=tuple(events), seen=tuple(noticed.seen), cursor=left.model_dump_json(), more=True)
        done = await self._open.behind(left.last_task, now)
        left = left.model_copy(update={"last_task": done.last})
        return Polled(events=(*events, *done.events), seen=(*noticed.seen, *done.seen), cursor=left.model_dump_json())

    async def health(self) -> list[Finding]:
        """Whether the lists can be read, and what is subscribed to."""
        try:
            for _, path, _ in _LISTS:
                await self._client.listed(Changed, path, {"per_page": 1})
            subscriptions = await self._client.subscriptions()
        except _CANNOT as error:
            return [Finding("problem", "credentials", error.reason, _RIGHTS)]
        return [Finding("ok", "credentials", "Salesloft takes them"), self._subscribed(subscriptions)]

    async def repair(self) -> list[Finding]:
        """Subscribe to what is not told yet, and switch on again what is off; what was done."""
        url, tokens = self._connection.webhook_url, self._connection.webhook_secrets
        if url is None or not tokens:
            return []
        try:
            ours = [one for one in await self._client.subscriptions() if one.callback_url == url]
            missing = _missing(ours)
            for event in missing:
                off = next((one for one in ours if one.event_type == event), None)
                if off is not None:
                    await self._client.switch_on(off.id)
                else:
                    await self._client.subscribe(event, url, tokens[0].get_secret_value())
        except _CANNOT as error:
            return [Finding("problem", _ABOUT, error.reason, _RIGHTS)]
        return [Finding("ok", _ABOUT, f"these are on now: {', '.join(missing)}")] if missing else []

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    async def _page(self, place: _Place) -> list[Listed | None]:
        kind, path, order = _LISTS[place.at]
        query: dict[str, str | int] = {
            f"{order}[gte]": place.from_when().isoformat(), "sort_by": order, "sort_direction": "ASC",
            "per_page": PAGE, "page": place.page,
        }  # fmt: skip
        return [*await self._client.listed(kind, path, query)]

    def _subscribed(self, found: tuple[Subscription, ...]) -> Finding:
        if self._connection.webhook_url is None:
            remedy = "add webhook_url and webhook_secrets to the connection, so that they are subscribed to"
            return Finding(
                "warning", _ABOUT, f"Salesloft is read every {self._connection.poll_minutes} minutes", remedy
            )
        missing = _missing([one for one in found if one.callback_url == self._connection.webhook_url])
        if missing:
            remedy = "worker and gateway subscribe at their next look"
            return Finding("problem", _ABOUT, f"these are off or missing: {', '.join(missing)}", remedy)
        return Finding("ok", _ABOUT, "all are on")


def _missing(ours: list[Subscription]) -> list[str]:
    on = {one.event_type for one in ours if one.enabled}
    return [event for event in EVENTS if event not in on]


def _reached(last: Sequence[Changed], place: _Place) -> datetime:
    """The time that the list has come to with a page's last readable record."""
    for record in last:
        return (record.start_time if isinstance(record, Meeting) else record.updated_at) or place.from_when()
    return place.from_when()
