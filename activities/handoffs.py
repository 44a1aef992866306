"""The activities ``hand_over`` and ``request_approval``: handoff packages and approval requests.

Both are written to the CRM, and mailed to the person where an address is known and mail is what they chose.
"""

from __future__ import annotations

from collections.abc import Mapping

from temporalio import activity

from activities.attempt import Attempt
from activities.ledger import Ledger
from activities.requests import effect_of
from activities.work_letters import WorkLetter, WorkLetters
from dealwright.contract import EffectRequest
from dealwright.deal import Contact
from dealwright.effects import HandOver, Outcome, RequestApproval
from integrations.kit.delivery import Delivery
from integrations.kit.ports import Crm
from integrations.mail.headers import plain


class Handoffs:
    """Brings packages and questions to colleagues."""

    def __init__(self, ledger: Ledger, crm: Crm, letters: WorkLetters) -> None:
        self._ledger, self._crm, self._letters = ledger, crm, letters

    @activity.defn(name="hand_over")
    async def hand_over(self, request: EffectRequest) -> Outcome:
        """Bring one handoff package to its receiver, once."""
        effect, attempt = effect_of(request, HandOver), Attempt.current()
        letter = WorkLetter(
            effect_id=effect.id, deal_id=request.deal_id, kind="handoff", id=effect.handoff, terms={},
            subject=f"Handoff: {effect.deal.title or request.deal_id}", text=package_text(effect),
        )  # fmt: skip

        async def prepare() -> Delivery:
            kept = await self._crm.keep_package(request.deal_id, effect)
            return await self._letters.after(kept, letter, effect.to, attempt.at)

        return await self._ledger.hand_over(request, attempt, prepare)

    @activity.defn(name="request_approval")
    async def request_approval(self, request: EffectRequest) -> Outcome:
        """Ask one approver for a yes or no, once."""
        effect, attempt = effect_of(request, RequestApproval), Attempt.current()
        letter = WorkLetter(
            effect_id=effect.id, deal_id=request.deal_id, kind="approval", id=effect.approval, terms=effect.terms,
            subject=f"Approval asked for: deal {request.deal_id}", text=approval_text(request.deal_id, effect),
        )  # fmt: skip

        async def prepare() -> Delivery:
            kept = await self._crm.keep_approval_request(request.deal_id, effect)
            return await self._letters.after(kept, letter, effect.owner, attempt.at)

        return await self._ledger.hand_over(request, attempt, prepare)


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
        *_one_is_enough(effect),
        f"Please answer by {effect.answer_by:%a %d %b %Y %H:%M} UTC (approval {effect.approval}).",
    ]
    return "\n".join(head) + "\n"


def _one_is_enough(effect: RequestApproval) -> list[str]:
    """Who else may answer: whoever reads it need not wait for them, nor they for the reader."""
    return [f"One answer is enough: {' or '.join(map(_role, effect.others))} may answer too."] if effect.others else []


def _listed(pieces: Mapping[str, str]) -> list[str]:
    return [f"{name.replace('_', ' ').capitalize()}: {_indented(text)}" for name, text in pieces.items()]


def _indented(text: str) -> str:
    """What strangers wrote may have lines: none of them may look like a piece, or like terms, of its own."""
    return "\n  ".join(text.splitlines())


def _person(contact: Contact) -> str:
    return plain(contact.name) + (f", {plain(contact.role)}" if contact.role else "")


def _role(name: str) -> str:
    return name.replace("_", " ")
