"""Handoffs: complete before they are offered, accepted in time or escalated, declined back to the giver."""

from __future__ import annotations

from deals import entries as e
from deals.commands import AcceptHandoff, DeclineHandoff
from deals.decision import Verdict
from deals.durations import Span
from deals.effects import HandOver
from deals.playbook.parts import FALLS_BACK_AFTER, HandoffRule
from deals.rules.approvals import speaks_for
from deals.rules.desk import Desk
from deals.rules.tasks import ask, cancel_task
from deals.state import Handoff

_SOON = Span.parse("2bd")


def begin(desk: Desk, rule: HandoffRule, handoff: str, *, run: str, step: int) -> None:
    """Begin a handoff: offer it, or first ask the giver for the pieces that are missing. An open one gives way."""
    for old in [one for one in desk.state.handoffs.values() if one.name == rule.name and one.id != handoff]:
        drop(desk, old, "begun anew")
    missing = _missing(desk, rule)
    desk.note(
        e.HandoffBegun(
            at=desk.now, handoff=handoff, name=rule.name, from_role=rule.from_, to_role=rule.to, missing=missing,
            run=run, step=step,
        )
    )  # fmt: skip
    if missing:
        title = f"Supply for {rule.name}: {', '.join(piece.replace('_', ' ') for piece in missing)}"
        task, due = _part(handoff, f"pieces{desk.state.entries}"), desk.by_then(rule.from_, rule.ask_within)
        ask(desk, task, title, rule.from_, due, asks=missing, name="supply_handoff_pieces", settles=handoff)
    else:
        _offer(desk, desk.state.handoffs[handoff], rule)


def complete(desk: Desk) -> bool:
    """Offer the handoffs whose missing pieces have come. True when any was offered."""
    offered = False
    for handoff in list(desk.state.handoffs.values()):
        rule = desk.playbook.handoff(handoff.name)
        if rule is None or not handoff.missing or _missing(desk, rule):
            continue
        _close_tasks_about(desk, handoff, "every piece is there")
        _offer(desk, desk.state.handoffs[handoff.id], rule)
        offered = True
    return offered


def accept(desk: Desk, command: AcceptHandoff) -> Verdict:
    """The receiver takes the deal over, be it after it fell back."""
    handoff = _begun_late(desk, command)
    if handoff is None:
        handoff, refusal = _answerable(desk, command.handoff, command.by)
        if handoff is None:
            return refusal
    _close_tasks_about(desk, handoff, "the handoff was accepted")
    too_late = _deal_has_gone_on(desk, handoff)
    desk.note(
        e.HandoffAnswered(
            at=desk.now, handoff=handoff.id, name=handoff.name, to_role=handoff.to_role, answer="accepted",
            by=command.by, too_late=too_late,
        )
    )  # fmt: skip
    desk.happen("handoff_accepted", handoff.name)
    desk.dates_changed = True
    desk.settle_attention(f"handoff:{handoff.id}", "accepted")
    if too_late:
        return Verdict(accepted=True, text=f"Noted. The deal has gone on meanwhile: {desk.state.owner_role} has it.")
    return Verdict(accepted=True, text=f"{handoff.to_role} has the deal.")


def _deal_has_gone_on(desk: Desk, handoff: Handoff) -> bool:
    """Whether the deal came, since the handoff was begun, to a stage that is neither its giver's nor its receiver's."""
    return handoff.visit != desk.state.visit and desk.stage.owner not in {handoff.from_role, handoff.to_role}


