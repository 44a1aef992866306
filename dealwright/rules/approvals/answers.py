"""Answers: a yes goes on to the next of the chain, a no ends the question; each person says yes once."""

from __future__ import annotations

from dealwright import entries as e
from dealwright.commands import DecideApproval
from dealwright.decision import Verdict
from dealwright.rules.approvals.asking import Said, ask_seat, settle, supersede, take_back_others
from dealwright.rules.approvals.current import open_chains, others_asked, speaks_for, terms_of, valid_until
from dealwright.rules.decision_context import DecisionContext
from dealwright.state import Approval
from dealwright.terms import Terms


def decide_approval(context: DecisionContext, command: DecideApproval) -> Verdict:
    """Take somebody's answer, or say why it does not count."""
    chain = _answerable(context, command)
    if chain is None:
        text = "This approval is not open: it was answered, replaced, or never asked for."
        return Verdict(accepted=False, text=f"{text} Open are: {_open_words(context)}.")
    if refusal := _refusal(context, chain, command):
        return Verdict(accepted=False, text=f"Not taken: {refusal}")
    if command.answer == "refuse":
        settle(context, chain, "refused", Said("refuse", command.note, command.by))
        supersede(context, chain.name, f"refused by {command.by}")
        return Verdict(accepted=True, text=f"{chain.name} is refused.")
    role = next(each for each in _asked_now(context, chain) if speaks_for(context, command.by, each))
    _say_yes(context, chain, Said("approve", command.note, command.by, _key(context, role)))
    _repeat_each_yes(context, chain.name)
    return Verdict(accepted=True, text=_what_follows(context, chain))


def _what_follows(context: DecisionContext, answered: Approval) -> str:
    waiting = open_chains(context, answered.name)
    if not waiting:
        return f"{answered.name} is granted."
    words = ", ".join(" or ".join(_asked_now(context, chain)) for chain in waiting)
    if any(chain.id == answered.id for chain in waiting) and len(waiting) == 1:
        return f"Approved; now {words} is asked."
    return f"Approved; it waits for {words}."


def _say_yes(context: DecisionContext, chain: Approval, yes: Said) -> None:
    """Take a yes for whom a chain waits for, and ask the next, but nobody who has said yes already."""
    take_back_others(context, chain, f"{yes.by} answered")
    if chain.answered + 1 == len(chain.chain):
        beside = [one for one in open_chains(context, chain.name) if one.id != chain.id]
        settled = "agreed" if beside else "granted"
        rule = context.playbook.approval(chain.name)
        until = valid_until(context, rule) if rule is not None and not beside else None
        settle(context, chain, settled, yes._replace(valid_until=until))
        return
    following = chain.chain[chain.answered + 1]
    rule = context.playbook.approval(chain.name)
    context.note(
        e.ApprovalAnswered(
            at=context.now, approval=chain.id, name=chain.name, answer="approve", by=yes.by, note=yes.note,
            answer_by=context.by_then(following, rule.answer_within) if rule else chain.answer_by,
            given_to=context.given_to(following), person=yes.person,
        )
    )  # fmt: skip
    waiting = context.state.approvals[chain.id]
    if (again := _said_already(context, waiting, yes)) is not None:
        _say_yes(context, waiting, again)
    else:
        ask_seat(context, waiting)


def _repeat_each_yes(context: DecisionContext, name: str) -> None:
    """Take the yes of one chain for others that wait for the same person."""
    for chain in open_chains(context, name):
        waiting = context.state.approvals.get(chain.id)
        if waiting is not None and (again := _said_already(context, waiting)) is not None:
            _say_yes(context, waiting, again)


def _said_already(context: DecisionContext, chain: Approval, just_now: Said | None = None) -> Said | None:
    """The yes of whom a chain waits for, if one of them has said it already, in another role or chain."""
    for role in chain.seats[chain.answered]:
        if (person := _key(context, role)) in chain.yes:
            by = just_now.by if just_now is not None and just_now.person == person else person
            return Said("approve", f"holds {role} too" if person != role else "said yes already", by, person)
    return None


def _key(context: DecisionContext, role: str) -> str:
    return context.given_to(role) or role


def _refusal(context: DecisionContext, chain: Approval, command: DecideApproval) -> str | None:
    """Why an answer does not count; None when it does."""
    asked = _asked_now(context, chain)
    if not any(speaks_for(context, command.by, role) for role in asked):
        later = {role for seat in chain.seats[chain.answered + 1 :] for role in seat}
        words = " or ".join(asked)
        if any(speaks_for(context, command.by, role) for role in later):
            return f"it is {words}'s turn first."
        return f"it waits for {words}, which {command.by} does not hold."
    rule = context.playbook.approval(chain.name)
    now = terms_of(context, rule) if rule else chain.asked
    if now != chain.asked:  # it is asked for anew as soon as the deal goes on
        return f"the terms are now {now.words()}. They are asked for anew when the pause ends."
    if not chain.asked.repeated_by(command.terms):
        named = f"the terms are now {Terms(values=chain.terms).words()}.{_money_in(chain)}"
        return f"{named} Look at them and answer again ({chain.id})."
    return None


def _asked_now(context: DecisionContext, chain: Approval) -> tuple[str, ...]:
    """The roles of which one may answer for a chain now."""
    others = (one.waits_for for one in others_asked(context, chain))
    return tuple(dict.fromkeys((chain.waits_for, *others)))


def _answerable(context: DecisionContext, command: DecideApproval) -> Approval | None:
    """The chain that is meant: by its id, by that of somebody who may answer for it, or by the approval's name."""
    approvals = context.state.approvals
    if (one := approvals.get(command.approval)) is not None:
        return one if one.instead_of is None else approvals.get(one.instead_of)
    named = open_chains(context, command.approval)
    theirs = [
        chain for chain in named if any(speaks_for(context, command.by, role) for role in _asked_now(context, chain))
    ]
    return next(iter((*theirs, *named)), None)


def _open_words(context: DecisionContext) -> str:
    open_now = [one for one in context.state.approvals.values() if one.instead_of is None]
    return "; ".join(f"{one.name} with {one.asked.words()} ({one.id})" for one in open_now) or "none"


def _money_in(approval: Approval) -> str:
    """In which currency the amounts among the terms are meant."""
    return f" Amounts are in {' and '.join(sorted(set(approval.currencies.values())))}." if approval.currencies else ""
