"""The activities ``plan_work_messages`` and ``send_work_message``: people are told of their work, each thing once.

A message goes through the once-only ledger like an effect. What it tells of is read again just before it is handed
over, so that nothing is told that was answered meanwhile.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from temporalio import activity

from activities.attempt import Attempt
from activities.once_only import Checkpoint, OnceOnly, Patience, wall_clock
from activities.work_texts import Links, WorkTexts
from dealwright.contract import PLAN_WORK_MESSAGES, SEND_WORK_MESSAGE, PlannedMessages, WorkMessageRequest
from dealwright.deal import Person
from dealwright.effects import Outcome
from dealwright.preferences import Preferences
from integrations.kit.delivery import Delivery
from integrations.kit.errors import Refused, store_errors_for_temporal
from integrations.kit.personal_message import PersonalMessage
from integrations.kit.ports import PersonalMessages
from store import deal_summaries, ledger, links, open_work, preferences, suppression, work_messages
from store.database import Store
from store.ledger import Claim
from store.reservations import LastChecks
from store.work_messages import State, WorkMessage

MAIL = "mail"
_KIND = "tell_work"
"""The kind of these messages in the ledger."""
_OF_NO_DEAL = ""
_ANSWERED = "nothing of it is open any more"
_BOUNCES = "mail to this address bounces: mend it, and take it off with dealwright suppression remove --bounce"
_MOST_COUNTED = 1000
_SETTLED: Mapping[str, State] = {"done": "done", "skipped": "skipped", "failed": "failed", "uncertain": "uncertain"}


class WorkMessages:
    """Tells people of their work. ``channels`` are by name; mail is always among them."""

    def __init__(
        self,
        store: Store,
        channels: Mapping[str, PersonalMessages],
        default: Preferences,
        look_at: Links,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        checkpoint: Callable[[Checkpoint], None] = lambda _: None,
    ) -> None:
        self._store, self._channels, self._default, self._links = store, channels, default, look_at
        self._clock = clock
        self._once = OnceOnly(
            store=store, confirm=_nobody_waits, checkpoint=checkpoint, patience=Patience(), clock=wall_clock
        )

    @activity.defn(name=PLAN_WORK_MESSAGES)
    async def plan_work_messages(self) -> PlannedMessages:
        """Make messages of what is new, and list all that are to go out."""
        with store_errors_for_temporal():
            await work_messages.plan(self._store, self._default, self._clock())
            return PlannedMessages(ids=tuple(await work_messages.waiting(self._store)))

    @activity.defn(name=SEND_WORK_MESSAGE)
    async def send_work_message(self, request: WorkMessageRequest) -> None:
        """Hand one message over, once, and keep what became of it."""
        with store_errors_for_temporal():
            planned = await work_messages.find(self._store, request.id)
            if planned is None or planned.state != "waiting":
                return
            outcome = await self._hand_over(planned)
            if (state := _SETTLED.get(outcome.status)) is not None:
                state = "skipped" if outcome.reason in {_ANSWERED, _BOUNCES} else state
                await work_messages.settle(self._store, planned.id, state, outcome.reason, self._clock())

    async def _hand_over(self, planned: WorkMessage) -> Outcome:
        now = self._clock()
        claim = Claim(
            effect_id=planned.id, deal_id=_OF_NO_DEAL, kind=_KIND, token=uuid.uuid4().hex, at=now,
            recipient=planned.person,
        )  # fmt: skip
        async with self._store.writing() as connection:
            row = await ledger.claim(self._store, connection, claim)
        prepare = partial(self._prepare, planned)
        return await self._once.hand_over(claim, row, Attempt(at=now, run=""), prepare, LastChecks())

    async def _prepare(self, planned: WorkMessage) -> Delivery:
        chosen = await preferences.chosen_by(self._store, planned.person)
        wanted = self._default.with_chosen(chosen)
        person, message = await self._written(planned, wanted)
        if planned.channel is not None:
            return await self._tell(planned.channel, person, message)
        channel = wanted.channel if wanted.channel in self._channels else MAIL
        try:
            delivery = await self._tell(channel, person, message)
        except Refused:
            if channel == MAIL:
                raise
            channel, delivery = MAIL, await self._tell(MAIL, person, message)
        await work_messages.settle_channel(self._store, planned.id, channel)
        return delivery

    async def _tell(self, channel: str, person: Person, message: PersonalMessage) -> Delivery:
        if channel == MAIL and await suppression.has_bounced(self._store, person.email or ""):
            raise Refused(_BOUNCES)
        return await self._channels[channel].tell(person, message)

    async def _written(self, planned: WorkMessage, wanted: Preferences) -> tuple[Person, PersonalMessage]:
        now = self._clock()
        work = await open_work.told_by(self._store, planned.id, now)
        if not work:
            raise Refused(_ANSWERED)
        deals = await deal_summaries.summaries_of(self._store, [one.deal_id for one in work])
        known = (deal.person(planned.person) for deal in deals.values())
        person = next(filter(None, known), None) or Person(name=planned.person, email=planned.person)
        everything = await open_work.list_work(
            self._store, now, open_work.WhichWork(planned.person), limit=_MOST_COUNTED
        )
        texts = WorkTexts(
            person=person, wanted=wanted, deals=deals, now=now,
            links=replace(self._links, crm_ids=await self._crm_ids(list(deals))),
        )  # fmt: skip
        return person, texts.message(planned, work, max(len(everything) - len(work), 0))

    async def _crm_ids(self, deals: Sequence[str]) -> dict[str, str]:
        if self._links.crm is None:
            return {}
        found = {deal_id: await links.objects_of(self._store, deal_id, self._links.crm, "deal") for deal_id in deals}
        return {deal_id: ids[0] for deal_id, ids in found.items() if ids}


async def _nobody_waits(_deal_id: str, _effect_id: str) -> None:
    """No deal waits for what becomes of these messages."""