def decline(desk: Desk, command: DeclineHandoff) -> Verdict:
    """The receiver does not take the deal over: the giver is asked to mend it, and told why."""
    handoff, refusal = _answerable(desk, command.handoff, command.by)
    if handoff is None:
        return refusal
    desk.note(
        e.HandoffAnswered(
            at=desk.now, handoff=handoff.id, name=handoff.name, to_role=handoff.to_role, answer="declined",
            by=command.by, why=command.why,
        )
    )  # fmt: skip
    desk.happen("handoff_declined", handoff.name)
    rule = desk.playbook.handoff(handoff.name)
    due = desk.by_then(handoff.from_role, rule.ask_within) if rule else desk.now
    title = f"{handoff.name} was declined: {command.why}"[:200]
    ask(
        desk, _part(handoff.id, f"declined{desk.state.entries}"), title, handoff.from_role, due,
        name="mend_handoff", settles=handoff.id,
    )  # fmt: skip
    return Verdict(accepted=True, text=f"{handoff.from_role} is asked to mend it.")


def drop(desk: Desk, handoff: Handoff, why: str) -> None:
    """No longer want a handoff."""
    _close_tasks_about(desk, handoff, why)
    desk.note(
        e.HandoffAnswered(
            at=desk.now, handoff=handoff.id, name=handoff.name, to_role=handoff.to_role, answer="dropped",
            by="dealwright", why=why,
        )
    )  # fmt: skip


def fall_back(desk: Desk) -> bool:
    """Let a handoff that waited for too long fall to somebody who has the deal then. True when one did."""
    for handoff in desk.state.handoffs.values():
        rule = desk.playbook.handoff(handoff.name)
        if handoff.late < (rule.falls_back_after if rule else FALLS_BACK_AFTER):
            continue
        if _deal_has_gone_on(desk, handoff):
            drop(desk, handoff, "the deal has gone on without it")
            desk.settle_attention(f"handoff:{handoff.id}", "the deal has gone on without it")
        else:
            _fall_back(desk, handoff, rule)
        return True
    return False


def give(desk: Desk, handoff: Handoff) -> None:
    """Offer it to whoever holds the receiver's role now, with the whole time to accept."""
    if rule := desk.playbook.handoff(handoff.name):
        _call_off_offers(desk, handoff, "somebody else receives it")
        _offer(desk, handoff, rule)


def mended(desk: Desk, handoff: str) -> None:
    """The giver has done what a handoff waited for: offer it (again). After it fell back, somebody saw to it."""
    if any(one.id == handoff for one in desk.state.fallen.values()):
        desk.settle_attention(f"handoff:{handoff}", "somebody saw to it")
    waiting = desk.state.handoffs.get(handoff)
    rule = desk.playbook.handoff(waiting.name) if waiting else None
    if waiting is None or rule is None or waiting.accept_by is not None:
        return
    if missing := _missing(desk, rule):
        begin(desk, rule, handoff, run=waiting.run or "", step=waiting.step or 0)
        desk.ask_attention(f"handoff:{handoff}", f"{rule.name} still lacks {', '.join(missing)}")
    else:
        _offer(desk, waiting, rule)


def _fall_back(desk: Desk, handoff: Handoff, rule: HandoffRule | None) -> None:
    to = handoff.to_role
    roles = (rule.escalate if rule else None, desk.boss_of(to), handoff.from_role)
    role = next((one for one in roles if one is not None and one != to), handoff.from_role)
    lacks = ", ".join(piece.replace("_", " ") for piece in handoff.missing)
    why = (
        f"nobody supplied {lacks}" if lacks else f"{to} did not accept it" if handoff.accept_by else "nobody mended it"
    )
    _close_tasks_about(desk, handoff, "it fell back")
    _call_off_offers(desk, handoff, "it fell back")
    desk.note(
        e.HandoffAnswered(
            at=desk.now, handoff=handoff.id, name=handoff.name, to_role=role, answer="fell_back", by="dealwright",
            why=f"{why}, and {handoff.late} deadlines went by",
        )
    )  # fmt: skip
    desk.happen("handoff_fell_back", handoff.name)
    desk.dates_changed = True
    point = f"handoff:{handoff.id}"
    desk.settle_attention(point, "it fell back")
    desk.ask_attention(point, f"Handoff {handoff.name} fell back: {why}. {role} has the deal, until {to} accepts it.")
    ask(
        desk, _part(handoff.id, f"fell_back{handoff.offers}"), f"Take over, or find who does: {handoff.name}", role,
        desk.by_then(role, _SOON), name="take_over", settles=handoff.id, detail=f"In short, {why}.",
    )  # fmt: skip


