"""Handoffs: complete before they are offered, accepted in time or escalated, declined back to the giver."""

from __future__ import annotations

from dealwright import entries as e
from dealwright.calendar.durations import Span
from dealwright.commands import AcceptHandoff, DeclineHandoff
from dealwright.decision import Verdict
from dealwright.effects import HandOver
from dealwright.playbook.language.handoff_rules import FALLS_BACK_AFTER, HandoffRule
from dealwright.rules.approvals.current import speaks_for
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.tasks import ask, cancel_task
from dealwright.state import Handoff

_SOON = Span.parse("2bd")


def begin(context: DecisionContext, rule: HandoffRule, handoff: str, *, run: str, step: int) -> None:
    """Begin a handoff: offer it, or first ask the giver for the pieces that are missing. An open one gives way."""
    for old in [one for one in context.state.handoffs.values() if one.name == rule.name and one.id != handoff]:
        drop(context, old, "begun anew")
    missing = _missing(context, rule)
    context.note(
        e.HandoffBegun(
            at=context.now, handoff=handoff, name=rule.name, from_role=rule.from_, to_role=rule.to, missing=missing,
            run=run, step=step,
        )
    )  # fmt: skip
    if missing:
        title = f"Supply for {rule.name}: {', '.join(piece.replace('_', ' ') for piece in missing)}"
        task, due = _part(handoff, f"pieces{context.state.entries}"), context.by_then(rule.from_, rule.ask_within)
        ask(context, task, title, rule.from_, due, asks=missing, name="supply_handoff_pieces", settles=handoff)
    else:
        _offer(context, context.state.handoffs[handoff], rule)


def complete(context: DecisionContext) -> bool:
    """Offer the handoffs whose missing pieces have come. True when any was offered."""
    offered = False
    for handoff in list(context.state.handoffs.values()):
        rule = context.playbook.handoff(handoff.name)
        if rule is None or not handoff.missing or _missing(context, rule):
            continue
        _close_tasks_about(context, handoff, "every piece is there")
        _offer(context, context.state.handoffs[handoff.id], rule)
        offered = True
    return offered


def accept(context: DecisionContext, command: AcceptHandoff) -> Verdict:
    """The receiver takes the deal over, be it after it fell back."""
    handoff = _begun_late(context, command)
    if handoff is None:
        handoff, refusal = _answerable(context, command.handoff, command.by)
        if handoff is None:
            return refusal
    _close_tasks_about(context, handoff, "the handoff was accepted")
    too_late = _deal_has_gone_on(context, handoff)
    context.note(
        e.HandoffAnswered(
            at=context.now, handoff=handoff.id, name=handoff.name, to_role=handoff.to_role, answer="accepted",
            by=command.by, too_late=too_late,
        )
    )  # fmt: skip
    context.happen("handoff_accepted", handoff.name)
    context.dates_changed = True
    context.settle_attention(f"handoff:{handoff.id}", "accepted")
    if too_late:
        return Verdict(accepted=True, text=f"Noted. The deal has gone on meanwhile: {context.state.owner_role} has it.")
    return Verdict(accepted=True, text=f"{handoff.to_role} has the deal.")


def _deal_has_gone_on(context: DecisionContext, handoff: Handoff) -> bool:
    """Whether the deal came, since the handoff was begun, to a stage that is neither its giver's nor its receiver's."""
    return handoff.visit != context.state.visit and context.stage.owner not in {handoff.from_role, handoff.to_role}


