"""Approvals: a question with exact terms, asked along a chain of people.

Whatever the cause: an open approval is asked for the deal's terms as they are now, and what was granted, or put to
the buyer, is asked for anew once the deal's terms go beyond it (:func:`review`).
"""

from __future__ import annotations

from datetime import datetime

from dealwright import entries as e
from dealwright.commands import DecideApproval
from dealwright.decision import Verdict
from dealwright.effects import RequestApproval
from dealwright.facts import Fact
from dealwright.identity import run_key
from dealwright.playbook.language.approval_levels import ApprovalRule
from dealwright.rules.decision_context import DecisionContext
from dealwright.state import Agreed, Approval
from dealwright.terms import Terms
from dealwright.values.addresses import same


def request(context: DecisionContext, rule: ApprovalRule, approval: str, *, run: str, step: int) -> None:
    """Ask for an approval. An open one of the same name goes on if it asks the same, and else gives way."""
    terms, chain = _terms(context, rule), _chain(context, rule)
    for old in _open_ones(context, rule.name):
        if (old.asked, old.chain) == (terms, chain or ()):
            return
        _supersede(context, old, "other terms were asked for")
    _open(context, rule, approval, run=run, step=step)


def review(context: DecisionContext) -> bool:
    """Ask anew where what was asked for or granted is no longer what the deal is about. True when any was."""
    for approval in list(context.state.approvals.values()):
        rule = context.playbook.approval(approval.name)
        if rule is None:
            _supersede(context, approval, f"{context.playbook.playbook} has no such approval")
            return True
        terms, asked = _terms(context, rule), (approval.terms, approval.currencies, approval.chain)
        if asked != (terms.values, terms.currencies, _chain(context, rule) or ()):
            _supersede(context, approval, "its terms are no longer the deal's")
            _open(
                context, rule, _renamed(approval, f"anew{_times(context, rule)}"), run=approval.run, step=approval.step
            )
            return True
    answered = [rule for rule in context.playbook.approvals if rule.name in context.state.agreed]
    return any(_ask_for_what_nobody_granted(context, rule) for rule in answered)


def put_to_buyer(context: DecisionContext, fact: Fact) -> None:
    """Note the terms that a fact says were put to the buyer, where nobody granted them."""
    for rule in context.playbook.approvals if fact.offers else ():
        terms = _terms_put_to_buyer(context, rule, fact)
        if terms is None or any(granted.covers(terms, rule.key) for granted in _agreed(context, rule).granted):
            continue
        context.note(e.TermsOffered(at=context.now, name=rule.name, terms=terms.values, currencies=terms.currencies))
        text = f"{_said(fact.name)}: {terms.words()}. Nobody granted that ({rule.name})."
        context.ask_attention(_point(rule.name), text)


def _terms_put_to_buyer(context: DecisionContext, rule: ApprovalRule, fact: Fact) -> Terms | None:
    """The terms that a fact puts to the buyer, if somebody must have granted them."""
    values, agreed = _values(context, rule), _agreed(context, rule)
    fields = {name: fact.offers.get(path.text, "") for name, path in rule.paths.items()}
    stated = {name: value for name, field in fields.items() if (value := vars(fact).get(field)) is not None}
    goes_with_a_grant = bool(stated) and agreed.granted and agreed.refused is None
    if rule.key not in stated and not goes_with_a_grant:
        return None
    values |= stated
    return None if rule.chain_for(values[rule.key]) == () else Terms.of(values)


def decide_approval(context: DecisionContext, command: DecideApproval) -> Verdict:
    """Take somebody's answer, or say why it does not count."""
    approval = _answerable(context, command.approval)
    if approval is None:
        text = "This approval is not open: it was answered, replaced, or never asked for."
        return Verdict(accepted=False, text=f"{text} Open are: {_open_words(context)}.")
    if refusal := _refusal(context, approval, command):
        return Verdict(accepted=False, text=f"Not taken: {refusal}")
    if command.answer == "refuse":
        _settle(context, approval, "refused", by=command.by, answer="refuse", note=command.note)
        return Verdict(accepted=True, text=f"{approval.name} is refused.")
    if approval.answered + 1 == len(approval.chain):
        _settle(context, approval, "granted", by=command.by, answer="approve", note=command.note)
    else:
        _pass_on(context, approval, approval.chain[approval.answered + 1], command)
    if (waiting := context.state.approvals.get(approval.id)) is None:
        return Verdict(accepted=True, text=f"{approval.name} is granted.")
    return Verdict(accepted=True, text=f"Approved; now {waiting.waits_for} is asked.")


