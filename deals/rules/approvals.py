"""Approvals: a question with exact terms, asked along a chain of people."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from deals import entries as e
from deals.commands import DecideApproval
from deals.decision import Verdict
from deals.effects import RequestApproval
from deals.playbook.parts import ApprovalRule
from deals.rules.desk import Desk
from deals.state import Approval


def request(desk: Desk, rule: ApprovalRule, approval: str, *, run: str, step: int) -> None:
    """Ask for an approval; an open one of the same name gives way to the new terms."""
    for old in [one for one in desk.state.approvals.values() if one.name == rule.name]:
        _settle(desk, old, "superseded", by="dealwright", answer="superseded", note="other terms were asked for")
    chain, terms = _chain(desk, rule), _terms(desk, rule)
    first = chain[0] if chain else desk.stage.owner
    requested = e.ApprovalRequested(
        at=desk.now, approval=approval, name=rule.name, terms=terms, chain=chain,
        answer_by=desk.by_then(first, rule.answer_within), run=run, step=step,
    )  # fmt: skip
    desk.note(requested)
    opened = desk.state.approvals[approval]
    if chain:
        _ask(desk, opened)
    else:
        _settle(desk, opened, "granted", by="dealwright", answer="approve", note="within everybody's limits")


def decide_approval(desk: Desk, command: DecideApproval) -> Verdict:
    """Take somebody's answer, or say why it does not count."""
    approval = desk.state.approvals.get(command.approval)
    if approval is None:
        return Verdict(accepted=False, text="This approval is not open: it was answered, replaced, or never asked for.")
    role = approval.waits_for
    if not speaks_for(desk, command.by, role):
        later = any(speaks_for(desk, command.by, each) for each in approval.chain[approval.answered + 1 :])
        why = f"it is {role}'s turn first" if later else f"it waits for {role}, which {command.by} does not hold"
        return Verdict(accepted=False, text=f"Not taken: {why}.")
    if not _same_terms(approval.terms, command.terms):
        terms = ", ".join(f"{key} {value}" for key, value in approval.terms.items())
        return Verdict(accepted=False, text=f"Not taken: the terms are now {terms}. Look at them and answer again.")
    if command.answer == "refuse":
        _settle(desk, approval, "refused", by=command.by, answer="refuse", note=command.note)
        return Verdict(accepted=True, text=f"{approval.name} is refused.")
    if approval.answered + 1 == len(approval.chain):
        _settle(desk, approval, "granted", by=command.by, answer="approve", note=command.note)
        return Verdict(accepted=True, text=f"{approval.name} is granted.")
    following = approval.chain[approval.answered + 1]
    _pass_on(desk, approval, following, command)
    return Verdict(accepted=True, text=f"Approved; now {following} is asked.")


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
    return who == role or (person is not None and who in {person.name, person.email})


def _pass_on(desk: Desk, approval: Approval, following: str, command: DecideApproval) -> None:
    rule = desk.playbook.approval(approval.name)
    answer_by = desk.by_then(following, rule.answer_within) if rule else approval.answer_by
    answered = e.ApprovalAnswered(
        at=desk.now, approval=approval.id, name=approval.name, answer=command.answer, by=command.by,
        note=command.note, answer_by=answer_by,
    )  # fmt: skip
    desk.note(answered)
    _ask(desk, desk.state.approvals[approval.id])


def _ask(desk: Desk, approval: Approval) -> None:
    head, _, occurrence = approval.id.rpartition("/")
    role = approval.waits_for
    first = approval.answered == 0
    desk.start(
        RequestApproval(
            id=approval.id if first else f"{head}.{approval.answered + 1}/{occurrence}", at=desk.now,
            summary=f"Ask {role} to approve: {approval.name}", run=approval.run, step=approval.step,
            approval=approval.id, role=role, owner=desk.holder(role), terms=approval.terms,
            answer_by=approval.answer_by,
        )
    )  # fmt: skip


def _settle(desk: Desk, approval: Approval, settled: str, *, by: str, answer: str, note: str | None) -> None:
    entry = e.ApprovalAnswered(
        at=desk.now, approval=approval.id, name=approval.name, answer=answer, by=by, note=note, settled=settled
    )
    desk.note(entry)
    if settled in {"granted", "refused"}:
        desk.happen(f"approval_{settled}", approval.name)


def _chain(desk: Desk, rule: ApprovalRule) -> tuple[str, ...]:
    value = rule.of.compared(desk.state)
    number = value if isinstance(value, Decimal) else Decimal(0)
    for level in rule.levels:
        if number <= Decimal(str(level.up_to)):
            return level.by
    return rule.levels[-1].by


def _terms(desk: Desk, rule: ApprovalRule) -> dict[str, str]:
    paths = {rule.of.text.rpartition(".")[2]: rule.of, **rule.terms}
    return {name: _written(path.read(desk.state)) for name, path in paths.items()}


def _written(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return "" if value is None else str(value)


def _same_terms(ours: dict[str, str], theirs: dict[str, Decimal | str]) -> bool:
    return ours == {
        name: _written(value) if isinstance(value, Decimal) else _tidied(value) for name, value in theirs.items()
    }


def _tidied(text: str) -> str:
    try:
        return _written(Decimal(text))
    except ArithmeticError:
        return text