def decline(context: DecisionContext, command: DeclineHandoff) -> Verdict:
    """The receiver does not take the deal over: the giver is asked to mend it, and told why."""
    handoff, refusal = _answerable(context, command.handoff, command.by)
    if handoff is None:
        return refusal
    context.note(
        e.HandoffAnswered(
            at=context.now, handoff=handoff.id, name=handoff.name, to_role=handoff.to_role, answer="declined",
            by=command.by, why=command.why,
        )
    )  # fmt: skip
    context.happen("handoff_declined", handoff.name)
    rule = context.playbook.handoff(handoff.name)
    due = context.by_then(handoff.from_role, rule.ask_within) if rule else context.now
    title = f"{handoff.name} was declined: {command.why}"[:200]
    ask(
        context, _part(handoff.id, f"declined{context.state.entries}"), title, handoff.from_role, due,
        name="mend_handoff", settles=handoff.id,
    )  # fmt: skip
    return Verdict(accepted=True, text=f"{handoff.from_role} is asked to mend it.")


def drop(context: DecisionContext, handoff: Handoff, why: str) -> None:
    """No longer want a handoff."""
    _close_tasks_about(context, handoff, why)
    context.note(
        e.HandoffAnswered(
            at=context.now, handoff=handoff.id, name=handoff.name, to_role=handoff.to_role, answer="dropped",
            by="dealwright", why=why,
        )
    )  # fmt: skip


def fall_back(context: DecisionContext) -> bool:
    """Let a handoff that waited for too long fall to somebody who has the deal then. True when one did."""
    for handoff in context.state.handoffs.values():
        rule = context.playbook.handoff(handoff.name)
        if handoff.late < (rule.falls_back_after if rule else FALLS_BACK_AFTER):
            continue
        if _deal_has_gone_on(context, handoff):
            drop(context, handoff, "the deal has gone on without it")
            context.settle_attention(f"handoff:{handoff.id}", "the deal has gone on without it")
        else:
            _fall_back(context, handoff, rule)
        return True
    return False


def give(context: DecisionContext, handoff: Handoff) -> None:
    """Offer it to whoever holds the receiver's role now, with the whole time to accept."""
    if rule := context.playbook.handoff(handoff.name):
        _call_off_offers(context, handoff, "somebody else receives it")
        _offer(context, handoff, rule)


def mended(context: DecisionContext, handoff: str) -> None:
    """The giver has done what a handoff waited for: offer it (again). After it fell back, somebody saw to it."""
    if any(one.id == handoff for one in context.state.fallen.values()):
        context.settle_attention(f"handoff:{handoff}", "somebody saw to it")
    waiting = context.state.handoffs.get(handoff)
    rule = context.playbook.handoff(waiting.name) if waiting else None
    if waiting is None or rule is None or waiting.accept_by is not None:
        return
    if missing := _missing(context, rule):
        begin(context, rule, handoff, run=waiting.run or "", step=waiting.step or 0)
        context.ask_attention(f"handoff:{handoff}", f"{rule.name} still lacks {', '.join(missing)}")
    else:
        _offer(context, waiting, rule)


def _fall_back(context: DecisionContext, handoff: Handoff, rule: HandoffRule | None) -> None:
    to = handoff.to_role
    roles = (rule.escalate if rule else None, context.boss_of(to), handoff.from_role)
    role = next((one for one in roles if one is not None and one != to), handoff.from_role)
    lacks = ", ".join(piece.replace("_", " ") for piece in handoff.missing)
    why = (
        f"nobody supplied {lacks}" if lacks else f"{to} did not accept it" if handoff.accept_by else "nobody mended it"
    )
    _close_tasks_about(context, handoff, "it fell back")
    _call_off_offers(context, handoff, "it fell back")
    context.note(
        e.HandoffAnswered(
            at=context.now, handoff=handoff.id, name=handoff.name, to_role=role, answer="fell_back", by="dealwright",
            why=f"{why}, and {handoff.late} deadlines went by",
        )
    )  # fmt: skip
    context.happen("handoff_fell_back", handoff.name)
    context.dates_changed = True
    point = f"handoff:{handoff.id}"
    context.settle_attention(point, "it fell back")
    context.ask_attention(
        point, f"Handoff {handoff.name} fell back: {why}. {role} has the deal, until {to} accepts it."
    )
    ask(
        context, _part(handoff.id, f"fell_back{handoff.offers}"), f"Take over, or find who does: {handoff.name}", role,
        context.by_then(role, _SOON), name="take_over", settles=handoff.id, detail=f"In short, {why}.",
    )  # fmt: skip


