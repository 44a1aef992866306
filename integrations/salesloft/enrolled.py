"""Whom we have enrolled: of each person in each cadence, for which effect of which deal.

Salesloft keeps nothing of ours with a membership, and has one for each person and cadence, however often somebody was
added. So it is noted before the call that adds them, with what the membership had before.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict

from integrations.kit import enrolments
from integrations.salesloft.records import Membership, Ref
from integrations.salesloft.settings import SOURCE
from store import mirror
from store.database import Store

_CLOCKS_DIFFER = timedelta(minutes=5)
_OURS, _TAKEN_OUT = "enrolment", "taken_out"


class Enrolled(BaseModel):
    """One of our enrolments."""

    model_config = ConfigDict(frozen=True)

    effect: str
    deal: str
    since: AwareDatetime | None = None
    """When it was asked for, by our clock."""
    before: datetime | None = None
    """When they were added the time before, if they were ever in the cadence."""
    replies: int = 0
    bounces: int = 0
    """What Salesloft had counted of them in this cadence by then."""

    def may_have_sent(self, sent_at: datetime) -> bool:
        """Whether a mail of this cadence to them may be of this enrolment, and is not of an earlier one."""
        return self.since is None or sent_at > self.since - _CLOCKS_DIFFER

    def is_of_before(self, membership: Membership) -> bool:
        """Whether a membership shows what was before we enrolled them."""
        return self.before is not None and membership.added_at == self.before

    @classmethod
    def after(cls, membership: Membership | None, effect: str, deal: str) -> Enrolled:
        """The enrolment that is about to begin, given what there is of the person in the cadence."""
        counts = membership.counts if membership else None
        return cls(
            effect=effect, deal=deal, since=datetime.now(UTC), before=membership.added_at if membership else None,
            replies=(counts.replies or 0) if counts else 0, bounces=(counts.bounces or 0) if counts else 0,
        )  # fmt: skip


async def enrolment_of(store: Store, person: int | str, cadence: int | str) -> Enrolled | None:
    """Our latest enrolment of a person in a cadence.

    Raises:
        StoreAway: the database does not answer.
    """
    known = (await mirror.known(store, SOURCE, _object(person, cadence))).get(_OURS)
    return None if known is None else Enrolled.model_validate(known.value)


async def enrolment_at(store: Store, person: Ref | None, cadence: Ref | None) -> Enrolled | None:
    """Our latest enrolment of whom a record names, if it names a person and a cadence.

    Raises:
        StoreAway: the database does not answer.
    """
    return None if person is None or cadence is None else await enrolment_of(store, person.id, cadence.id)


async def take_place(store: Store, person: int, cadence: str, there: Membership | None, enrolled: Enrolled) -> None:
    """Take a person's place in a cadence for an enrolment that is about to be asked for, and note it.

    ``there`` is their membership, which is over: where it is what the last one made, nothing of that is under way.

    Raises:
        NotHandedOver: another enrolment has the place, or the database does not answer.
        StoreAway: the database does not answer.
    """
    last = await enrolment_of(store, person, cadence)
    is_over = there is not None and last is not None and not last.is_of_before(there)
    await enrolments.take_place(
        store, SOURCE, _object(person, cadence), enrolled.effect, noting={_OURS: enrolled.model_dump(mode="json")},
        over=last.effect if last is not None and is_over else None,
    )  # fmt: skip


async def keep_place(store: Store, person: int, cadence: str, enrolment: str) -> None:
    """Keep a place that is an enrolment's while it is asked for.

    Raises:
        NotHandedOver: another enrolment has the place meanwhile, or the database does not answer.
    """
    await enrolments.take_place(store, SOURCE, _object(person, cadence), enrolment)


async def note_taken_out(store: Store, person: int | str, cadence: int | str, effect: str) -> None:
    """Note that we are about to end an enrolment ourselves.

    Raises:
        StoreAway: the database does not answer.
    """
    await mirror.note(store, SOURCE, _object(person, cadence), {_TAKEN_OUT: effect}, datetime.now(UTC))


async def was_taken_out(store: Store, person: int | str, cadence: int | str, effect: str) -> bool:
    """Whether we have ended an enrolment ourselves, or are about to.

    Raises:
        StoreAway: the database does not answer.
    """
    known = (await mirror.known(store, SOURCE, _object(person, cadence))).get(_TAKEN_OUT)
    return known is not None and known.value == effect


def _object(person: int | str, cadence: int | str) -> str:
    return f"enrolled:{cadence}:{person}"
