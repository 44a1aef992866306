"""Documents for the buyer: made for exact terms, sent once these are granted, taken back when they are no longer so.

A document that is out stays out until its successor may go: the old version is taken back first, then the new one is
sent. What the buyer has answered, or what has expired, is left as it is.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from dealwright import consent
from dealwright import entries as e
from dealwright.contacts import in_roles
from dealwright.deal import Contact, Money
from dealwright.decision import Received
from dealwright.effects import SendDocument, WithdrawDocument
from dealwright.facts import (
    AboutThing,
    ContractSent,
    ContractSigned,
    ContractWithdrawn,
    Fact,
    ProposalSent,
    ProposalWithdrawn,
)
from dealwright.facts.things import UNNAMED
from dealwright.fold.documents import waits
from dealwright.identity import run_key
from dealwright.playbook.language.documents import DocumentRule
from dealwright.playbook.language.paths import Path
from dealwright.rules.approvals import holding
from dealwright.rules.approvals.current import times_asked
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.own_fields import with_computed
from dealwright.state import Document
from dealwright.terms import Terms

"""The outcomes after which documents stay with the buyer."""
_OFFERED = ("amount", "discount", "list_price", "recurring", "one_off")
_OUTDATED = "its terms are no longer the deal's"


def addressee(context: DecisionContext, rule: DocumentRule, only: str | None = None) -> Contact | str:
    """To whom a document goes, or why to nobody; ``only`` is the contact whom its play runs for."""
    readers: tuple[str, ...] | None = (only,) if only is not None else None
    if readers is None and rule.to is not None:
        readers = tuple(contact.id for contact in in_roles(context.state, (rule.to,)))
        if not readers:
            return f"no {rule.to.replace('_', ' ')} is known"
    return consent.addressee(context.state, marketing=False, only=readers)


def not_known(context: DecisionContext, rule: DocumentRule) -> tuple[str, ...]:
    """The terms of a document of which nothing is known yet."""
    return tuple(name for name, path in rule.paths.items() if path.read(context.state) is None)


def out_now(context: DecisionContext, name: str) -> Document | None:
    """The version of a document that is offered, or being taken back; None when there is none."""
    versions = [one for one in context.state.documents.values() if one.name == name]
    return next((one for one in versions if one.is_live or one.standing == "withdrawing"), None)


class Drawing(NamedTuple):
    """What is to be made of a document, and for whom."""

    name: str
    rule: DocumentRule
    contact: Contact
    role: str
    """Who sends it."""


def draw_up(
    context: DecisionContext, drawing: Drawing, effect: str, *, run: str | None = None, step: int | None = None
) -> None:
    """Make the next version of a document for the terms of now, and send it."""
    name, rule, contact = drawing.name, drawing.rule, drawing.contact
    version, terms = context.state.document_versions.get(name, 0) + 1, _terms_of(context, rule)
    context.note(
        e.DocumentDrawnUp(
            at=context.now, document=name, version=version, effect=effect, what=rule.kind, tool=rule.tool,
            template=f"{rule.template} {rule.version}", terms=terms, contact=contact.id,
        )
    )  # fmt: skip
    context.start(
        SendDocument(
            id=effect, at=context.now, summary=f"Send {name}, version {version}", run=run, step=step, document=name,
            version=version, what=rule.kind, tool=rule.tool, template=rule.template, template_version=rule.version,
            terms=terms, attachments=rule.attachments, to=contact, sender=context.holder(drawing.role),
            deal=with_computed(context), needs_decision=True,
            expires_after=None if rule.expires_after is None else context.length(rule.expires_after),
            **{what: _said(context, paths) for what, paths in rule.costs.items()},
        )
    )  # fmt: skip


def review(context: DecisionContext) -> bool:
    """Replace what is no longer the deal's, as far as its approval allows. True when anything was done."""
    for one in list(context.state.documents.values()):
        rule = context.playbook.documents.get(one.name)
        if _is_to_be_taken_back(one):
            _take_back(context, one)
            return True
        if rule is None:
            continue
        if one.is_live and one.recalled is None and is_outdated(context, one) and _may_follow(context, one, rule):
            recall(context, one, _OUTDATED, replaced=True)
            return True
        if one.replaced and one.standing == "withdrawn" and _is_last(context, one) and _send_next(context, one, rule):
            return True
    return False


