"""Contacts in Outreach's sequences: enrolled once, and taken out.

Outreach knows no key of ours, and puts nothing of ours beside a sequence state. So who is to be in which sequence is
written down before it is asked for (``integrations.kit.enrolments``), and after a lost answer the states of that
prospect in that sequence are looked through.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from dealwright.effects import EnrolContact, StopEnrolment
from integrations.kit.delivery import Absent, Delivery, Found, Idempotency, Lookup
from integrations.kit.enrolments import Enrolled, KnownEnrolments, Meant, enrolled_by
from integrations.kit.errors import NotHandedOver, Refused
from integrations.kit.own_writes import OwnWrites
from integrations.kit.tool import Connected
from integrations.outreach.client import OutreachClient
from integrations.outreach.prospects import VISIBLE_AFTER, attributes_of, prospect_part
from integrations.outreach.records import OVER, SequenceState, place
from integrations.outreach.settings import SOURCE, OutreachConnection
from store.database import Store

_OPEN_FOR = timedelta(minutes=15)
"""How long a finish without an answer may be told to have been ours."""
FINISHED = {"state": "finished"}
"""What our own stop makes of a sequence state."""


@dataclass(frozen=True)
class _Made:
    """A sequence state, and who is in which sequence by it."""

    state: SequenceState
    place: str


def outreach_sequences(connected: Connected) -> OutreachSequences:
    """The sequences of an installation that is connected to Outreach."""
    return OutreachSequences(connected.block(OutreachConnection), connected.store)


class OutreachSequences:
    """Sequences of one organization."""

    def __init__(self, connection: OutreachConnection, store: Store) -> None:
        self._connection, self._client = connection, OutreachClient(connection, store)
        self._known = KnownEnrolments(store, SOURCE)
        self._own = OwnWrites(store, SOURCE, _OPEN_FOR)

    async def enrol(self, deal_id: str, effect: EnrolContact) -> Delivery:
        """A contact in a sequence, named by its id. Its reference is the sequence state's id."""
        if not effect.sequence.isdecimal():
            raise Refused(f"{effect.sequence} is no sequence of Outreach: name it by its number, as in outreach/42")
        if (mailbox := self._connection.mailbox_of(effect.sender)) is None:
            whose = effect.sender.email if effect.sender else "anybody"
            raise NotHandedOver(
                f"no mailbox is known for {whose}: add it to mailboxes, or a mailbox, in the connection"
            )
        who = Enrolled(deal=deal_id, enrolment=effect.enrolment, address=effect.address)
        made: list[_Made] = []

        async def send() -> str:
            made[:] = [await self._enrolled(effect, who, mailbox)]
            return made[0].state.key

        async def find() -> Lookup:
            there = await self._asked_for(effect.address, effect.sequence, effect.enrolment)
            if there is None:
                return Absent()
            made[:] = [there]
            return Found(there.state.key)

        async def arrived(reference: str | None) -> None:
            for one in made:
                step = one.state.related("sequenceStep")
                await self._known.arrived(reference or one.state.key, one.place, who, step=step)

        account, owner = effect.deal.account, self._connection.user_of(effect.sender)
        values = attributes_of(effect.to, effect.address, account.name if account is not None else None)
        prospect = prospect_part(self._client, effect.address, values, owner)
        before = (prospect,) if self._connection.create_prospects else ()
        return Delivery(
            send=send, idempotency=Idempotency.SEARCHABLE, find=find, visible_after=VISIBLE_AFTER, arrived=arrived,
            before=before,
        )  # fmt: skip

    async def stop(self, effect: StopEnrolment, reference: str | None) -> Delivery:
        """A sequence state that is finished. One that is over already, or gone, is left as it is."""

        async def there() -> SequenceState | None:
            if reference is not None:
                return await self._client.state(reference)
            found = await self._asked_for(effect.address, effect.sequence, effect.enrolment)
            return None if found is None else found.state

        async def send() -> str | None:
            state = await there()
            if state is None or state.attributes.state in OVER:
                return state.key if state is not None else None
            await self._finish(state.key)
            return state.key

        async def find() -> Lookup:
            state = await there()
            over = state is None or state.attributes.state in OVER
            return Found(state.key if state is not None else None) if over else Absent()

        return Delivery(send=send, idempotency=Idempotency.SEARCHABLE, find=find, visible_after=VISIBLE_AFTER)

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    async def _enrolled(self, effect: EnrolContact, who: Enrolled, mailbox: int) -> _Made:
        prospect = await self._client.prospect(effect.address)
        if prospect is None:
            remedy = "make them a prospect there, or set create_prospects: true in the connection"
            raise Refused(f"Outreach knows nobody with the address of {effect.to.name}: {remedy}")
        if prospect.attributes.wants_no_mail:
            raise Refused(f"{effect.to.name} has opted out in Outreach")
        at, sequence = place(prospect.key, effect.sequence), effect.sequence
        there = await self._client.states(prospect.key, sequence)
        meant = await self._known.meant_at(at)
        asked_before = meant is not None and meant.who.enrolment == who.enrolment
        if meant is not None and asked_before and (made := _ours(meant, there)) is not None:
            return _Made(made, at)
        if not asked_before:
            await self._refuse_whoever_is_in_it(effect, at, there)
        meant = await self._known.mean(at, who, [one.key for one in there])
        try:
            return _Made(await self._client.enrol(prospect.key, sequence, mailbox), at)
        except Refused:
            # An earlier request may have been taken after we had looked: then this one was one too many.
            made = _ours(meant, await self._client.states(prospect.key, sequence)) if asked_before else None
            if made is None:
                await self._known.not_meant(at, who)
                raise
            return _Made(made, at)

    async def _refuse_whoever_is_in_it(self, effect: EnrolContact, at: str, there: Collection[SequenceState]) -> None:
        if (active := next((one for one in there if one.attributes.state not in OVER), None)) is None:
            return
        other = await self._known.of(active.key, at)
        raise Refused(
            f"{effect.to.name} is in sequence {effect.sequence} of Outreach already, "
            f"{enrolled_by(other.deal if other else None)} (sequence state {active.key}, {active.attributes.state})"
        )

    async def _asked_for(self, address: str, sequence: str, enrolment: str) -> _Made | None:
        """The sequence state that an enrolment asked for, if Outreach has it."""
        if (prospect := await self._client.prospect(address)) is None:
            return None
        at = place(prospect.key, sequence)
        meant = await self._known.meant_at(at)
        if meant is None or meant.who.enrolment != enrolment:
            return None
        made = _ours(meant, await self._client.states(prospect.key, sequence))
        return None if made is None else _Made(made, at)

    async def _finish(self, state: str) -> None:
        try:
            await self._own.announced(f"sequenceState:{state}", FINISHED, lambda: self._client.finish(state))
        except Refused:
            now = await self._client.state(state)  # it may have come to its end in this moment
            if now is not None and now.attributes.state not in OVER:
                raise


def _ours(meant: Meant, there: Collection[SequenceState]) -> SequenceState | None:
    """The sequence state that came up since it was asked for."""
    return next((one for one in there if meant.is_it(one.key)), None)
