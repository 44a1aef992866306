"""Takes change events in: they say which records changed, and those are asked for and looked at as always.

So an event that Salesforce could not make (a gap) is worth as much as any other, and one that is lost altogether is
found by asking (``integrations.salesforce.polling``). Where each topic goes on is kept after its events.
"""

from __future__ import annotations

import asyncio
import base64
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable

from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.salesforce.change_events.avro import Undecodable
from integrations.salesforce.change_events.hints import ChangeHint, NoChangeEvent, read_change_event
from integrations.salesforce.change_events.pubsub import Batch, PubSub, ReplayLost, SubscriptionEnded
from integrations.salesforce.inbox import Inbox, Noticed
from integrations.salesforce.org import Org
from integrations.salesforce.records import UnreadableRecord, followed
from integrations.salesforce.settings import CLIENT, SOURCE
from integrations.salesforce.soql import quoted, select
from store import feeds, intake, mirror
from store.database import Store
from store.errors import StoreAway

log = logging.getLogger(__name__)
_ROLE = "OpportunityContactRole"
FOLLOWED_BY = {"Opportunity": "Id", "Task": "Id", _ROLE: "Id", "Contact": "ContactId"}
"""The objects whose changes are subscribed to, and the field by which the records to look at are found."""
_AT_ONCE = 100
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
_AWAY = (SubscriptionEnded, NotHandedOver, Refused, Unanswered, StoreAway, UnreadableRecord)


class ChangeEventListener:
    """Follows the change events of one org."""

    def __init__(self, org: Org, inbox: Inbox, pubsub: PubSub, store: Store) -> None:
        self._org, self._inbox, self._pubsub, self._store = org, inbox, pubsub, store
        self._followed = followed(org.connection)

    async def run(self, kept: Callable[[], None]) -> None:
        """Follow every topic until cancelled, and connect again whenever that ends. ``kept``: new events are there."""
        try:
            async with asyncio.TaskGroup() as topics:
                for sobject in FOLLOWED_BY:
                    topics.create_task(self._follow(sobject, kept), name=f"change events of {sobject}")
        finally:
            await self._pubsub.close()

    async def _follow(self, sobject: str, kept: Callable[[], None]) -> None:
        topic, pause = f"/data/{sobject}ChangeEvent", _FIRST_PAUSE
        while True:
            try:
                async for batch in self._pubsub.batches(topic, await self._replay_id(topic)):
                    await self._take(topic, batch)
                    kept()
                    pause = _FIRST_PAUSE
            except ReplayLost:
                log.warning(
                    "salesforce, %s: it was away for too long, and goes on from now; asking finds the rest", topic
                )
                await self._forget(topic)
            except _AWAY as error:
                log.warning("salesforce, %s: %s; it is followed again", topic, error)
            except Exception as error:  # noqa: BLE001 - it is logged, without values; the other topics go on
                log.error("salesforce, %s: %s; it is followed again", topic, type(error).__name__)  # noqa: TRY400 - likewise
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _take(self, topic: str, batch: Batch) -> None:
        """Keep what a batch says, and then where to go on. Killed in between, it is said again."""
        hints = [hint for event in batch.events if (hint := await self._hint(topic, event.schema_id, event.payload))]
        noticed, wanted = Noticed(), defaultdict[str, set[str]](set)
        for hint in hints:
            wanted[hint.sobject].update(hint.records)
        for sobject in filter(FOLLOWED_BY.__contains__, sorted(wanted)):
            await self._look(sobject, sorted(wanted[sobject]), noticed)
        await intake.add(self._store, noticed.events)
        for seen in noticed.seen:
            await mirror.note(self._store, SOURCE, seen.object_id, seen.values, seen.at)
        place = base64.b64encode(batch.replay_id).decode()
        await feeds.polled(self._store, _feed(topic), place, self._org.clock(), found=False)

    async def _hint(self, topic: str, schema_id: str, payload: bytes) -> ChangeHint | None:
        """What an event says; None for what is of no interest."""
        try:
            hint = read_change_event((await self._pubsub.schema(schema_id)).decode(payload))
        except (Undecodable, NoChangeEvent) as error:
            log.error("salesforce, %s: an event is left out, since %s; asking finds what it told", topic, error)  # noqa: TRY400 - no stack
            return None
        if not hint.records:
            log.warning("salesforce, %s: events were lost there; asking finds what they told", topic)
        return None if hint.is_by(CLIENT) or not self._concerns(hint) else hint

    def _concerns(self, hint: ChangeHint) -> bool:
        """Whether it changed a field that is followed; of what is not followed field by field, whether it changed."""
        known = self._followed.get(hint.sobject)
        if hint.kind != "UPDATE" or known is None or not hint.changed:
            return True
        return any(name.partition(".")[0] in known.fields for name in hint.changed if name != "LastModifiedDate")

    async def _look(self, sobject: str, ids: list[str], noticed: Noticed) -> None:
        kind = _ROLE if sobject == "Contact" else sobject
        for some in _chunks(ids):
            conditions = [f"{FOLLOWED_BY[sobject]} IN ({', '.join(map(quoted, some))})"]
            conditions += [f"{self._org.connection.effect_field} != null"] if sobject == "Task" else []
            query = select(self._followed[kind].fields, kind, *conditions)
            await self._inbox.look(kind, await self._org.client.query(query, with_deleted=True), noticed)

    async def _replay_id(self, topic: str) -> bytes | None:
        cursor = (await feeds.of(self._store, _feed(topic))).cursor
        return base64.b64decode(cursor) if cursor else None

    async def _forget(self, topic: str) -> None:
        try:
            await feeds.polled(self._store, _feed(topic), "", self._org.clock(), found=False)
        except StoreAway as away:
            log.warning("salesforce, %s: %s", topic, away)


def _feed(topic: str) -> str:
    return f"{SOURCE}:{topic}"


def _chunks(ids: list[str]) -> Iterable[list[str]]:
    return (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))
