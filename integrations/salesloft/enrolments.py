"""Contacts in Salesloft's cadences: added once, and removed.

Salesloft has no key for that call, and one membership for each person and cadence. Before the call it is looked whether
they are in the cadence: then somebody else added them, and they are left alone. Whoever is found in it after a call
without an answer was added by that call. Both calls are of the class ``SEARCHABLE``.
"""

from __future__ import annotations

from datetime import timedelta

from dealwright.effects import EnrolContact, StopEnrolment
from integrations.kit.delivery import Absent, Delivery, Found, Idempotency, Lookup, Part
from integrations.kit.enrolments import HELD_FOR, enrolled_by
from integrations.kit.errors import NotHandedOver, Refused
from integrations.kit.tool import Connected
from integrations.salesloft.client import SalesloftClient
from integrations.salesloft.enrolled import Enrolled, enrolment_of, keep_place, note_taken_out, take_place
from integrations.salesloft.records import Membership, Person
from integrations.salesloft.settings import SalesloftConnection
from store.database import Store
from store.errors import StoreAway

_VISIBLE_AFTER = timedelta(seconds=30)
"""Salesloft promises nothing of how soon its lists show what was written."""
_PROCESSING = "processing"
"""The state in which Salesloft changes nothing of a membership."""
_SOON, _LATER = timedelta(seconds=15), timedelta(minutes=10)


def salesloft_engagement(connected: Connected) -> SalesloftEngagement:
    """The cadences of an installation that is connected to Salesloft."""
    return SalesloftEngagement(connected.block(SalesloftConnection), connected.store)


class SalesloftEngagement:
    """The cadences of one team."""

    def __init__(self, connection: SalesloftConnection, store: Store) -> None:
        self._connection, self._store, self._client = connection, store, SalesloftClient(connection, store)

    async def enrol(self, deal_id: str, effect: EnrolContact) -> Delivery:
        """The contact's person in a cadence, in the sender's name; its reference is the membership's id."""
        if not (effect.sequence.isascii() and effect.sequence.isdecimal()):
            raise Refused(
                f"{effect.cadence} is no cadence of Salesloft's: write its id, as the cadence's address shows"
            )
        person = await self._person(effect)
        user = await self._client.user_of(effect.sender, self._connection.owners)

        async def send() -> str:
            if await self._ours(person.id, effect.sequence, effect.enrolment) is None:  # our own place was given away
                raise NotHandedOver("another deal enrols them there at this moment", retry_after=HELD_FOR)
            await keep_place(self._store, person.id, effect.sequence, effect.enrolment)
            return str((await self._client.enrol(person.id, effect.sequence, user)).id)

        async def find() -> Lookup:
            ours = await self._ours(person.id, effect.sequence, effect.enrolment)
            there = await self._client.membership_of(person.id, effect.sequence)
            if ours is None or there is None or ours.is_of_before(there):
                return Absent()
            return Found(str(there.id))

        return Delivery(
            send=send, idempotency=Idempotency.SEARCHABLE, find=find, visible_after=_VISIBLE_AFTER,
            before=(self._free(deal_id, effect, person),),
        )  # fmt: skip

    async def stop(self, effect: StopEnrolment, reference: str | None) -> Delivery:
        """Whom we enrolled out of a cadence. Whom somebody else has added meanwhile stays."""
        person, membership = await self._there(effect, reference)
        if person is None or membership is None or not await self._is_to_be_removed(membership, person, effect):
            return _nothing_to_do(reference)
        if membership.current_state == _PROCESSING:
            raise NotHandedOver("Salesloft is working on them at this moment", retry_after=_SOON)

        async def send() -> str:
            try:
                await note_taken_out(self._store, person, effect.sequence, effect.enrolment)
            except StoreAway as error:
                raise NotHandedOver(str(error)) from error
            await self._client.remove(membership.id)
            return str(membership.id)

        async def find() -> Lookup:
            now = await self._client.membership(str(membership.id))
            return Absent() if now is not None and now.is_on else Found(str(membership.id))

        return Delivery(send=send, idempotency=Idempotency.SEARCHABLE, find=find)

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    def _free(self, deal_id: str, effect: EnrolContact, person: Person) -> Part:
        """That nobody else has them in the cadence; and it is noted whose the next membership is."""

        async def send() -> None:
            there = await self._client.membership_of(person.id, effect.sequence)
            if there is not None and there.is_on:
                last = await enrolment_of(self._store, person.id, effect.sequence)
                whose = last.deal if last is not None and not last.is_of_before(there) else None
                raise Refused(f"{effect.address} is in {effect.cadence} already, {enrolled_by(whose)}")
            ours = Enrolled.after(there, effect.enrolment, deal_id)
            await take_place(self._store, person.id, effect.sequence, there, ours)

        return Part(name="free", delivery=Delivery(send=send, idempotency=Idempotency.VENDOR))

    async def _person(self, effect: EnrolContact) -> Person:
        person = await self._client.person_with(effect.address)
        if person is None:
            raise NotHandedOver(
                f"Salesloft has nobody with the address {effect.address}: add them there, or let your CRM do so",
                retry_after=_LATER,
            )
        if "email" in person.refused:
            raise Refused(f"{effect.address} is not to be contacted, as Salesloft has it")
        return person

    async def _there(self, effect: StopEnrolment, reference: str | None) -> tuple[int | str | None, Membership | None]:
        """Whom the enrolment was of, and their membership, as far as Salesloft still has them."""
        if reference is not None:
            membership = await self._client.membership(reference)
            if membership is None or membership.person is not None:
                return (membership.person.id if membership and membership.person else None), membership
        person = await self._client.person_with(effect.address)
        if person is None:
            return None, None
        return person.id, await self._client.membership_of(person.id, effect.sequence)

    async def _is_to_be_removed(self, there: Membership, person: int | str, effect: StopEnrolment) -> bool:
        ours = await self._ours(person, effect.sequence, effect.enrolment) if there.is_on else None
        return ours is not None and not ours.is_of_before(there)

    async def _ours(self, person: int | str, cadence: str, enrolment: str) -> Enrolled | None:
        """What was noted of an enrolment, if it is the latest one of that person in that cadence."""
        try:
            ours = await enrolment_of(self._store, person, cadence)
        except StoreAway as error:
            raise NotHandedOver(str(error)) from error
        return ours if ours is not None and ours.effect == enrolment else None


def _nothing_to_do(reference: str | None) -> Delivery:
    async def send() -> str | None:
        return reference

    return Delivery(send=send, idempotency=Idempotency.VENDOR)
