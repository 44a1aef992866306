"""Approvals: a question with exact terms, asked along a chain of people.

Whatever the cause: an open approval is asked for the deal's terms as they are now, and what was granted, or put to
the buyer, is asked for anew once the deal's terms go beyond it (:func:`review`).
"""

from __future__ import annotations

from datetime import datetime

from deals import entries as e
from deals.addresses import same
from deals.commands import DecideApproval
from deals.decision import Verdict
from deals.effects import RequestApproval
from deals.facts import Fact
from deals.identity import run_key
from deals.playbook.levels import ApprovalRule
from deals.rules.desk import Desk
from deals.state import Agreed, Approval
from deals.terms import Terms


def request(desk: Desk, rule: ApprovalRule, approval: str, *, run: str, step: int) -> None:
    """Ask for an approval. An open one of the same name goes on if it asks the same, and else gives way."""
    terms, chain = _terms(desk, rule), _chain(desk, rule)
    for old in _open_ones(desk, rule.name):
        if (old.asked, old.chain) == (terms, chain or ()):
            return
        _supersede(desk, old, "other terms were asked for")
    _open(desk, rule, approval, run=run, step=step)


def review(desk: Desk) -> bool:
    """Ask anew where what was asked for or granted is no longer what the deal is about. True when any was."""
    for approval in list(desk.state.approvals.values()):
        rule = desk.playbook.approval(approval.name)
        if rule is None:
            _supersede(desk, approval, f"{desk.playbook.playbook} has no such approval")
            return True
        if (approval.asked, approval.chain) != (_terms(desk, rule), _chain(desk, rule) or ()):
            _supersede(desk, approval, "its terms are no longer the deal's")
            _open(desk, rule, _renamed(approval, f"anew{_times(desk, rule)}"), run=approval.run, step=approval.step)
            return True
    return any(_ask_for_what_nobody_granted(desk, rule) for rule in desk.playbook.approvals)


def put_to_buyer(desk: Desk, fact: Fact) -> None:
    """Note the terms that a fact says were put to the buyer, where nobody granted them."""
    for rule in desk.playbook.approvals if fact.offers else ():
        terms = _terms_put_to_buyer(desk, rule, fact)
        if terms is None or any(granted.covers(terms, rule.key) for granted in _agreed(desk, rule).granted):
            continue
        desk.note(e.TermsOffered(at=desk.now, name=rule.name, terms=terms.values, currencies=terms.currencies))
        text = f"{_said(fact.name)}: {terms.words()}. Nobody granted that ({rule.name})."
        desk.ask_attention(_point(rule.name), text)


def _terms_put_to_buyer(desk: Desk, rule: ApprovalRule, fact: Fact) -> Terms | None:
    """The terms that a fact puts to the buyer, if somebody must have granted them."""
    values, agreed = _values(desk, rule), _agreed(desk, rule)
    fields = {name: fact.offers.get(path.text, "") for name, path in rule.paths.items()}
    stated = {name: value for name, field in fields.items() if (value := vars(fact).get(field)) is not None}
    goes_with_a_grant = bool(stated) and agreed.granted and agreed.refused is None
    if rule.key not in stated and not goes_with_a_grant:
        return None
    values |= stated
    return None if rule.chain_for(values[rule.key]) == () else Terms.of(values)


def decide_approval(desk: Desk, command: DecideApproval) -> Verdict:
    """Take somebody's answer, or say why it does not count."""
    approval = _answerable(desk, command.approval)
    if approval is None:
        text = "This approval is not open: it was answered, replaced, or never asked for."
        return Verdict(accepted=False, text=f"{text} Open are: {_open_words(desk)}.")
    if refusal := _refusal(desk, approval, command):
        return Verdict(accepted=False, text=f"Not taken: {refusal}")
    if command.answer == "refuse":
        _settle(desk, approval, "refused", by=command.by, answer="refuse", note=command.note)
        return Verdict(accepted=True, text=f"{approval.name} is refused.")
    if approval.answered + 1 == len(approval.chain):
        _settle(desk, approval, "granted", by=command.by, answer="approve", note=command.note)
    else:
        _pass_on(desk, approval, approval.chain[approval.answered + 1], command)
    if (waiting := desk.state.approvals.get(approval.id)) is None:
        return Verdict(accepted=True, text=f"{approval.name} is granted.")
    return Verdict(accepted=True, text=f"Approved; now {waiting.waits_for} is asked.")


