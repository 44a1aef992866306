"""How much customers use what they pay for, read from what bills them: once a day, for each subscription of a deal.

What of it counts as health, an installation says: all of ``full``, or as much as in the days before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from dealwright.values.recorded import Given, Name
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.findings import Finding
from integrations.kit.polling import Seen
from store import links, mirror
from store.database import Store

_AT_ONCE = 20
"""Subscriptions that are read in one poll."""
_HEALTH = "health"
_ALL = 100


class UsageRule(Given):
    """Which meter says how a customer is doing, and how."""

    meter: Name
    """The tool's id of it."""
    full: Annotated[Decimal, Field(gt=0)] | Literal["before"]
    """How much is a health of 100; ``before``: as much as in as many days before."""
    days: Annotated[int, Field(ge=1, le=366)] = 30
    """How many whole days count, up to yesterday, in UTC."""


class Metering(Protocol):
    """A tool that knows what was used."""

    async def used(self, subscription: str, meter: str, since: date, until: date) -> Decimal | None:
        """How much its customer used from a day on, up to before another one; None of one that is over.

        Raises:
            NotHandedOver, Refused, Unanswered: it cannot be read now, or never.
        """


class UsagePlace(BaseModel):
    """How far usage was read: the last whole round's day, and after which subscription in this one."""

    model_config = ConfigDict(frozen=True)

    day: date | None = None
    after: str = ""


@dataclass(frozen=True)
class Usage:
    """How the customer of a subscription is doing, where that is news."""

    id: str
    subscription: str
    health: int


@dataclass(frozen=True, kw_only=True)
class UsageRead:
    """What one poll has read."""

    place: UsagePlace
    news: Sequence[Usage] = ()
    seen: tuple[Seen, ...] = ()
    more: bool = False


@dataclass(frozen=True, kw_only=True)
class UsageReading:
    """The usage of one tool's customers. Without a rule, nothing is read."""

    store: Store
    source: str
    rule: UsageRule | None
    metering: Metering

    async def read(self, place: UsagePlace, now: datetime) -> UsageRead:
        """The next subscriptions of today's round. What cannot be read now is read later, what never can is passed.

        Raises:
            StoreAway: the database does not answer.
        """
        today = now.astimezone(UTC).date()
        if self.rule is None or place.day == today:
            return UsageRead(place=place)
        objects = await links.objects_after(self.store, self.source, "subscription", place.after, limit=_AT_ONCE)
        news: list[Usage] = []
        seen: list[Seen] = []
        for id_ in objects:
            try:
                health = await self._health(self.rule, id_, today)
            except Refused:
                continue
            except (NotHandedOver, Unanswered):
                return UsageRead(place=place, news=news, seen=tuple(seen))
            place = place.model_copy(update={"after": id_})
            object_id = f"subscription:{id_}"
            known = (await mirror.known(self.store, self.source, object_id)).get(_HEALTH)
            if health is not None and (known is None or known.value != health):
                news.append(Usage(id=f"usage-{id_}-{today.isoformat()}", subscription=id_, health=health))
                seen.append(Seen(object_id=object_id, values={_HEALTH: health}, at=now))
        more = len(objects) == _AT_ONCE
        left = UsagePlace(day=place.day, after=objects[-1]) if more else UsagePlace(day=today)
        return UsageRead(place=left, news=news, seen=tuple(seen), more=more)

    async def health(self, now: datetime) -> list[Finding]:
        """Whether usage can be read, by the first subscription that there is."""
        if self.rule is None:
            return []
        today = now.astimezone(UTC).date()
        objects = await links.objects_after(self.store, self.source, "subscription", "", limit=1)
        try:
            for id_ in objects:
                await self.metering.used(id_, self.rule.meter, today - timedelta(days=1), today)
        except (NotHandedOver, Refused, Unanswered) as error:
            return [Finding("problem", "usage", error.reason, "look at the meter under usage, and at the key's rights")]
        return [Finding("ok", "usage", f"the meter {self.rule.meter} can be read")] if objects else []

    async def _health(self, rule: UsageRule, subscription: str, today: date) -> int | None:
        length = timedelta(days=rule.days)
        used = await self.metering.used(subscription, rule.meter, today - length, today)
        if used is None:
            return None
        if not isinstance(rule.full, Decimal):
            before = await self.metering.used(subscription, rule.meter, today - 2 * length, today - length)
            return None if not before and not used else _share(used, before or used)
        return _share(used, rule.full)


def _share(used: Decimal, full: Decimal) -> int:
    if full <= 0:
        return 0
    return max(0, min(_ALL, round(used / full * _ALL)))
