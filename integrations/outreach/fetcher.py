"""Gets what a webhook hints at: it has only the attributes that changed, and nothing proves their order."""

from __future__ import annotations

from pydantic import JsonValue, ValidationError

from integrations.kit.errors import NotHandedOver, Refused
from integrations.kit.tool import Connected
from integrations.outreach.client import OutreachClient
from integrations.outreach.done_tasks import DoneTasks
from integrations.outreach.happenings import Happenings, Item
from integrations.outreach.records import Hint, place
from integrations.outreach.settings import OutreachConnection
from store.database import Store
from store.errors import StoreAway


def outreach_fetcher(connected: Connected) -> OutreachFetcher:
    """The fetcher of an installation that is connected to Outreach."""
    return OutreachFetcher(connected.block(OutreachConnection), connected.store)


class OutreachFetcher:
    """Reads one sequence state, mailing or task. Those that are known to be no deal's are not asked for."""

    def __init__(self, connection: OutreachConnection, store: Store) -> None:
        self._client, self._happenings = OutreachClient(connection, store), Happenings(store)
        self._tasks = DoneTasks(self._client, connection, store)

    async def fetch(self, what: JsonValue) -> JsonValue | None:
        """The items of what a webhook named (``integrations.outreach.happenings``).

        Raises:
            NotHandedOver, Unanswered: Outreach, or the database, cannot be asked now.
            Refused: it can never be had.
        """
        try:
            hint = Hint.model_validate(what)
        except ValidationError:
            raise Refused("a webhook names no record of Outreach") from None
        try:
            items = await self._items(hint)
        except StoreAway as error:
            raise NotHandedOver(str(error)) from error
        nothing: Item = {"id": f"{hint.type}-{hint.key}-{hint.event}", "happened": "nothing"}
        return [*items] or [nothing]

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    async def _items(self, hint: Hint) -> list[Item]:
        match hint.type:
            case "sequenceState":
                return await self._of_state(hint)
            case "task":
                return await self._tasks.of(hint.key)
            case _:
                return await self._of_mailing(hint)

    async def _of_state(self, hint: Hint) -> list[Item]:
        prospect, sequence = hint.related("prospect"), hint.related("sequence")
        is_said = prospect is not None and sequence is not None
        at = place(prospect, sequence) if prospect is not None and sequence is not None else None
        if await self._happenings.whose(hint.key, at) is None and (is_said or (hint.event or "").endswith("destroyed")):
            return []
        state = await self._client.state(hint.key)
        if state is None:
            return await self._happenings.of_a_lost_state(hint.key)
        return await self._happenings.of_state(state)

    async def _of_mailing(self, hint: Hint) -> list[Item]:
        mailing = await self._client.mailing(hint.key)
        return [] if mailing is None else await self._happenings.of_mailing(mailing)