def _begun_late(context: DecisionContext, command: AcceptHandoff) -> Handoff | None:
    """A receiver who comes late still takes what fell back, as long as nobody but the fallback has the deal."""
    for fallen in list(context.state.fallen.values()):
        takes = command.handoff in {fallen.id, fallen.name} and speaks_for(context, command.by, fallen.to_role)
        if takes and context.state.owner_role == fallen.held_by:
            context.note(
                e.HandoffBegun(
                    at=context.now,
                    handoff=fallen.id,
                    name=fallen.name,
                    from_role=fallen.held_by,
                    to_role=fallen.to_role,
                )
            )
            return context.state.handoffs[fallen.id]
    return None


def _call_off_offers(context: DecisionContext, handoff: Handoff, why: str) -> None:
    """Take back the packages that nobody has seen yet."""
    for effect in (handoff.id, *(_part(handoff.id, f"offer{n}") for n in range(2, handoff.offers + 1))):
        context.call_off(effect, why)


def _open_names(context: DecisionContext) -> list[str]:
    return list(dict.fromkeys(handoff.name for handoff in context.state.handoffs.values()))


def _answerable(context: DecisionContext, wanted: str, by: str) -> tuple[Handoff | None, Verdict]:
    found = [h for h in context.state.handoffs.values() if wanted in {h.id, h.name}]
    if not found:
        why = "it was answered, or never offered"
        if fallen := next((one for one in context.state.fallen.values() if wanted in {one.id, one.name}), None):
            why = (
                f"it fell back to {fallen.held_by}, and only {fallen.to_role} can accept it, as long as nobody else did"
            )
        text = f"This handoff is not open: {why}. Open are: {', '.join(_open_names(context)) or 'none'}."
        return None, Verdict(accepted=False, text=text)
    handoff = found[-1]
    if handoff.accept_by is None:
        return None, Verdict(accepted=False, text="This handoff has not been offered yet: the giver still works on it.")
    if not speaks_for(context, by, handoff.to_role):
        text = f"Only {handoff.to_role} can answer, which {by} does not hold: reassign the role, or answer by its name."
        return None, Verdict(accepted=False, text=text)
    return handoff, Verdict(accepted=True, text="")


def _offer(context: DecisionContext, handoff: Handoff, rule: HandoffRule) -> None:
    accept_by = context.by_then(rule.to, rule.accept_within)
    again = handoff.offers > 0
    notes = context.deal.notes or {}
    context.start(
        HandOver(
            id=_part(handoff.id, f"offer{handoff.offers + 1}") if again else handoff.id, at=context.now,
            summary=f"Hand the deal over to {rule.to}", run=handoff.run, step=handoff.step, handoff=handoff.id,
            from_role=rule.from_, to_role=rule.to, to=context.holder(rule.to), accept_by=accept_by,
            pieces={piece: notes[piece] for piece in rule.needs if piece in notes}, deal=context.deal,
        )
    )  # fmt: skip
    context.note(
        e.HandoffOffered(
            at=context.now, handoff=handoff.id, name=rule.name, to_role=rule.to, accept_by=accept_by,
            given_to=context.given_to(rule.to),
        )
    )  # fmt: skip


def _close_tasks_about(context: DecisionContext, handoff: Handoff, why: str) -> None:
    for task in [task for task in context.state.tasks.values() if task.settles == handoff.id]:
        cancel_task(context, task, why)


def _missing(context: DecisionContext, rule: HandoffRule) -> tuple[str, ...]:
    notes = context.deal.notes or {}
    return tuple(piece for piece in rule.needs if not notes.get(piece))


def _part(handoff: str, suffix: str) -> str:
    head, _, occurrence = handoff.rpartition("/")
    return f"{head}.{suffix}/{occurrence}"
