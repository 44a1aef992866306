"""A fake outside system, which counts how often each effect reaches it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from activities.ledger import Delivery, Prepare


class Killed(BaseException):
    """The process died here: nothing that follows is done, no handler is run by anybody who catches errors."""


@dataclass
class Receiver:
    """Somebody who receives calls, and knows how often each effect reached them."""

    got: list[str] = field(default_factory=list)
    answer: Callable[[], Awaitable[None]] | None = None
    """What happens between a call's arrival and its answer."""
    before: Callable[[], Awaitable[None]] | None = None
    """What happens before a call arrives: raising here means that it never did."""

    def repeatable(self, effect_id: str) -> Prepare:
        """A call that may be made again: the receiver knows it by its id."""

        async def prepare() -> Delivery:
            return self.delivery(effect_id, repeatable=True)

        return prepare

    def findable(self, effect_id: str) -> Prepare:
        """A call that the receiver can be asked about."""

        async def prepare() -> Delivery:
            return self.delivery(effect_id, findable=True)

        return prepare

    def delivery(self, effect_id: str, *, repeatable: bool = False, findable: bool = False) -> Delivery:
        async def send() -> str:
            if self.before is not None:
                await self.before()
            if not (repeatable and effect_id in self.got):
                self.got.append(effect_id)
            if self.answer is not None:
                await self.answer()
            return f"<{effect_id}>"

        async def find() -> str | None:
            return f"<{effect_id}>" if effect_id in self.got else None

        return Delivery(send=send, repeatable=repeatable, find=find if findable else None)


@dataclass
class Gate:
    """A place where an attempt stands still until it is let through."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    opened: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self) -> None:
        self.reached.set()
        await self.opened.wait()
