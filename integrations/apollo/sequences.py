"""Contacts in Apollo's sequences: added once, and taken out.

Apollo knows no key of ours. So who is to be in which sequence is written down before it is asked for
(``integrations.kit.enrolments``), and after a lost answer it is looked how the contact stands in that sequence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from pydantic import JsonValue, TypeAdapter, ValidationError

from dealwright.effects import EnrolContact, StopEnrolment
from integrations.apollo.client import ApolloClient
from integrations.apollo.contacts import ApolloContacts, values_of
from integrations.apollo.records import OVER, Status, place
from integrations.apollo.settings import SOURCE, ApolloConnection, Id
from integrations.kit.delivery import Absent, Delivery, Found, Idempotency, Lookup
from integrations.kit.enrolments import Enrolled, KnownEnrolments, Meant, enrolled_by
from integrations.kit.errors import NotHandedOver, Refused
from integrations.kit.own_writes import OwnWrites
from integrations.kit.tool import Connected
from store import links
from store.database import Store
from store.errors import StoreAway

_VISIBLE_AFTER = timedelta(seconds=60)
"""Apollo promises nothing of how soon it shows who was added."""
_OPEN_FOR = timedelta(minutes=15)
"""How long a stop without an answer may be told to have been ours."""
KIND = "enrolment"
"""Of the links that say which deal has whom in which sequence."""
_ID = TypeAdapter[str](Id)


@dataclass(frozen=True)
class _Standing:
    """A contact, and how they stand in a sequence by an enrolment of ours."""

    contact: str
    status: Status


def apollo_sequences(connected: Connected) -> ApolloSequences:
    """The sequences of an installation that is connected to Apollo."""
    return ApolloSequences(connected.block(ApolloConnection), connected.store)


class ApolloSequences:
    """Sequences of one team."""

    def __init__(self, connection: ApolloConnection, store: Store) -> None:
        self._connection, self._store, self._client = connection, store, ApolloClient(connection, store)
        self._known, self._contacts = KnownEnrolments(store, SOURCE), ApolloContacts(self._client, store)
        self._own = OwnWrites(store, SOURCE, _OPEN_FOR)

    async def enrol(self, deal_id: str, effect: EnrolContact) -> Delivery:
        """A contact in a sequence, named by its id. Its reference is the id of their status in it."""
        _check_id(effect.sequence)
        if (account := self._connection.account_of(effect.sender)) is None:
            whose = effect.sender.email if effect.sender else "anybody"
            raise NotHandedOver(
                f"no mailbox is known for {whose}: add it to email_accounts, or an email_account, in the connection"
            )
        who = Enrolled(deal=deal_id, enrolment=effect.enrolment, address=effect.address)
        made: list[_Standing] = []

        async def send() -> str:
            made[:] = [await self._enrolled(effect, who, account)]
            return made[0].status.id

        async def find() -> Lookup:
            there = await self._asked_for(effect.address, effect.sequence, effect.enrolment)
            if there is None:
                return Absent()
            made[:] = [there]
            return Found(there.status.id)

        async def arrived(_: str | None) -> None:
            for one in made:
                at = place(one.contact, effect.sequence)
                await self._known.arrived(one.status.mark, at, who)
                await links.link(self._store, SOURCE, f"{KIND}:{at}", deal_id)

        company = effect.deal.account.name if effect.deal.account is not None else None
        contact = self._contacts.part(effect.address, values_of(effect.to, effect.address, company))
        before = (contact,) if self._connection.create_contacts else ()
        return Delivery(
            send=send, idempotency=Idempotency.SEARCHABLE, find=find, visible_after=_VISIBLE_AFTER, arrived=arrived,
            before=before,
        )  # fmt: skip

    async def stop(self, effect: StopEnrolment, reference: str | None) -> Delivery:  # noqa: ARG002 - a contact is named
        """A contact who has finished a sequence. One who has already, or is not in it, is left as they are."""

        async def there() -> _Standing | None:
            return await self._asked_for(effect.address, effect.sequence, effect.enrolment)

        async def send() -> str | None:
            one = await there()
            if one is None or one.status.status in OVER:
                return one.status.id if one is not None else None
            object_id = f"{KIND}:{place(one.contact, effect.sequence)}"
            ours: dict[str, JsonValue] = {"status": "finished"}
            await self._own.announced(object_id, ours, lambda: self._client.finish(one.contact, effect.sequence))
            return one.status.id

        async def find() -> Lookup:
            one = await there()
            over = one is None or one.status.status in OVER
            return Found(one.status.id if one is not None else None) if over else Absent()

        return Delivery(send=send, idempotency=Idempotency.SEARCHABLE, find=find, visible_after=_VISIBLE_AFTER)

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    async def _enrolled(self, effect: EnrolContact, who: Enrolled, account: str) -> _Standing:
        contact = await self._contacts.now(effect.address)
        if contact is None:
            remedy = "save them there, or set create_contacts: true in the connection"
            raise Refused(f"Apollo has no contact with the address of {effect.to.name}: {remedy}")
        if contact.email_unsubscribed:
            raise Refused(f"{effect.to.name} has unsubscribed in Apollo")
        there = contact.standing(effect.sequence)
        at = place(contact.id, effect.sequence)
        meant = await self._known.meant_at(at)
        if meant is None or meant.who.enrolment != who.enrolment:
            await self._refuse_whoever_is_in_it(effect, at, there)
        elif (status := _ours(meant, there)) is not None:
            return _Standing(contact.id, status)
        meant = await self._known.mean(at, who, [one.mark for one in there])
        return _Standing(contact.id, await self._add(effect, contact.id, meant, account))

    async def _refuse_whoever_is_in_it(self, effect: EnrolContact, at: str, there: Sequence[Status]) -> None:
        if (active := next((one for one in there if one.status not in OVER), None)) is None:
            return
        other = await self._known.of(active.mark, at)
        raise Refused(
            f"{effect.to.name} is in sequence {effect.sequence} of Apollo already, "
            f"{enrolled_by(other.deal if other else None)} ({active.status})"
        )

    async def _add(self, effect: EnrolContact, contact: str, meant: Meant, account: str) -> Status:
        at, user = place(contact, effect.sequence), self._connection.user_of(effect.sender)
        await self._link(at, meant.who.deal)  # what becomes of them is read also where no answer comes
        try:
            answer = await self._client.add(contact, effect.sequence, account, user)
        except Refused:
            await self._known.not_meant(at, meant.who)
            raise
        added = next((one for one in answer.contacts if one.id == contact), None)
        status = _ours(meant, added.standing(effect.sequence)) if added is not None else None
        if status is None:
            # Taken by an earlier request, Apollo leaves them out of this one: then they are in it by now.
            now = await self._client.contact(contact)
            status = _ours(meant, now.standing(effect.sequence)) if now is not None else None
        if status is None:
            await self._known.not_meant(at, meant.who)
            raise Refused(f"Apollo left {effect.to.name} out of sequence {effect.sequence}: {answer.why_not(contact)}")
        return status

    async def _link(self, at: str, deal_id: str) -> None:
        try:
            await links.link(self._store, SOURCE, f"{KIND}:{at}", deal_id)
        except StoreAway as error:
            raise NotHandedOver(str(error)) from error

    async def _asked_for(self, address: str, sequence: str, enrolment: str) -> _Standing | None:
        """How the contact stands by an enrolment that was asked for, if Apollo has it."""
        if (contact := await self._contacts.now(address)) is None:
            return None
        meant = await self._known.meant_at(place(contact.id, sequence))
        if meant is None or meant.who.enrolment != enrolment:
            return None
        status = _ours(meant, contact.standing(sequence))
        return None if status is None else _Standing(contact.id, status)


def _ours(meant: Meant, there: Sequence[Status]) -> Status | None:
    """The standing that came up since it was asked for."""
    return next((one for one in there if meant.is_it(one.mark)), None)


def _check_id(sequence: str) -> None:
    try:
        _ID.validate_python(sequence)
    except ValidationError:
        remedy = "name it by its id, as in apollo/66e9e215ece19801b219997f"
        raise Refused(f"{sequence} is no sequence of Apollo: {remedy}") from None
