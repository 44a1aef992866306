"""How an adapter writes what people may write as well: announced before, so that its echo is known as our own.

Whatever becomes of the answer, no change that we made ourselves is taken for a person's (``store.own_writes``).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from pydantic import JsonValue

from integrations.kit.errors import NotHandedOver, Refused
from store import own_writes
from store.database import Store
from store.errors import StoreAway

_T = TypeVar("_T")


@dataclass(frozen=True)
class OwnWrites:
    """What is written into one tool. Values are given as the tool's changes tell them."""

    store: Store
    source: str
    open_for: timedelta
    """How long after it began a write without an answer may be told to have happened. Clocks differ by less."""

    async def write(
        self,
        object_id: str,
        values: Mapping[str, JsonValue],
        send: Callable[[], Awaitable[_T]],
        taken_at: Callable[[_T], datetime],
    ) -> _T:
        """Write values into an object; returns the answer, of which ``taken_at`` tells the tool's time.

        Raises:
            NotHandedOver: the database did not answer before it was sent, or ``send`` raised it.
            Refused, Unanswered: ``send`` raised it.
            StoreAway: the database did not answer after that.
        """
        answer = await self.announced(object_id, values, send)
        await self.answered(object_id, values, taken_at(answer))
        return answer

    async def announced(self, object_id: str, values: Mapping[str, JsonValue], send: Callable[[], Awaitable[_T]]) -> _T:
        """Write values into an object; whoever calls says later when it was (``answered``).

        Raises:
            NotHandedOver: the database did not answer before it was sent, or ``send`` raised it.
            Refused, Unanswered: ``send`` raised it.
        """
        until = datetime.now(UTC) + self.open_for
        try:
            await own_writes.announce(self.store, self.source, object_id, values, until=until)
        except StoreAway as error:
            raise NotHandedOver(str(error)) from error
        try:
            return await send()
        except Refused:
            await own_writes.withdraw(self.store, self.source, object_id, values)
            raise

    async def wrote(self, object_id: str, values: Mapping[str, JsonValue], at: datetime) -> None:
        """Say what was written into an object that had no id before, at a time of the tool's.

        Raises:
            StoreAway: the database does not answer.
        """
        await own_writes.announce(self.store, self.source, object_id, values, until=at + own_writes.SAME_MOMENT)

    async def answered(self, object_id: str, names: Collection[str], at: datetime) -> None:
        """Say that these properties were written at a time of the tool's.

        Raises:
            StoreAway: the database does not answer.
        """
        await own_writes.answered(self.store, self.source, object_id, names, at)
