"""Which enrolments of a tool are deals' own: written down before the tool is asked to make one.

Tools that run cadences keep no mark of ours. So the place of an enrolment (who, in which cadence) is noted first, with
those that are there already: whatever becomes of the answer, an enrolment that comes up at that place is known as the
one that was asked for. Notes stand among the mirrored values.

Nor do they keep two deals from asking for one place at once. So a place is one enrolment's (``take_place``). Another
one may have it once what was asked for is there and over, or was last asked for longer ago than a call can last.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import JsonValue

from integrations.kit.delivery import LONGEST_CALL
from integrations.kit.errors import NotHandedOver
from store import mirror
from store.database import Store
from store.errors import StoreAway
from store.mirror import Claim, Mirrored

HELD_FOR = 6 * LONGEST_CALL
"""How long a place is one enrolment's: longer than its call lasts, and until tools show what became of it."""
_NEVER = datetime.min.replace(tzinfo=UTC)


async def take_place(
    store: Store,
    source: str,
    object_id: str,
    enrolment: str,
    *,
    noting: Mapping[str, JsonValue] | None = None,
    over: str | None = None,
) -> datetime:
    """Take a place for an enrolment, note what belongs to it there, and return when that was.

    ``over`` is an enrolment that had the place and is known to be over, so that nothing of it is under way.

    Raises:
        NotHandedOver: another enrolment has the place, or the database does not answer.
    """
    now = datetime.now(UTC)
    try:
        wanted = Claim(holder=enrolment, at=now, unless_held_since=now - HELD_FOR, instead_of=over, noting=noting)
        holder = await mirror.take(store, source, object_id, wanted)
    except StoreAway as error:
        raise NotHandedOver(str(error)) from error
    if holder != enrolment:
        raise NotHandedOver(_two_at_once(enrolment, holder), retry_after=HELD_FOR)
    return now


def enrolled_by(deal_id: str | None) -> str:
    """Who has enrolled somebody already, for the words of a refusal; ``None`` stands for a person or another tool."""
    return "enrolled by somebody else" if deal_id is None else f"enrolled by deal {deal_id}"


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
        """Take a place, and write down what is about to be asked for. What was written for the same enrolment stays.

        ``before`` are the tool's ids of the enrolments at the place, which are all over.

        Raises:
            NotHandedOver: another enrolment has the place, or the database does not answer.
        """
        try:
            there = await self.meant_at(place)
        except StoreAway as error:
            raise NotHandedOver(str(error)) from error
        if there is not None and there.who.enrolment == who.enrolment:
            await take_place(self._store, self._source, _meant(place), who.enrolment)
            return there
        noted: dict[str, JsonValue] = {**who.noted(), "before": [*sorted(before)], "became": None}
        is_over = there is not None and any(there.is_it(one) for one in before)
        over = there.who.enrolment if there is not None and is_over else None
        since = await take_place(self._store, self._source, _meant(place), who.enrolment, noting=noted, over=over)
        return Meant(who, since, frozenset(before))

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

    async def not_meant(self, place: str, who: Enrolled) -> None:
        """Forget that somebody was asked for at a place: the tool refused it. What another asks for there stays.

        Raises:
            NotHandedOver: the database does not answer.
        """
        try:
            await mirror.give_up(self._store, self._source, _meant(place), who.enrolment)
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
            kept = Claim(holder=who.enrolment, at=now, unless_held_since=_NEVER, noting={"became": id_})
            await mirror.take(self._store, self._source, _meant(place), kept)

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


def _two_at_once(enrolment: str, holder: str) -> str:
    deal, other = enrolment.partition("/")[0], holder.partition("/")[0]
    whose = "this deal, elsewhere in its playbook," if deal == other else f"deal {other}"
    return f"{whose} enrols them there at this moment"


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
