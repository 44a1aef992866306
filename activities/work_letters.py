"""Letters that effects send to colleagues: handoff packages and approval requests, told of in no second message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from activities.work_texts import Links, how_to_answer
from dealwright.deal import Person
from dealwright.preferences import Preferences
from dealwright.values.addresses import normal
from integrations.kit.delivery import Delivery, Part
from integrations.kit.ports import Mailer
from integrations.mail.messages import MailMessage, MessageBuilder
from store import preferences, told_work
from store.database import Store
from store.open_work import WorkKind, answer_to
from store.told_work import Piece


@dataclass(frozen=True, kw_only=True)
class WorkLetter:
    """What an effect asks of a person, as a letter says it."""

    effect_id: str
    deal_id: str
    kind: WorkKind
    id: str
    terms: dict[str, str]
    subject: str
    text: str


class WorkLetters:
    """Mails them to those who read mail at once. Others are told as they chose (``activities.work_messages``)."""

    def __init__(
        self, store: Store, mailer: Mailer, builder: MessageBuilder, default: Preferences, look_at: Links
    ) -> None:
        self._store, self._mailer, self._builder = store, mailer, builder
        self._default, self._links = default, look_at

    async def after(self, kept: Delivery, letter: WorkLetter, to: Person | None, at: datetime) -> Delivery:
        """What is kept in the CRM, and then mailed if it is to be; the CRM's name for it is the reference.

        Raises:
            Refused: the letter would not arrive as it was meant.
        """
        if to is None or not to.email or not await self._may_go(letter, normal(to.email), at):
            return kept
        finished = self._written(letter, to, at)

        async def send() -> None:
            await self._mailer.send(finished, sender=self._builder.address, recipient=finished.recipient)

        return Delivery(send=send, before=(Part(name="kept", delivery=kept),))

    async def _may_go(self, letter: WorkLetter, person: str, at: datetime) -> bool:
        """Whether this letter tells of it. One that began to go out goes on, whatever the person chose since."""
        wanted = self._default.with_chosen(await preferences.chosen_by(self._store, person))
        piece = Piece(letter.deal_id, letter.kind, letter.id, person, at)
        if (wanted.channel, wanted.delivery) == ("mail", "at_once"):
            return await told_work.claim_for_letter(self._store, piece, letter.effect_id)
        return await told_work.teller_of(self._store, piece) == letter.effect_id

    def _written(self, letter: WorkLetter, to: Person, at: datetime) -> MailMessage:
        answer = answer_to(letter.kind, letter.id, letter.terms)
        lines = [
            self._links.to(letter.deal_id),
            *how_to_answer(letter.deal_id, answer, to.email or "", self._links.api),
        ]
        text = "\n".join((letter.text, *filter(None, lines))) + "\n"
        return self._builder.to_colleague(letter.effect_id, to, letter.subject, text, at)
