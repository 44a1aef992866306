"""From mail to the intake: which deal and touch a message is about, and the fact that it is.

Facts bear an id made of the Message-ID, so that a message counts once though it comes over two ways.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import assert_never

from pydantic import JsonValue

from dealwright.client.checked_fact import CheckedFact
from dealwright.facts import FACTS, EmailBounced, EmailOpened, OptedOut, ReplyReceived
from dealwright.validation.errors import BadDeal
from dealwright.validation.reading import read_fields
from dealwright.values.addresses import complaint_about_address, same
from integrations.mail.inbound.delivery_reports import DeliveryReport
from integrations.mail.inbound.incoming import IncomingMail
from integrations.mail.inbound.mail_events import Ignored, MailEvent, Opened, Undelivered, Unwanted
from integrations.mail.inbound.meaning import (
    AutomaticReply,
    Complaint,
    Meaning,
    Nothing,
    Reply,
    Unsubscription,
    meaning_of,
    touches_in,
)
from store import ledger, mail_messages, suppression, unsubscribe
from store.database import Store
from store.intake import Event, IntakeState
from store.mail_messages import OF_NO_DEAL, MailMessage
from store.suppression import SuppressedAddress

LONGEST_REASON = 500
MAIL = "mail"
"""What deals hear messages from, whichever way they came: told alike by two ways, a message counts once."""
NO_MESSAGE_OF_OURS = "it answers no message of a deal"
OF_A_COLLEAGUE = "it is about a message to a colleague: work is answered by the command that the message names"


async def deal_events(store: Store, source: str, told: Sequence[MailEvent], received_at: datetime) -> list[Event]:
    """What the intake keeps of these: each with the deal and the fact, or with why it tells none.

    Addresses of people who want no more mail are suppressed at once.

    Raises:
        StoreAway: the database does not answer; everything may be told again.
    """
    secret = await unsubscribe.secret(store)
    reading = _Reading(store, source, received_at, secret)
    return [await reading.event_of(one) for one in told]


class _Reading:
    def __init__(self, store: Store, source: str, received_at: datetime, secret: bytes) -> None:
        self._store, self._source, self._received_at, self._secret = store, source, received_at, secret

    async def event_of(self, told: MailEvent) -> Event:
        match told:
            case IncomingMail():
                return await self._of_mail(told)
            case Undelivered() | Unwanted() | Opened():
                return await self._of_report(told)
            case Ignored():
                state = IntakeState.REFUSED if told.amiss else IntakeState.SKIPPED
                return self._kept(told.event_id, told.why, dict(told.shown), state)
            case _ as never:
                assert_never(never)

    async def _of_mail(self, mail: IncomingMail) -> Event:
        meaning = await asyncio.to_thread(meaning_of, mail, self._secret)  # it may take the better part of a second
        if isinstance(meaning, Nothing):
            return self._skipped(mail, meaning.why)
        touch = await self._touch_of(mail, meaning)
        if touch is None:
            return self._skipped(mail, NO_MESSAGE_OF_OURS)
        if touch.deal_id == OF_NO_DEAL:
            return await self._of_colleague(mail, meaning, touch)
        match meaning:
            case DeliveryReport():
                return self._bounced(mail, meaning, touch)
            case Unsubscription():
                return await self._opted_out(mail, touch, f"unsubscribe:{touch.effect_id}", "unsubscribed")
            case Complaint():
                return await self._opted_out(mail, touch, f"mail:{mail.message_id}", "marked a message as spam")
            case Reply():
                return await self._answered(mail, touch, "other", None)
            case AutomaticReply():
                return await self._answered(mail, touch, "out_of_office", meaning.returns_on)
            case _ as never:
                assert_never(never)

    async def _touch_of(self, mail: IncomingMail, meaning: Meaning) -> MailMessage | None:
        """By an address that names the touch, then by what it answers or reports on."""
        for named in touches_in(mail.recipients, self._secret):
            if (found := await mail_messages.of_touch(self._store, named.touch)) is not None:
                return found
        match meaning:
            case DeliveryReport():
                ids, effect = meaning.message_ids, meaning.effect
            case Complaint():
                ids, effect = meaning.message_ids, None
            case Unsubscription():
                ids, effect = mail.answered, meaning.effect
            case _:
                ids, effect = mail.answered, None
        return await self._known(ids, effect)

    async def _known(self, message_ids: Sequence[str], effect: str | None) -> MailMessage | None:
        found = await mail_messages.of_ids(self._store, message_ids)
        return found or (await mail_messages.of_effect(self._store, effect) if effect else None)

    async def _answered(self, mail: IncomingMail, touch: MailMessage, sentiment: str, returns: date | None) -> Event:
        author = mail.author
        if not author.address:
            return self._kept(mail.message_id, "it does not say who wrote it", _shown(mail), IntakeState.REFUSED)
        await self._remember(mail, touch)
        if await mail_messages.wrote_for_us(self._store, touch.deal_id, author.address):
            return self._skipped(mail, "a colleague of ours wrote it")
        row = await ledger.row(self._store, touch.effect_id)
        fact: dict[str, object] = {"address": author.address, "sentiment": sentiment}
        # A program that answers our message speaks for the mailbox that we wrote to, whatever it calls itself.
        for_recipient = sentiment == "out_of_office" and touch.touch is not None
        if row is not None and row.contact and (same(author.address, row.recipient) or for_recipient):
            fact |= {"contact": row.contact, "address": row.recipient or author.address}
        if not same(author.address, touch.recipient):
            fact["note"] = f"From {author.name} <{author.address}>".replace("  ", " ")
        if returns is not None:
            fact["returns_on"] = returns.isoformat()
        if not mail.message_id.startswith("sha256-"):
            fact["message_id"] = f"<{mail.message_id}>"
        return self._told(mail.message_id, touch, ReplyReceived.name, mail.written_at, {"source": MAIL, **fact})

    async def _remember(self, mail: IncomingMail, touch: MailMessage) -> None:
        theirs = MailMessage(
            message_id=mail.message_id, deal_id=touch.deal_id, effect_id=touch.effect_id, sender=mail.author.address,
            at=self._received_at,
        )  # fmt: skip
        await mail_messages.remember(self._store, theirs)

    def _bounced(self, mail: IncomingMail, report: DeliveryReport, touch: MailMessage) -> Event:
        failure = report.about(touch.recipient)
        if failure is None:
            return self._skipped(mail, "the report speaks of no failure: the message is delayed, or has arrived")
        what = {"kind": failure.kind, "touch": touch.effect_id, "address": touch.recipient, "note": failure.reason}
        fact = {"source": MAIL, **what}
        return self._told(mail.message_id, touch, EmailBounced.name, mail.written_at, fact)

    async def _of_colleague(self, mail: IncomingMail, meaning: Meaning, touch: MailMessage) -> Event:
        failure = meaning.about(touch.recipient) if isinstance(meaning, DeliveryReport) else None
        if failure is not None and failure.kind == "hard":
            await self._gets_no_mail(touch)
        return self._skipped(mail, OF_A_COLLEAGUE)

    async def _gets_no_mail(self, touch: MailMessage) -> None:
        """A message about a colleague's work came back for good: no more of them goes to that address."""
        gone = SuppressedAddress(
            address=touch.recipient or "", reason="email bounced, a message about work", since=self._received_at,
            deal_id=None,
        )  # fmt: skip
        async with self._store.writing() as connection:
            await suppression.write(self._store, connection, gone, bounced=True)

    async def _opted_out(self, mail: IncomingMail, touch: MailMessage, fact_id: str, how: str) -> Event:
        fact = await self._silenced(touch, touch.recipient or "", how)
        return self._told(
            mail.message_id, touch, OptedOut.name, mail.written_at, {**fact, "source": MAIL, "id": fact_id}
        )

    async def _silenced(self, touch: MailMessage, address: str, how: str) -> dict[str, object]:
        row = await ledger.row(self._store, touch.effect_id)
        if address:
            await suppression.suppress(self._store, address, how, touch.at, touch.deal_id)
        contact = row.contact if row is not None and same(address, row.recipient) else None
        return {"contact": contact, "address": address, "note": how}

    async def _of_report(self, told: Undelivered | Unwanted | Opened) -> Event:
        message = told.message
        address = message.address if complaint_about_address(message.address) is None else ""
        known = await self._known(message.message_ids, message.effect)
        touch = known or (await self._last_to(address, message.at) if address else None)
        if touch is None:
            return await self._of_strangers(told, address)
        if touch.deal_id == OF_NO_DEAL:
            if isinstance(told, Undelivered) and told.kind == "hard":
                await self._gets_no_mail(touch)
            return self._kept(message.event_id, OF_A_COLLEAGUE, {"address": address})
        if isinstance(told, Unwanted):
            whom = await self._silenced(touch, address or touch.recipient or "", told.how)
            return self._told(message.event_id, touch, OptedOut.name, message.at, whom)
        if isinstance(told, Undelivered):
            why = {"kind": told.kind, "touch": touch.effect_id, "address": address, "note": told.reason[:300]}
            return self._told(message.event_id, touch, EmailBounced.name, message.at, why)
        # An address alone does not say which message it was.
        which = {"touch": touch.effect_id} if known else {}
        return self._told(message.event_id, touch, EmailOpened.name, message.at, which)

    async def _of_strangers(self, told: Undelivered | Unwanted | Opened, address: str) -> Event:
        message, why = told.message, "no deal wrote to this address"
        if isinstance(told, Unwanted) and address:
            await suppression.suppress(self._store, address, told.how, message.at or self._received_at, None)
            why += ": it gets no more marketing, all the same"
        return self._kept(message.event_id, why, {"address": address})

    async def _last_to(self, address: str, at: datetime | None) -> MailMessage | None:
        found = await mail_messages.last_to(self._store, address, at)
        return found or await mail_messages.last_to(self._store, address)

    def _told(
        self, event_id: str, touch: MailMessage, name: str, at: datetime | None, fact: Mapping[str, object]
    ) -> Event:
        given = {"id": f"mail:{event_id}", "source": self._source, **fact}
        if at is not None:
            given["at"] = min(at, self._received_at)
        given = {key: value for key, value in given.items() if value not in (None, "")}
        try:
            checked = CheckedFact.of(read_fields(FACTS[name], given))
        except BadDeal as error:
            return self._kept(event_id, str(error), {}, IntakeState.REFUSED)
        return Event(
            source=self._source, event_id=event_id, deal_ref=touch.deal_id, fact=name, payload=dict(checked.payload),
            received_at=self._received_at,
        )  # fmt: skip

    def _skipped(self, mail: IncomingMail, why: str) -> Event:
        return self._kept(mail.message_id, why, _shown(mail))

    def _kept(
        self, event_id: str, why: str, shown: dict[str, JsonValue], state: IntakeState = IntakeState.SKIPPED
    ) -> Event:
        return Event(
            source=self._source, event_id=event_id, deal_ref=None, fact="", payload=shown,
            received_at=self._received_at, state=state, last_error=why[:LONGEST_REASON],
        )  # fmt: skip


def _shown(mail: IncomingMail) -> dict[str, JsonValue]:
    return {"from": mail.author.address, "subject": mail.subject[:200], "message_id": mail.message_id}