def time_to_answer(desk: Desk, approval: Approval) -> datetime:
    """By when whoever is asked now should answer."""
    rule = desk.playbook.approval(approval.name)
    return desk.by_then(approval.waits_for, rule.answer_within) if rule else approval.answer_by


def give(desk: Desk, approval: Approval) -> None:
    """Ask whoever holds the role now, on the same terms, with the whole time to answer."""
    _call_off(desk, approval, "somebody else is asked")
    _ask(desk, approval, _renamed(approval, f"given{approval.given}"))


def drop(desk: Desk, approval: Approval, why: str) -> None:
    """No longer want an answer."""
    desk.note(
        e.ApprovalAnswered(
            at=desk.now, approval=approval.id, name=approval.name, answer="dropped", by="dealwright", note=why,
            settled="superseded",
        )
    )  # fmt: skip


def speaks_for(desk: Desk, who: str, role: str) -> bool:
    """Whether somebody (by role, name or address) holds a role in this deal."""
    person = desk.holder(role)
    return who == role or (person is not None and (who == person.name or same(who, person.email)))


def _ask_for_what_nobody_granted(desk: Desk, rule: ApprovalRule) -> bool:
    """Ask for terms that the deal has come to, or the buyer was offered, beyond what was granted. True when asked."""
    agreed = desk.state.agreed.get(rule.name)
    if agreed is None or _open_ones(desk, rule.name):
        return False
    terms = _terms(desk, rule)
    kept = desk.state.outcome != "won" and any(one.values.keys() == terms.values.keys() for one in agreed.granted)
    if not (kept or agreed.offered):
        return False  # what was sold is settled, and an approval by other rules says nothing about these terms
    if agreed.refused is not None and agreed.refused.values.get(rule.key) == terms.values[rule.key]:
        return False  # everybody knows that it is not granted
    if _chain(desk, rule) == () or any(granted.covers(terms, rule.key) for granted in agreed.granted):
        return False
    text = f"{rule.name} is asked for anew: {terms.words()} goes beyond what was granted."
    desk.ask_attention(_point(rule.name), text)
    key = run_key(f"approval-{rule.name}", desk.state.visit, _times(desk, rule))
    _open(desk, rule, desk.id_for(key, "asked"), run=None, step=None)
    return True


def _open(desk: Desk, rule: ApprovalRule, approval: str, *, run: str | None, step: int | None) -> None:
    terms, chain = _terms(desk, rule), _chain(desk, rule)
    covered = any(granted.covers(terms, rule.key) for granted in _agreed(desk, rule).granted)
    asked = () if covered or chain is None else chain
    first = asked[0] if asked else desk.stage.owner
    desk.note(
        e.ApprovalRequested(
            at=desk.now, approval=approval, name=rule.name, terms=terms.values, currencies=terms.currencies,
            chain=asked, answer_by=desk.by_then(first, rule.answer_within),
            given_to=desk.given_to(first) if asked else None, run=run, step=step,
        )
    )  # fmt: skip
    opened = desk.state.approvals[approval]
    if covered:
        _settle(desk, opened, "granted", by="dealwright", answer="approve", note="within what was granted before")
    elif chain is None:
        _settle(desk, opened, "refused", by="dealwright", answer="refuse", note="nobody can be asked")
        text = f"{rule.name} is refused, since the playbook names nobody who may grant {terms.words()}."
        desk.ask_attention(_point(rule.name), text)
    elif not chain:
        _settle(desk, opened, "granted", by="dealwright", answer="approve", note="within everybody's limits")
    else:
        _ask(desk, opened)


def _refusal(desk: Desk, approval: Approval, command: DecideApproval) -> str | None:
    """Why an answer does not count; None when it does."""
    role = approval.waits_for
    if not speaks_for(desk, command.by, role):
        later = any(speaks_for(desk, command.by, each) for each in approval.chain[approval.answered + 1 :])
        return f"it is {role}'s turn first." if later else f"it waits for {role}, which {command.by} does not hold."
    rule = desk.playbook.approval(approval.name)
    now = _terms(desk, rule) if rule else approval.asked
    if now != approval.asked:  # it is asked for anew as soon as the deal goes on
        return f"the terms are now {now.words()}. They are asked for anew when the pause ends."
    if not approval.asked.repeated_by(command.terms):
        named = f"the terms are now {_plain(approval.terms)}.{_money_in(approval)}"
        return f"{named} Look at them and answer again ({approval.id})."
    return None