def _begun_late(desk: Desk, command: AcceptHandoff) -> Handoff | None:
    """A receiver who comes late still takes what fell back, as long as nobody but the fallback has the deal."""
    for fallen in list(desk.state.fallen.values()):
        takes = command.handoff in {fallen.id, fallen.name} and speaks_for(desk, command.by, fallen.to_role)
        if takes and desk.state.owner_role == fallen.held_by:
            desk.note(
                e.HandoffBegun(
                    at=desk.now, handoff=fallen.id, name=fallen.name, from_role=fallen.held_by, to_role=fallen.to_role
                )
            )
            return desk.state.handoffs[fallen.id]
    return None


def _call_off_offers(desk: Desk, handoff: Handoff, why: str) -> None:
    """Take back the packages that nobody has seen yet."""
    for effect in (handoff.id, *(_part(handoff.id, f"offer{n}") for n in range(2, handoff.offers + 1))):
        desk.call_off(effect, why)


def _open_names(desk: Desk) -> list[str]:
    return list(dict.fromkeys(handoff.name for handoff in desk.state.handoffs.values()))


def _answerable(desk: Desk, wanted: str, by: str) -> tuple[Handoff | None, Verdict]:
    found = [h for h in desk.state.handoffs.values() if wanted in {h.id, h.name}]
    if not found:
        why = "it was answered, or never offered"
        if fallen := next((one for one in desk.state.fallen.values() if wanted in {one.id, one.name}), None):
            why = (
                f"it fell back to {fallen.held_by}, and only {fallen.to_role} can accept it, as long as nobody else did"
            )
        text = f"This handoff is not open: {why}. Open are: {', '.join(_open_names(desk)) or 'none'}."
        return None, Verdict(accepted=False, text=text)
    handoff = found[-1]
    if handoff.accept_by is None:
        return None, Verdict(accepted=False, text="This handoff has not been offered yet: the giver still works on it.")
    if not speaks_for(desk, by, handoff.to_role):
        text = f"Only {handoff.to_role} can answer, which {by} does not hold: reassign the role, or answer by its name."
        return None, Verdict(accepted=False, text=text)
    return handoff, Verdict(accepted=True, text="")


def _offer(desk: Desk, handoff: Handoff, rule: HandoffRule) -> None:
    accept_by = desk.by_then(rule.to, rule.accept_within)
    again = handoff.offers > 0
    notes = desk.deal.notes or {}
    desk.start(
        HandOver(
            id=_part(handoff.id, f"offer{handoff.offers + 1}") if again else handoff.id, at=desk.now,
            summary=f"Hand the deal over to {rule.to}", run=handoff.run, step=handoff.step, handoff=handoff.id,
            from_role=rule.from_, to_role=rule.to, to=desk.holder(rule.to), accept_by=accept_by,
            pieces={piece: notes[piece] for piece in rule.needs if piece in notes}, deal=desk.deal,
        )
    )  # fmt: skip
    desk.note(
        e.HandoffOffered(
            at=desk.now, handoff=handoff.id, name=rule.name, to_role=rule.to, accept_by=accept_by,
            given_to=desk.given_to(rule.to),
        )
    )  # fmt: skip


def _close_tasks_about(desk: Desk, handoff: Handoff, why: str) -> None:
    for task in [task for task in desk.state.tasks.values() if task.settles == handoff.id]:
        cancel_task(desk, task, why)


def _missing(desk: Desk, rule: HandoffRule) -> tuple[str, ...]:
    notes = desk.deal.notes or {}
    return tuple(piece for piece in rule.needs if not notes.get(piece))


def _part(handoff: str, suffix: str) -> str:
    head, _, occurrence = handoff.rpartition("/")
    return f"{head}.{suffix}/{occurrence}"
