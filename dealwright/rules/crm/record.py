"""The deal's record in the CRM: written when the deal no longer agrees with it, and not for what was told by it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import get_args

from pydantic import BaseModel
from pydantic_core import to_json

from dealwright.deal import Contact, Person
from dealwright.effects import CrmPart, UpdateCrm
from dealwright.facts import CrmDealDeleted, CrmPropertiesChanged, Fact
from dealwright.identity import run_key
from dealwright.learning.lessons import Lesson
from dealwright.rules.crm.in_hand import watched
from dealwright.rules.decision_context import DecisionContext
from dealwright.state import CrmValue, DealState
from dealwright.values.addresses import normal

PARTS: tuple[CrmPart, ...] = get_args(CrmPart)
_LARGE: tuple[CrmPart, ...] = ("account", "contacts")
"""They are given only when they are written."""
_ALWAYS_AT_THE_END: tuple[CrmPart, ...] = ("stage", "outcome")


def keep_up(context: DecisionContext) -> None:
    """Write what of the deal differs from its record, all of it at once.

    It is looked for when the deal changed, when the CRM told something, and when an end was shown there. What was
    perhaps not written is written again along with it, and not by itself: whatever refused it may refuse it for ever.
    """
    state, crm, now = context.state, context.crm, watched(context.state)
    if state.finished or (now == crm.seen and not crm.look_again):
        return
    entered, note = crm.entered, crm.note
    crm.seen, crm.look_again, crm.entered, crm.note = now, False, False, None
    if not is_kept(state):
        return
    texts = _texts(context)
    differ = _differing(state, texts)
    if not differ:
        return
    parts = _in_order({*differ, *(part for part, known in state.in_crm.items() if known.unsure)})
    entered = entered and "stage" in parts
    key = run_key(f"stage-{state.stage}", state.visit, 1) if entered else _next_key(state)
    what = f"Show the stage in the CRM: {state.stage}" if entered else f"Bring the CRM up to date: {', '.join(parts)}"
    update = _as_it_is(context).model_copy(update={"id": context.id_for(key, "crm"), "summary": what, "note": note})
    _start(context, update, parts, texts)


def close(context: DecisionContext, outcome: str, reason: str) -> None:
    """Show in the CRM how the deal ended, with all that is not surely written there."""
    state = context.state
    if not is_kept(state):
        return
    id_ = context.id_for(run_key("deal-closed", state.visit, 1), "crm")
    what = f"Show the stage in the CRM: {state.stage}"
    ending = {"id": id_, "summary": what, "outcome": outcome, "reason": reason, "note": reason}
    update = _as_it_is(context).model_copy(update=ending)
    on_the_way = {part for part, known in state.in_crm.items() if known.unsure or known.effect in state.pending}
    texts = _texts(context, outcome)
    context.crm.look_again = True  # the deal may be opened again at this same moment
    _start(context, update, _in_order({*_differing(state, texts), *on_the_way, *_ALWAYS_AT_THE_END}), texts)


def write_again(context: DecisionContext, update: UpdateCrm) -> None:
    """Start an update anew that waited, with what the deal is now."""
    now = _as_it_is(context)
    changes: dict[str, object] = {"id": update.id, "summary": update.summary}
    if update.outcome is None or update.outcome == now.outcome:  # else it says why the deal ended, and it goes on
        changes |= {"note": update.note, "reason": update.reason}
    texts = _texts(context)
    parts = _in_order({*_differing(context.state, texts), *(part for part in PARTS if update.writes(part))})
    context.crm.look_again = True  # the deal may go on, and come back, at this same moment
    _start(context, now.model_copy(update=changes), parts, texts, again=True)


def is_kept(state: DealState) -> bool:
    """Whether the deal has a record that can be written: one that was deleted in the CRM has none."""
    return CrmDealDeleted.name not in state.happened


def told(context: DecisionContext, fact: Fact, learned: Lesson, at: datetime) -> dict[str, str | None]:
    """What the record holds by what the CRM told of its properties, by part; None where that is not sure."""
    if not isinstance(fact, CrmPropertiesChanged):
        return {}
    known = context.state.in_crm
    said = ((part, text, known.get(part)) for part, text in _said(context, fact, learned))
    return {part: after(text, before, at) for part, text, before in said if is_news(before, at)}


def is_news(known: CrmValue | None, at: datetime) -> bool:
    """Whether what the CRM tells of a part is of later than what is known of it: else that was overwritten since."""
    return known is None or known.at <= at


def after(text: str | None, known: CrmValue | None, at: datetime) -> str | None:
    """What a part holds after that was told of it.

    While an update of ours was on its way, nobody knows which of the two came first: that is not sure, and it is
    written once more.
    """
    if known is None or known.effect is None or known.unsure or known.value == text:
        return text
    return text if known.settled_at is not None and known.settled_at <= at else None


def _next_key(state: DealState) -> str:
    return run_key("crm-record", state.visit, state.entries)


def _in_order(parts: set[str]) -> tuple[CrmPart, ...]:
    return tuple(part for part in PARTS if part in parts)


def _as_it_is(context: DecisionContext) -> UpdateCrm:
    """The whole record as the deal is now."""
    state, deal = context.state, context.deal
    roles = dict.fromkeys((*context.playbook.roles, *(deal.owners or ())))
    holders = {role: person for role in roles if (person := context.holder(role)) is not None}
    return UpdateCrm(
        id="", at=context.now, summary="", stage=state.stage or "", outcome=state.outcome, amount=deal.amount,
        title=deal.title, close_on=deal.close_on, owner_role=state.owner_role or context.stage.owner, owners=holders,
        account=deal.account, contacts=deal.contacts,
    )  # fmt: skip


def _start(
    context: DecisionContext,
    update: UpdateCrm,
    parts: tuple[CrmPart, ...],
    texts: dict[CrmPart, str],
    *,
    again: bool = False,
) -> None:
    left_out: dict[str, object] = {part: None for part in _LARGE if part not in parts}
    in_crm: dict[str, str] = {part: texts[part] for part in parts}
    context.start(update.model_copy(update={"parts": parts, **left_out}), again=again, in_crm=in_crm)


def _differing(state: DealState, texts: dict[CrmPart, str]) -> tuple[CrmPart, ...]:
    return tuple(part for part, text in texts.items() if not _agrees(part, text, state.in_crm.get(part)))


def _agrees(part: CrmPart, text: str, known: CrmValue | None) -> bool:
    if part == "owner" and not text:
        return True  # nobody is known here: whoever has it there may keep it
    return text == ("" if known is None else known.value)


def _texts(context: DecisionContext, outcome: str | None = None) -> dict[CrmPart, str]:
    """Each part as it is compared; empty where there is nothing."""
    state, deal = context.state, context.deal
    return {
        "stage": state.stage or "",
        "outcome": outcome or state.outcome or "",
        "amount": _text(deal.amount),
        "title": deal.title or "",
        "close_on": _text(deal.close_on),
        "owner": _person(context.holder(state.owner_role or context.stage.owner)),
        "account": _digest(deal.account),
        "contacts": _digest(deal.contacts),
    }


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _person(person: Person | None) -> str:
    if person is None:
        return ""
    return normal(person.email) if person.email else person.name


def _digest(value: object) -> str:
    """What tells one content of a large part from another."""
    return hashlib.sha256(to_json(value, exclude_none=True)).hexdigest()[:16] if value else ""


def _said(
    context: DecisionContext, fact: CrmPropertiesChanged, learned: Lesson
) -> Iterator[tuple[CrmPart, str | None]]:
    """What the CRM told of each part, as it is compared; None of one that was told only in pieces."""
    given, role = fact.model_fields_set, context.state.owner_role
    if "amount" in given:
        yield "amount", _text(fact.amount)
    if "title" in given:
        yield "title", fact.title or ""
    if "close_on" in given:
        yield "close_on", _text(fact.close_on)
    if "owner" in given:
        yield "owner", _person(fact.owner)
    elif role in fact.owners:
        yield "owner", _person(fact.owners[role])
    if "account" in given:
        deal = context.deal.knowing(learned.learned) if learned.learned else context.deal
        agrees = fact.account is None or (deal.account is not None and _agree(fact.account, deal.account))
        yield "account", _digest(deal.account if fact.account else None) if agrees else None
    if fact.contacts:
        deal = context.deal.knowing(learned.learned) if learned.learned else context.deal
        yield "contacts", _digest(deal.contacts) if _are_known_so(fact.contacts, deal.contacts or ()) else None


def _are_known_so(told_of: tuple[Contact, ...], known: tuple[Contact, ...]) -> bool:
    """Whether contacts are known now as the CRM told of them."""
    by_id = {one.id: one for one in known}
    return all(one.id in by_id and _agree(one, by_id[one.id]) for one in told_of)


def _agree(told_of: BaseModel, known: BaseModel) -> bool:
    return all(getattr(known, field, None) == getattr(told_of, field) for field in told_of.model_fields_set)
