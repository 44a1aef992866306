"""Clari asked for the opportunities of open deals: what is forecast of them, and when they should close."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from integrations.clari.client import MOST_AT_ONCE, ClariClient, Opportunity
from integrations.clari.forecasts import JsonObject, news, said_of
from integrations.clari.settings import SOURCE, ClariConnection
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.findings import Finding
from integrations.kit.mapping.events import events_from
from integrations.kit.mapping.files import shipped_mapping
from integrations.kit.polling import Polled, Seen
from integrations.kit.tool import Connected
from store import links, mirror
from store.database import Store

_KINDS = {"salesforce": "opportunity", "hubspot": "deal", "pipedrive": "deal"}
"""What links call a CRM's record of a deal."""


def clari_polling(connected: Connected) -> ClariPolling:
    """What of a connected Clari organization can be read."""
    return ClariPolling(connected.block(ClariConnection), connected.store)


class ClariPolling:
    """One Clari organization. A page is up to 25 opportunities of open deals; the cursor is the last one."""

    def __init__(
        self, connection: ClariConnection, store: Store, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._connection, self._client = connection, ClariClient(connection, store)
        self._store, self._clock = store, clock
        self._source = shipped_mapping("clari").with_settings(connection.settings, connection.tables)

    async def poll(self, cursor: str | None) -> Polled:
        """The next page: of each opportunity, what is new.

        Raises:
            NotHandedOver, Refused, Unanswered: they cannot be read now, or never.
            StoreAway: the database does not answer.
        """
        kind = _KINDS[self._connection.system]
        page = await links.of_open_deals(
            self._store, self._connection.system, kind, after=cursor or "", limit=MOST_AT_ONCE
        )
        deals = {one.object_id.partition(":")[2]: one.deal_id for one in page}
        found = await self._client.opportunities([*deals]) if deals else []
        changes, seen = list[JsonObject](), list[Seen]()
        for one in found:
            if one.id in deals:
                await self._look_at(one, deals[one.id], changes, seen)
        events = events_from(self._source, [*changes], self._clock()) if changes else []
        more = len(page) == MOST_AT_ONCE
        return Polled(events=tuple(events), seen=tuple(seen), cursor=page[-1].object_id if more else "", more=more)

    async def health(self) -> list[Finding]:
        """Whether Clari takes the token."""
        try:
            await self._client.limits()
        except (NotHandedOver, Refused, Unanswered) as error:
            remedy = "look at the API token: it ends when whoever made it is deactivated"
            return [Finding("problem", "credentials", error.reason, remedy)]
        return [Finding("ok", "credentials", "Clari takes the token")]

    async def repair(self) -> list[Finding]:
        """Nothing: there is nothing to set up in Clari."""
        return []

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    async def _look_at(self, one: Opportunity, deal: str, changes: list[JsonObject], seen: list[Seen]) -> None:
        kind, now = _KINDS[self._connection.system], self._clock()
        object_id = f"{kind}:{one.id}"
        known = await mirror.known(self._store, SOURCE, object_id)
        in_crm = await mirror.known(self._store, self._connection.system, object_id)
        told = [*said_of(one, self._connection)]
        found = [news(said, known, in_crm, self._connection.system, now) for said in told]
        changes += [{**change, "opportunity": one.id, "deal": deal} for change in found if change is not None]
        values = {
            said.property: said.value
            for said in told
            if said.property not in known or known[said.property].value != said.value
        }
        if values:
            seen.append(Seen(object_id=object_id, values={**values}, at=now))
