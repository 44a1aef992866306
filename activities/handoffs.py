"""The activities ``hand_over`` and ``request_approval``: handoff packages and approval requests.

Both are written to the CRM, and mailed to the person where an address is known.
"""

from __future__ import annotations

from collections.abc import Mapping

from temporalio import activity

from activities.attempt import Attempt
from activities.ledger import Ledger
from activities.requests import effect_of
from dealwright.contract import EffectRequest
from dealwright.deal import Contact, Person
from dealwright.effects import HandOver, Outcome, RequestApproval
from integrations.kit.delivery import Delivery, Part
from integrations.kit.ports import Crm, Mailer
from integrations.mail.headers import plain
from integrations.mail.messages import MailMessage, MessageBuilder


class Handoffs:
    """Brings packages and questions to colleagues."""

    def __init__(self, ledger: Ledger, crm: Crm, mailer: Mailer, builder: MessageBuilder) -> None:
        self._ledger, self._crm, self._mailer, self._builder = ledger, crm, mailer, builder

    @activity.defn(name="hand_over")
    async def hand_over(self, request: EffectRequest) -> Outcome:
        """Bring one handoff package to its receiver, once."""
        effect, attempt = effect_of(request, HandOver), Attempt.current()

        async def prepare() -> Delivery:
            kept = await self._crm.keep_package(request.deal_id, effect)
            subject = f"Handoff: {effect.deal.title or request.deal_id}"
            return self._mailed(kept, self._letter(effect.id, effect.to, subject, package_text(effect), attempt))

        return await self._ledger.hand_over(request, attempt, prepare)

    @activity.defn(name="request_approval")
    async def request_approval(self, request: EffectRequest) -> Outcome:
        """Ask one approver for a yes or no, once."""
        effect, attempt = effect_of(request, RequestApproval), Attempt.current()

        async def prepare() -> Delivery:
            kept = await self._crm.keep_approval_request(request.deal_id, effect)
            subject = f"Approval asked for: deal {request.deal_id}"
            text = approval_text(request.deal_id, effect)
            return self._mailed(kept, self._letter(effect.id, effect.owner, subject, text, attempt))

        return await self._ledger.hand_over(request, attempt, prepare)

    def _letter(
        self, effect_id: str, to: Person | None, subject: str, text: str, attempt: Attempt
    ) -> MailMessage | None:
        if to is None or not to.email:
            return None
        return self._builder.to_colleague(effect_id, to, subject, text, attempt.at)

    def _mailed(self, kept: Delivery, letter: MailMessage | None) -> Delivery:
        """What is kept in the CRM, and then mailed; the CRM's name for it is the reference."""
        if letter is None:
            return kept

        async def send() -> None:
            await self._mailer.send(letter, sender=self._builder.address, recipient=letter.recipient)

        return Delivery(send=send, before=(Part(name="kept", delivery=kept),))


def package_text(effect: HandOver) -> str:
    """A handoff package as its receiver reads it."""
    deal = effect.deal
    head = [
        f"{plain(deal.title or deal.id)} comes from {_role(effect.from_role)} to {_role(effect.to_role)}.",
        f"Please accept it by {effect.accept_by:%a %d %b %Y %H:%M} UTC (deal {deal.id}, handoff {effect.handoff}).",
        "",
    ]
    people = [f"- {_person(contact)}" for contact in deal.contacts or ()]
    return "\n".join([*head, *_listed(effect.pieces), *(["", "People:", *people] if people else [])]) + "\n"


def approval_text(deal_id: str, effect: RequestApproval) -> str:
    """An approval request as its approver reads it."""
    head = [
        f"As {_role(effect.role)} you are asked to approve exact terms for deal {deal_id}:",
        "",
        *_listed(effect.shown),
        "",
        f"Please answer by {effect.answer_by:%a %d %b %Y %H:%M} UTC (approval {effect.approval}).",
    ]
    return "\n".join(head) + "\n"


def _listed(pieces: Mapping[str, str]) -> list[str]:
    return [f"{name.replace('_', ' ').capitalize()}: {_indented(text)}" for name, text in pieces.items()]


def _indented(text: str) -> str:
    """What strangers wrote may have lines: none of them may look like a piece, or like terms, of its own."""
    return "\n  ".join(text.splitlines())


def _person(contact: Contact) -> str:
    return plain(contact.name) + (f", {plain(contact.role)}" if contact.role else "")


def _role(name: str) -> str:
    return name.replace("_", " ")