def time_to_answer(context: DecisionContext, approval: Approval) -> datetime:
    """By when whoever is asked now should answer."""
    rule = context.playbook.approval(approval.name)
    return context.by_then(approval.waits_for, rule.answer_within) if rule else approval.answer_by


def give(context: DecisionContext, approval: Approval) -> None:
    """Ask whoever holds the role now, on the same terms, with the whole time to answer."""
    _call_off(context, approval, "somebody else is asked")
    _ask(context, approval, _renamed(approval, f"given{approval.given}"))


def drop(context: DecisionContext, approval: Approval, why: str) -> None:
    """No longer want an answer."""
    context.note(
        e.ApprovalAnswered(
            at=context.now, approval=approval.id, name=approval.name, answer="dropped", by="dealwright", note=why,
            settled="superseded",
        )
    )  # fmt: skip


def speaks_for(context: DecisionContext, who: str, role: str) -> bool:
    """Whether somebody (by role, name or address) holds a role in this deal."""
    person = context.holder(role)
    return who == role or (person is not None and (who == person.name or same(who, person.email)))


def _ask_for_what_nobody_granted(context: DecisionContext, rule: ApprovalRule) -> bool:
    """Ask for terms that the deal has come to, or the buyer was offered, beyond what was granted. True when asked."""
    agreed = context.state.agreed[rule.name]
    if _open_ones(context, rule.name):
        return False
    terms = _terms(context, rule)
    kept = context.state.outcome != "won" and any(one.values.keys() == terms.values.keys() for one in agreed.granted)
    if not (kept or agreed.offered):
        return False  # what was sold is settled, and an approval by other rules says nothing about these terms
    if agreed.refused is not None and agreed.refused.values.get(rule.key) == terms.values[rule.key]:
        return False  # everybody knows that it is not granted
    if _chain(context, rule) == () or any(granted.covers(terms, rule.key) for granted in agreed.granted):
        return False
    text = f"{rule.name} is asked for anew: {terms.words()} goes beyond what was granted."
    context.ask_attention(_point(rule.name), text)
    key = run_key(f"approval-{rule.name}", context.state.visit, _times(context, rule))
    _open(context, rule, context.id_for(key, "asked"), run=None, step=None)
    return True


def _open(context: DecisionContext, rule: ApprovalRule, approval: str, *, run: str | None, step: int | None) -> None:
    terms, chain = _terms(context, rule), _chain(context, rule)
    covered = any(granted.covers(terms, rule.key) for granted in _agreed(context, rule).granted)
    asked = () if covered or chain is None else chain
    first = asked[0] if asked else context.stage.owner
    context.note(
        e.ApprovalRequested(
            at=context.now, approval=approval, name=rule.name, terms=terms.values, currencies=terms.currencies,
            chain=asked, answer_by=context.by_then(first, rule.answer_within),
            given_to=context.given_to(first) if asked else None, run=run, step=step,
        )
    )  # fmt: skip
    opened = context.state.approvals[approval]
    if covered:
        _settle(context, opened, "granted", by="dealwright", answer="approve", note="within what was granted before")
    elif chain is None:
        _settle(context, opened, "refused", by="dealwright", answer="refuse", note="nobody can be asked")
        text = f"{rule.name} is refused, since the playbook names nobody who may grant {terms.words()}."
        context.ask_attention(_point(rule.name), text)
    elif not chain:
        _settle(context, opened, "granted", by="dealwright", answer="approve", note="within everybody's limits")
    else:
        _ask(context, opened)


def _refusal(context: DecisionContext, approval: Approval, command: DecideApproval) -> str | None:
    """Why an answer does not count; None when it does."""
    role = approval.waits_for
    if not speaks_for(context, command.by, role):
        later = any(speaks_for(context, command.by, each) for each in approval.chain[approval.answered + 1 :])
        return f"it is {role}'s turn first." if later else f"it waits for {role}, which {command.by} does not hold."
    rule = context.playbook.approval(approval.name)
    now = _terms(context, rule) if rule else approval.asked
    if now != approval.asked:  # it is asked for anew as soon as the deal goes on
        return f"the terms are now {now.words()}. They are asked for anew when the pause ends."
    if not approval.asked.repeated_by(command.terms):
        named = f"the terms are now {_plain(approval.terms)}.{_money_in(approval)}"
        return f"{named} Look at them and answer again ({approval.id})."
    return None