def _pass_on(desk: Desk, approval: Approval, following: str, command: DecideApproval) -> None:
    """Ask the next in the chain. Whoever has just said yes is not asked again in another role."""
    rule = desk.playbook.approval(approval.name)
    answer_by = desk.by_then(following, rule.answer_within) if rule else approval.answer_by
    answered = e.ApprovalAnswered(
        at=desk.now, approval=approval.id, name=approval.name, answer=command.answer, by=command.by,
        note=command.note, answer_by=answer_by, given_to=desk.given_to(following),
    )  # fmt: skip
    desk.note(answered)
    waiting = desk.state.approvals[approval.id]
    if not waiting.given_to or waiting.given_to != desk.given_to(approval.waits_for):
        _ask(desk, waiting)
    elif waiting.answered + 1 == len(waiting.chain):
        _settle(desk, waiting, "granted", by=command.by, answer="approve", note=f"holds {following} too")
    else:
        _pass_on(desk, waiting, waiting.chain[waiting.answered + 1], command)


def _ask(desk: Desk, approval: Approval, effect: str | None = None) -> None:
    role = approval.waits_for
    usual = _renamed(approval, str(approval.answered + 1)) if approval.answered else approval.id
    desk.start(
        RequestApproval(
            id=effect or usual, at=desk.now,
            summary=f"Ask {role} to approve: {approval.name}", run=approval.run, step=approval.step,
            approval=approval.id, role=role, owner=desk.holder(role), terms=approval.terms,
            currencies=approval.currencies, answer_by=approval.answer_by,
        )
    )  # fmt: skip


def _settle(desk: Desk, approval: Approval, settled: str, *, by: str, answer: str, note: str | None) -> None:
    entry = e.ApprovalAnswered(
        at=desk.now, approval=approval.id, name=approval.name, answer=answer, by=by, note=note, settled=settled
    )
    desk.note(entry)
    if settled in {"granted", "refused"}:
        desk.happen(f"approval_{settled}", approval.name)
    if settled == "granted":
        desk.settle_attention(_point(approval.name), "granted")


def _supersede(desk: Desk, approval: Approval, why: str) -> None:
    """Withdraw a question that is no longer the right one: who has not seen it yet need not."""
    _call_off(desk, approval, why)
    _settle(desk, approval, "superseded", by="dealwright", answer="superseded", note=why)


def _call_off(desk: Desk, approval: Approval, why: str) -> None:
    """Take back the requests that nobody has seen yet."""
    head, _, occurrence = approval.id.rpartition("/")
    for effect in list(desk.state.pending):
        if effect == approval.id or (effect.startswith(f"{head}.") and effect.endswith(f"/{occurrence}")):
            desk.call_off(effect, why)


def _answerable(desk: Desk, wanted: str) -> Approval | None:
    """The open approval of that id, or else the only one of that name."""
    named = _open_ones(desk, wanted)
    return desk.state.approvals.get(wanted) or (named[0] if len(named) == 1 else None)


def _open_ones(desk: Desk, name: str) -> list[Approval]:
    return [approval for approval in desk.state.approvals.values() if approval.name == name]


def _open_words(desk: Desk) -> str:
    each = [f"{one.name} with {one.asked.words()} ({one.id})" for one in desk.state.approvals.values()]
    return "; ".join(each) or "none"


def _agreed(desk: Desk, rule: ApprovalRule) -> Agreed:
    return desk.state.agreed.get(rule.name, Agreed())


def _times(desk: Desk, rule: ApprovalRule) -> int:
    """How often this approval was asked for: what tells one question's id from the next one's."""
    return desk.state.asked_for.get(rule.name, 0)


def _chain(desk: Desk, rule: ApprovalRule) -> tuple[str, ...] | None:
    """Whom the deal's terms must be agreed to by; None when nobody may."""
    value = rule.of.read(desk.state) if rule.of.is_money else rule.of.compared(desk.state)
    return rule.chain_for(value)


def _terms(desk: Desk, rule: ApprovalRule) -> Terms:
    return Terms.of(_values(desk, rule))


def _values(desk: Desk, rule: ApprovalRule) -> dict[str, object]:
    return {name: path.read(desk.state) for name, path in rule.paths.items()}


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
