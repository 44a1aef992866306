"""Which enrolments of a tool are deals' own: written down before the tool is asked to make one.

Tools that run cadences keep no mark of ours. So the place of an enrolment (who, in which cadence) is noted first, with
those that are there already: whatever becomes of the answer, an enrolment that comes up at that place is known as the
one that was asked for. Notes stand among the mirrored values.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import JsonValue

from integrations.kit.errors import NotHandedOver
from store import mirror
from store.database import Store
from store.errors import StoreAway
from store.mirror import Mirrored


@dataclass(frozen=True, kw_only=True)
class Enrolled:
    """Whom a deal has in a cadence."""

    deal: str
    enrolment: str
    """The id of the effect that enrols them."""
    address: str

    def noted(self) -> dict[str, JsonValue]:
        """As it is written down."""
        return {"deal": self.deal, "enrolment": self.enrolment, "address": self.address}


@dataclass(frozen=True)
class Meant:
    """An enrolment that a tool was asked to make, or is about to be."""

    who: Enrolled
    since: datetime
    """When that was written down, by our clock."""
    before: frozenset[str]
    """The tool's ids of the enrolments that were at its place before: none of those is it."""
    became: str | None = None
    """The tool's id of it, once that is known."""

    def is_it(self, id_: str) -> bool:
        """Whether an enrolment at its place is the one that was asked for."""
        return id_ == self.became if self.became is not None else id_ not in self.before


class KnownEnrolments:
    """The enrolments of one tool. ``place`` tells who is in which cadence, in the tool's own ids."""

    def __init__(self, store: Store, source: str) -> None:
        self._store, self._source = store, source

    async def mean(self, place: str, who: Enrolled, before: Collection[str]) -> Meant:
        """Write down what is about to be asked for. What was written down for the same enrolment stays.

        Raises:
            NotHandedOver: the database does not answer.
        """
        try:
            if (there := await self.meant_at(place)) is not None and there.who.enrolment == who.enrolment:
                return there
            noted: dict[str, JsonValue] = {**who.noted(), "before": [*sorted(before)], "became": None}
            now = datetime.now(UTC)
            await mirror.note(self._store, self._source, _meant(place), noted, now)
        except StoreAway as error:
            raise NotHandedOver(str(error)) from error
        return Meant(who, now, frozenset(before))

    async def meant_at(self, place: str) -> Meant | None:
        """What was asked for last at a place.

        Raises:
            StoreAway: the database does not answer.
        """
        held = await mirror.known(self._store, self._source, _meant(place))
        who, before = _who(held), held.get("before")
        if who is None or before is None or not isinstance(before.value, list):
            return None
        earlier = frozenset(str(one) for one in before.value)
        return Meant(who, before.at, earlier, _text(held.get("became")))

    async def not_meant(self, place: str) -> None:
        """Forget what was asked for at a place: the tool refused it.

        Raises:
            NotHandedOver: the database does not answer.
        """
        try:
            await mirror.forget(self._store, self._source, _meant(place))
        except StoreAway as error:
            raise NotHandedOver(str(error)) from error

    async def arrived(self, id_: str, place: str, who: Enrolled, **seen: str | None) -> None:
        """Write down the tool's id of an enrolment, and what it was seen to be like.

        Raises:
            StoreAway: the database does not answer.
        """
        more: dict[str, JsonValue] = {name: value for name, value in seen.items() if value is not None}
        now = datetime.now(UTC)
        await mirror.note(self._store, self._source, _enrolled(id_), {**who.noted(), **more}, now)
        if (meant := await self.meant_at(place)) is not None and meant.who == who:
            await mirror.note(self._store, self._source, _meant(place), {"became": id_}, now)

    async def seen(self, id_: str, name: str) -> str | None:
        """What an enrolment was seen to be like as it arrived.

        Raises:
            StoreAway: the database does not answer.
        """
        return _text((await mirror.known(self._store, self._source, _enrolled(id_))).get(name))

    async def of(self, id_: str, place: str | None = None) -> Enrolled | None:
        """Whose enrolment this is: known by its id, or as the one that was asked for at its place.

        Raises:
            StoreAway: the database does not answer.
        """
        who = _who(await mirror.known(self._store, self._source, _enrolled(id_)))
        if who is not None or place is None:
            return who
        meant = await self.meant_at(place)
        return meant.who if meant is not None and meant.is_it(id_) else None


def _meant(place: str) -> str:
    return f"enrolling:{place}"


def _enrolled(id_: str) -> str:
    return f"enrolled:{id_}"


def _who(held: Mapping[str, Mirrored]) -> Enrolled | None:
    deal, enrolment, address = (_text(held.get(name)) for name in ("deal", "enrolment", "address"))
    if deal is None or enrolment is None or address is None:
        return None
    return Enrolled(deal=deal, enrolment=enrolment, address=address)


def _text(one: Mirrored | None) -> str | None:
    return one.value if one is not None and isinstance(one.value, str) else None