def _pass_on(context: DecisionContext, approval: Approval, following: str, command: DecideApproval) -> None:
    """Ask the next in the chain. Whoever has just said yes is not asked again in another role."""
    rule = context.playbook.approval(approval.name)
    answer_by = context.by_then(following, rule.answer_within) if rule else approval.answer_by
    answered = e.ApprovalAnswered(
        at=context.now, approval=approval.id, name=approval.name, answer=command.answer, by=command.by,
        note=command.note, answer_by=answer_by, given_to=context.given_to(following),
    )  # fmt: skip
    context.note(answered)
    waiting = context.state.approvals[approval.id]
    if not waiting.given_to or waiting.given_to != context.given_to(approval.waits_for):
        _ask(context, waiting)
    elif waiting.answered + 1 == len(waiting.chain):
        _settle(context, waiting, "granted", by=command.by, answer="approve", note=f"holds {following} too")
    else:
        _pass_on(context, waiting, waiting.chain[waiting.answered + 1], command)


def _ask(context: DecisionContext, approval: Approval, effect: str | None = None) -> None:
    role = approval.waits_for
    usual = _renamed(approval, str(approval.answered + 1)) if approval.answered else approval.id
    context.start(
        RequestApproval(
            id=effect or usual, at=context.now,
            summary=f"Ask {role} to approve: {approval.name}", run=approval.run, step=approval.step,
            approval=approval.id, role=role, owner=context.holder(role), terms=approval.terms,
            currencies=approval.currencies, answer_by=approval.answer_by,
        )
    )  # fmt: skip


def _settle(
    context: DecisionContext, approval: Approval, settled: str, *, by: str, answer: str, note: str | None
) -> None:
    entry = e.ApprovalAnswered(
        at=context.now, approval=approval.id, name=approval.name, answer=answer, by=by, note=note, settled=settled
    )
    context.note(entry)
    if settled in {"granted", "refused"}:
        context.happen(f"approval_{settled}", approval.name)
    if settled == "granted":
        context.settle_attention(_point(approval.name), "granted")


def _supersede(context: DecisionContext, approval: Approval, why: str) -> None:
    """Withdraw a question that is no longer the right one: who has not seen it yet need not."""
    _call_off(context, approval, why)
    _settle(context, approval, "superseded", by="dealwright", answer="superseded", note=why)


def _call_off(context: DecisionContext, approval: Approval, why: str) -> None:
    """Take back the requests that nobody has seen yet."""
    head, _, occurrence = approval.id.rpartition("/")
    for effect in list(context.state.pending):
        if effect == approval.id or (effect.startswith(f"{head}.") and effect.endswith(f"/{occurrence}")):
            context.call_off(effect, why)


def _answerable(context: DecisionContext, wanted: str) -> Approval | None:
    """The open approval of that id, or else the only one of that name."""
    named = _open_ones(context, wanted)
    return context.state.approvals.get(wanted) or (named[0] if len(named) == 1 else None)


def _open_ones(context: DecisionContext, name: str) -> list[Approval]:
    return [approval for approval in context.state.approvals.values() if approval.name == name]


def _open_words(context: DecisionContext) -> str:
    each = [f"{one.name} with {one.asked.words()} ({one.id})" for one in context.state.approvals.values()]
    return "; ".join(each) or "none"


def _agreed(context: DecisionContext, rule: ApprovalRule) -> Agreed:
    return context.state.agreed.get(rule.name, Agreed())


def _times(context: DecisionContext, rule: ApprovalRule) -> int:
    """How often this approval was asked for: what tells one question's id from the next one's."""
    return context.state.asked_for.get(rule.name, 0)


def _chain(context: DecisionContext, rule: ApprovalRule) -> tuple[str, ...] | None:
    """Whom the deal's terms must be agreed to by; None when nobody may."""
    value = rule.of.read(context.state) if rule.of.is_money else rule.of.compared(context.state)
    return rule.chain_for(value)


def _terms(context: DecisionContext, rule: ApprovalRule) -> Terms:
    return Terms.of(_values(context, rule))


def _values(context: DecisionContext, rule: ApprovalRule) -> dict[str, object]:
    return {name: path.read(context.state) for name, path in rule.paths.items()}


def _renamed(approval: Approval, part: str) -> str:
    head, _, occurrence = approval.id.rpartition("/")
    return f"{head}.{part}/{occurrence}"


def _plain(terms: dict[str, str]) -> str:
    return Terms(values=terms).words()


def _money_in(approval: Approval) -> str:
    """In which currency the amounts among the terms are meant."""
    return f" Amounts are in {' and '.join(sorted(set(approval.currencies.values())))}." if approval.currencies else ""


def _point(name: str) -> str:
    return f"approval:{name}"


def _said(fact: str) -> str:
    words = fact.replace("_", " ")
    return f"{words[0].upper()}{words[1:]}"
