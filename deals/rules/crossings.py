"""Crossings: a play that a value starts is started when the value becomes so, and again only after it was not."""

from __future__ import annotations

from deals import entries as e
from deals.facts import FACTS
from deals.playbook.parts import Play
from deals.rules.desk import Desk


def crossing_of(play: Play, trigger: str | None, about: str | None) -> str | None:
    """What is remembered of a start, when the trigger itself teaches what the play's condition looks at; else None.

    A report of the same thing that says so again is a repetition; that of another meeting, proposal or term is not.
    """
    fact = FACTS.get((trigger or "").partition(":")[0])
    if fact is None or play.compares.isdisjoint(fact.teaches):
        return None
    return f"{play.name}/{about or ''}"


def clear(desk: Desk) -> bool:
    """Write down which plays' conditions no longer hold: the same cause may start them again. True when any."""
    cleared = [
        name for name in dict.fromkeys(key.partition("/")[0] for key in desk.state.crossed) if not _holds(desk, name)
    ]
    for name in cleared:
        desk.note(e.ConditionCleared(at=desk.now, play=name))
    return bool(cleared)


def _holds(desk: Desk, name: str) -> bool:
    play = desk.playbook.play(name)
    if play is None or play.if_ is None:
        return False
    return play.if_.test(desk.state, None if desk.playbook.is_whole_deal(name) else desk.state.visit_since)