def is_outdated(context: DecisionContext, one: Document) -> bool:
    """Whether the deal's terms are others than those of a document; what the playbook renamed says nothing."""
    rule = context.playbook.documents.get(one.name)
    if rule is None:
        return False
    now, then = _terms_of(context, rule), one.terms
    shared = now.values.keys() & then.values.keys()
    return any(
        (now.values[name], now.currencies.get(name)) != (then.values[name], then.currencies.get(name))
        for name in shared
    )


def is_overtaken(context: DecisionContext, effect: SendDocument) -> bool:
    """Whether a document that waits to be sent is no longer what the deal offers, or nobody grants it any more."""
    one = context.state.documents.get(effect.id)
    rule = context.playbook.documents.get(effect.document)
    if one is None or rule is None:
        return False
    return is_outdated(context, one) or not holding.is_granted(context, rule.needs)


def recall(context: DecisionContext, one: Document, why: str, *, replaced: bool = False) -> None:
    """Offer a document no longer."""
    about = {"document": one.name, "version": one.version, "effect": one.effect}
    context.note(e.DocumentRecalled(at=context.now, **about, why=why, replaced=replaced))
    context.call_off(one.effect, why)


def recall_all(context: DecisionContext, why: str) -> None:
    """Offer nothing any more."""
    for one in list(context.state.documents.values()):
        if one.is_live and one.recalled is None:
            recall(context, one, why)


def mind(context: DecisionContext, fact: Fact) -> None:
    """Send nothing any more that was overtaken by a signature: what is signed is what both sides agreed on."""
    if not isinstance(fact, ContractSigned):
        return
    for one in list(context.state.documents.values()):
        overtaken = one.what == "proposal" or waits(context.state, one)
        if one.standing == "sending" and one.recalled is None and overtaken:
            recall(context, one, "a contract is signed")


def take_back_recalled(context: DecisionContext) -> None:
    """Take back what is no longer offered, and is out."""
    for one in list(context.state.documents.values()):
        if _is_to_be_taken_back(one):
            _take_back(context, one)


def news(context: DecisionContext) -> Received | None:
    """The fact that a document has been sent or taken back by us, which nobody has told the deal yet."""
    for one in context.state.documents.values():
        if one.standing == "out" and one.told is None:
            return _received(context, one, "sent", _sent(context, one))
        if one.standing == "withdrawn" and one.told == "sent":
            return _received(context, one, "withdrawn", _withdrawn(context, one))
    return None


def named_by(fact: Fact) -> str | None:
    """The proposal or contract that a fact names, as the tool calls it that made it."""
    if isinstance(fact, AboutThing):
        return fact.named if fact.thing in {"proposal", "contract"} else None
    named: str | None = vars(fact).get("contract")
    return named


def _is_to_be_taken_back(one: Document) -> bool:
    return one.recalled is not None and one.standing in {"out", "unsure"}


def _take_back(context: DecisionContext, one: Document) -> None:
    context.start(
        WithdrawDocument(
            id=one.withdrawal, at=context.now, summary=f"Withdraw {one.name}, version {one.version}",
            document=one.name, version=one.version, tool=one.tool, what=one.what, sending=one.effect,
            reference=one.reference, reason=one.recalled or "", needs_decision=True,
        )
    )  # fmt: skip


def _is_last(context: DecisionContext, one: Document) -> bool:
    return context.state.document_versions.get(one.name) == one.version


def _may_follow(context: DecisionContext, one: Document, rule: DocumentRule) -> bool:
    """Whether another version may go out: all is known, somebody can get it, and its approval is granted."""
    if not_known(context, rule) or isinstance(addressee(context, rule, _only(context, one)), str):
        return False
    asked = context.id_for(_key_of_next(context, one), f"asks{times_asked(context, rule.needs or '')}")
    return holding.is_granted_or_asked(context, rule.needs, asked)


