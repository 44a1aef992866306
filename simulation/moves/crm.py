"""What a CRM and a billing tool tell."""

from __future__ import annotations

from simulation.moves.deals import any_money, any_person
from simulation.moves.situation import Payload, Situation

_B2B_STAGES = ("research", "outreach", "discovery", "presentation", "proposal", "nurture")
_STAGES_OF = {
    "odd-jobs": ("first", "second", "third"), "other-tools": ("reach", "offer", "billed"),
    "enterprise-outbound": ("target", "outreach", "nurture", "discovery", "evaluation", "proposal", "won"),
    "product-led": ("self-serve", "sales", "customer"),
}  # fmt: skip


def stage_set(situation: Situation) -> Payload:
    """What somebody sets in the CRM: a stage of the playbook more often than not."""
    mine = _STAGES_OF.get(situation.playbook, _B2B_STAGES)
    return {"stage": situation.random.choice((*mine, "anything")), "by": "Rea"}


def properties(situation: Situation) -> Payload:
    """What somebody changes in the record: its title, close date, owner, mostly its amount."""
    part = situation.random.choice(("title", "close_on", "owner", "amount", "amount", "amount"))
    if part == "owner":
        person = any_person(situation.random, situation.state.owner_role or "rep")
        return {"owner": None if situation.random.random() < 0.2 else person.model_dump(exclude_none=True)}
    if part != "amount":
        return {part: "Another title" if part == "title" else situation.day(5, 90)}
    return {"amount": None if situation.random.random() < 0.3 else any_money(situation.random).model_dump(mode="json")}


def invoice(situation: Situation) -> Payload:
    """An invoice, with what it is about."""
    return {"invoice": "i1", "amount": any_money(situation.random).model_dump(mode="json")}
