"""The dates that become known, or another day, by what is told; and the next meeting, once one is over."""

from __future__ import annotations

from collections.abc import Iterator

from dealwright import entries as e
from dealwright.deal import Deal, Meeting
from dealwright.facts import ContractSigned, Fact, Thing
from dealwright.facts.things import TABLES, in_focus
from dealwright.learning.lessons import Lesson
from dealwright.playbook.language.paths import DATED_PATHS, OWN
from dealwright.rules.decision_context import DecisionContext

OF_TERMS = tuple(path for path in DATED_PATHS if path.startswith("contract."))
"""The dates of the contract's term."""


def dates_moved(context: DecisionContext, told: Lesson) -> tuple[str, ...]:
    """The dates that become known, or another day, by what is told; one that stands again counts too."""
    if told.learned is None:
        return ()
    old, new = context.deal, context.deal.knowing(told.learned)
    moved = (path for path in DATED_PATHS if _is_moved(old, new, *path.split(".")))
    return (*moved, *_own_dates_moved(context, old, new))


def _own_dates_moved(context: DecisionContext, old: Deal, new: Deal) -> Iterator[str]:
    was, now = old.fields or {}, new.fields or {}
    for name, field in context.playbook.fields.items():
        if field.type == "date" and now.get(name) is not None and now[name] != was.get(name):
            yield f"{OWN}{name}"


def is_signed_again(context: DecisionContext, fact: Fact, told: Lesson) -> bool:
    """Whether it tells once more, with more to it, of the term that the deal is in: its end is known from then on.

    Else the signature itself would look like what settles that end.
    """
    if not isinstance(fact, ContractSigned) or told.no_news is not None or context.state.focus.get("contract") is None:
        return False
    return told.about == f"contract/{context.state.focus['contract']}"


def _is_moved(old: Deal, new: Deal, part: str, field: str) -> bool:
    was, now = (old, new) if part == "deal" else (getattr(old, part), getattr(new, part))
    date = getattr(now, field, None)
    if date is None:
        return False
    stands_again = isinstance(now, Meeting) and isinstance(was, Meeting) and now.status == "booked" != was.status
    return stands_again or bool(getattr(was, field, None) != date)


def turn_to_the_next(context: DecisionContext) -> bool:
    """When a meeting is over, the deal is about the next one. True when it turned to one."""
    turned = False
    things: tuple[Thing, ...] = ("meeting", "demo")
    for thing in things:
        table, focus = getattr(context.state, TABLES[thing]), context.state.focus.get(thing)
        key = in_focus(thing, table, focus, context.now, context.state.taught)
        if key is not None and key != focus:
            known_at = context.state.taught.get(f"{TABLES[thing]}.{key}.starts_at", context.now)
            context.note(e.FocusMoved(at=context.now, thing=thing, key=key, known_at=known_at))
            turned = context.dates_changed = True
    return turned
