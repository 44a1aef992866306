"""Apollo read for what became of contacts whom deals enrolled: it sends no webhooks, and tells of one at a time.

Each poll reads some of them, and the next one goes on behind: so the team's calls suffice for all of them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from pydantic import AwareDatetime, TypeAdapter

from integrations.apollo.client import ApolloClient
from integrations.apollo.done_tasks import DoneTasks
from integrations.apollo.happenings import Standing, ended_at, events_of, how_ended
from integrations.apollo.sequences import KIND
from integrations.apollo.settings import SOURCE, ApolloConnection
from integrations.kit.enrolments import KnownEnrolments, Meant
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.findings import Finding
from integrations.kit.open_tasks import OpenTasks
from integrations.kit.own_tasks import OwnTasks
from integrations.kit.polling import Polled, Seen
from integrations.kit.tool import Connected
from store import links, mirror
from store.database import Store
from store.intake import Event
from store.own_writes import is_own

log = logging.getLogger(__name__)

AT_ONCE = 20
"""Enrolments of one poll, each two calls: 240 an hour of each kind, of the 400 that Apollo takes."""
_MOST = 100_000
_READ_AFTER_ITS_END = timedelta(days=14)
"""For so long replies are waited for; then an enrolment is forgotten."""
_MOMENT = TypeAdapter[datetime](AwareDatetime)
_CANNOT = (NotHandedOver, Refused, Unanswered)


def apollo_polling(connected: Connected) -> ApolloPolling:
    """What of a connected team can be read."""
    return ApolloPolling(connected.block(ApolloConnection), connected.store)


class ApolloPolling:
    """One Apollo team. The cursor is the last enrolment that was read, and behind a space the last task."""

    def __init__(
        self, connection: ApolloConnection, store: Store, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._store, self._clock = store, clock
        self._client, self._known = ApolloClient(connection, store), KnownEnrolments(store, SOURCE)
        self._own = OwnTasks(store, SOURCE)
        self._tasks = OpenTasks(store, SOURCE, DoneTasks(self._client, connection))

    async def poll(self, cursor: str | None) -> Polled:
        """What became of the next enrolments and tasks behind the cursor, which goes round.

        Raises:
            NotHandedOver, Refused, Unanswered: they cannot be read now, or never.
            StoreAway: the database does not answer.
        """
        now, found = self._clock(), await links.list_links(self._store, source=SOURCE, limit=_MOST)
        places = [one.object_id.partition(":")[2] for one in found if one.object_id.startswith(f"{KIND}:")]
        last_place, _, last_task = (cursor or "").partition(" ")
        chosen = _behind(places, last_place)
        events: list[Event] = []
        seen: list[Seen] = []
        for place in chosen:
            standing = await self._standing(place, now)
            if standing is not None:
                events += events_of(standing, now)
                seen += await self._over(place, standing, now)
        done = await self._tasks.behind(last_task, now)
        left = f"{chosen[-1] if chosen else ''} {done.last}"
        return Polled(events=(*events, *done.events), cursor=left, seen=(*seen, *done.seen))

    async def health(self) -> list[Finding]:
        """Whether Apollo takes the key."""
        try:
            await self._client.contact_with("nobody@dealwright.invalid")
            await self._client.feed("0" * 24, "0" * 24)
            if await self._own.are_asked_for():
                await self._client.task("0" * 24)
        except _CANNOT as error:
            remedy = "look at the key: it has to be a master key, or its scope has to have the endpoints of the page"
            return [Finding("problem", "credentials", error.reason, remedy)]
        return [Finding("ok", "credentials", "Apollo takes the key")]

    async def repair(self) -> list[Finding]:
        """There is nothing to set up."""
        return []

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    async def _standing(self, place: str, now: datetime) -> Standing | None:
        """What Apollo says of an enrolment; None for one that is over for long, which is forgotten, or unreadable."""
        meant = await self._known.meant_at(place)
        if meant is None or await self._is_done_with(place, meant, now):
            await links.unlink(self._store, SOURCE, f"{KIND}:{place}")
            return None
        contact, _, sequence = place.partition("/")
        try:
            found, feed = await self._client.contact(contact), await self._client.feed(contact, sequence)
        except Refused as refused:  # it keeps no other one from being read
            log.warning("%s cannot be read: %s", place, refused.reason)
            return None
        status = next((one for one in found.standing(sequence) if meant.is_it(one.mark)), None) if found else None
        known = await mirror.known(self._store, SOURCE, f"{KIND}:{place}")
        finished = status.finished_at if status is not None else None
        return Standing(
            contact=contact, sequence=sequence, who=meant.who, found=found, status=status, feed=tuple(feed),
            has_begun=meant.became is not None, own_stop=is_own(known, "status", "finished", finished or now),
        )  # fmt: skip

    async def _is_done_with(self, place: str, meant: Meant, now: datetime) -> bool:
        """Whether an enrolment ended long ago, or was asked for long ago and never came up."""
        ended = (await mirror.known(self._store, SOURCE, _read(place))).get(meant.who.enrolment)
        last = _MOMENT.validate_python(ended.value) if ended is not None else None
        if last is None and meant.became is None:
            last = meant.since
        return last is not None and now - last > _READ_AFTER_ITS_END

    async def _over(self, place: str, standing: Standing, now: datetime) -> list[Seen]:
        """That an enrolment was seen to be over, the first time that it is."""
        enrolment = standing.who.enrolment
        if how_ended(standing) is None or enrolment in await mirror.known(self._store, SOURCE, _read(place)):
            return []
        at = ended_at(standing) or now
        return [Seen(object_id=_read(place), values={enrolment: at.isoformat()}, at=now)]


def _behind(places: Sequence[str], last: str) -> list[str]:
    """The next places behind one, going round, each once."""
    after = [one for one in places if one > last]
    return [*after, *(one for one in places if one <= last)][:AT_ONCE]


def _read(place: str) -> str:
    return f"read:{place}"
