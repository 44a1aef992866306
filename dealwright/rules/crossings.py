"""Crossings: a play that a value starts is started when the value becomes so, and again only after it was not."""

from __future__ import annotations

from dealwright import entries as e
from dealwright.contacts import seen_with
from dealwright.facts import FACTS
from dealwright.playbook.language.plays import Play
from dealwright.rules.decision_context import DecisionContext


def crossing_of(play: Play, trigger: str | None, about: str | None) -> str | None:
    """What is remembered of a start, when the trigger itself teaches what the play's condition looks at; else None.

    A report of the same thing that says so again is a repetition; that of another meeting, proposal or term is not.
    """
    fact = FACTS.get((trigger or "").partition(":")[0])
    if fact is None or play.compares.isdisjoint(fact.teaches):
        return None
    return f"{play.name}/{about or ''}"


def clear(context: DecisionContext) -> bool:
    """Write down which plays' conditions no longer hold: the same cause may start them again. True when any."""
    cleared = [
        name
        for name in dict.fromkeys(key.partition("/")[0] for key in context.state.crossed)
        if not _holds(context, name)
    ]
    for name in cleared:
        context.note(e.ConditionCleared(at=context.now, play=name))
    return bool(cleared)


def _holds(context: DecisionContext, name: str) -> bool:
    play = context.playbook.play(name)
    if play is None or play.if_ is None:
        return False
    since = None if context.playbook.is_whole_deal(name) else context.state.visit_since
    if play.for_each is None:
        return play.if_.test(context.state, since, context.clock)
    meant = play.for_each.contact.of(context.state)
    return any(play.if_.test(seen_with(context.state, contact.id), since, context.clock) for contact in meant)