def _send_next(context: DecisionContext, one: Document, rule: DocumentRule) -> bool:
    contact = addressee(context, rule, _only(context, one))
    if isinstance(contact, str) or not _may_follow(context, one, rule):
        return False
    role = context.state.owner_role or context.stage.owner
    effect = context.id_for(_key_of_next(context, one), "version")
    draw_up(context, Drawing(one.name, rule, contact, role), effect)
    return True


def _key_of_next(context: DecisionContext, one: Document) -> str:
    return run_key(f"document-{one.name}", context.state.visit, one.version + 1)


def _only(context: DecisionContext, one: Document) -> str | None:
    """Whom the next version goes to as well: whoever has the last one, while they can be written to."""
    known = consent.contact_of(context.state, one.contact)
    return one.contact if known is not None and known.email else None


def _terms_of(context: DecisionContext, rule: DocumentRule) -> Terms:
    return Terms.of({name: path.read(context.state) for name, path in rule.paths.items()})


def _said(context: DecisionContext, paths: tuple[Path, ...]) -> Money | None:
    """The amount that a document names; None where it names none, or two."""
    named = {value for path in paths if isinstance(value := path.read(context.state), Money)}
    return named.pop() if len(named) == 1 else None


def _received(context: DecisionContext, one: Document, what: str, fact: Fact) -> Received:
    payload = fact.model_dump_json(exclude_unset=True)
    return Received(kind="fact", name=fact.name, id=f"{one.effect}:{what}", at=context.now, payload=payload)


def _sent(context: DecisionContext, one: Document) -> Fact:
    about = {**_whence(one, _sent_at(context, one), "sent"), "template": f"{one.name} v{one.version}"}
    if one.link is not None:
        about["link"] = one.link
    if one.what == "contract":
        return ContractSent.model_validate({**about, "contract": one.reference})
    named = None if _is_of_a_draft(context) else one.reference
    return ProposalSent.model_validate({**about, "proposal": named, **_offered(context, one)})


def _sent_at(context: DecisionContext, one: Document) -> datetime:
    """When a document was sent: when that was begun last, since its terms were the deal's then.

    What became known of them since, also at that very moment, is newer than what it says.
    """
    at = one.started_at or context.now
    return at - timedelta(microseconds=1) if is_outdated(context, one) else at


def _is_of_a_draft(context: DecisionContext) -> bool:
    """Whether this is what was asked for before it had a name. It gets its name from what is told of it next."""
    draft = context.state.proposals.get(UNNAMED)
    in_focus = context.state.focus.get("proposal") == UNNAMED
    return in_focus and draft is not None and draft.id is None and draft.status == "draft"


def _offered(context: DecisionContext, one: Document) -> dict[str, object]:
    """What a proposal says, as its terms have it, and else as the deal knows it."""
    rule, proposal = context.playbook.documents.get(one.name), context.deal.proposal
    known = {name: getattr(proposal, name, None) for name in _OFFERED}
    for term, path in (rule.terms if rule else {}).items():
        part, _, field = path.text.partition(".")
        if term in one.terms.values and ((part == "proposal" and field in _OFFERED) or path.text == "deal.amount"):
            value, currency = one.terms.values[term], one.terms.currencies.get(term)
            known[field] = {"amount": value, "currency": currency} if currency else value
    return {name: value for name, value in known.items() if value is not None and value != ""}


def _withdrawn(context: DecisionContext, one: Document) -> Fact:
    about = {**_whence(one, context.now, "withdrawn"), "how": "replaced" if one.replaced else "voided"}
    about |= {"reason": one.recalled}
    if one.what == "contract":
        return ContractWithdrawn.model_validate({**about, "contract": one.reference})
    return ProposalWithdrawn.model_validate({**about, "proposal": one.reference})


def _whence(one: Document, at: datetime, what: str) -> dict[str, object]:
    return {"id": f"{one.effect}:{what}", "at": at, "source": one.tool}
