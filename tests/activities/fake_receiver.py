"""A fake outside system, which counts how often each effect reaches it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from activities.once_only import Prepare
from integrations.kit.delivery import Absent, Delivery, Found, Idempotency, Lookup, Part


class Killed(BaseException):
    """The process died here: nothing that follows is done, no handler is run by anybody who catches errors."""


@dataclass
class Receiver:
    """Somebody who receives calls, and knows how often each effect reached them."""

    got: list[str] = field(default_factory=list)
    linked: list[str | None] = field(default_factory=list)
    """What was written down on our side as having arrived."""
    answer: Callable[[], Awaitable[None]] | None = None
    """What happens between a call's arrival and its answer."""
    before: Callable[[], Awaitable[None]] | None = None
    """What happens before a call arrives: raising here means that it never did."""

    lookup: Lookup | None = None
    """What the receiver answers whoever looks for an effect; None: the truth."""

    def prepared(self, effect_id: str, idempotency: Idempotency, *, visible_after: timedelta = timedelta(0)) -> Prepare:
        """A call of a class."""

        async def prepare() -> Delivery:
            return self.delivery(effect_id, idempotency, visible_after=visible_after)

        return prepare

    def delivery(
        self,
        effect_id: str,
        idempotency: Idempotency = Idempotency.NONE,
        *,
        visible_after: timedelta = timedelta(0),
        before: tuple[Part, ...] = (),
    ) -> Delivery:
        async def send() -> str:
            if self.before is not None:
                await self.before()
            if not (idempotency is Idempotency.VENDOR and effect_id in self.got):
                self.got.append(effect_id)
            if self.answer is not None:
                await self.answer()
            return f"<{effect_id}>"

        async def find() -> Lookup:
            if self.lookup is not None:
                return self.lookup
            return Found(f"<{effect_id}>") if effect_id in self.got else Absent()

        async def arrived(reference: str | None) -> None:
            self.linked.append(reference)

        findable = idempotency in {Idempotency.SEARCHABLE, Idempotency.MARKER}
        return Delivery(
            send=send,
            idempotency=idempotency,
            find=find if findable else None,
            visible_after=visible_after,
            arrived=arrived,
            before=before,
        )


@dataclass
class Gate:
    """A place where an attempt stands still until it is let through."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    opened: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self) -> None:
        self.reached.set()
        await self.opened.wait()
