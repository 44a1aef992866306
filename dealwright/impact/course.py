"""The course that a deal takes by itself: what is decided up to a time, if nobody tells it anything or answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from dealwright.decide import decide
from dealwright.decision import Decision, Received
from dealwright.effects import Effect, Outcome
from dealwright.entries import Entry
from dealwright.fold import fold
from dealwright.playbook.language.model import Playbook
from dealwright.rules.decision_context import Offers
from dealwright.state import DealState

_MOST_DECISIONS = 400
"""In one course; a deal that reminds somebody each day makes one a day."""


class Course(NamedTuple):
    """What a deal would do."""

    first: Decision
    """The decision of this moment."""
    at_once: DealState
    """How the deal stands after it."""
    entries: tuple[Entry, ...]
    """All that would stand in its story by the end of the course."""
    effects: tuple[Effect, ...]
    """All that it would start, in order, each once."""
    state: DealState
    """How it would stand at the end."""


def course(
    state: DealState,
    playbook: Playbook,
    now: datetime,
    until: datetime,
    inbox: Sequence[Received] = (),
    offers: Offers | None = None,
) -> Course:
    """Let a copy of a deal live from ``now`` to ``until`` (the deal's time); the state itself is not touched.

    ``inbox`` is what reaches it at first, ``offers`` the playbooks that it may adopt. Each effect goes as planned, at
    once. Nobody does a task, answers an approval, accepts a handoff or writes. Limits over all deals are not known
    here: a message that would have to wait for one is taken to go out.

    Raises:
        EndlessPlaybook: the playbook's plays start each other without end.
    """
    deal, rules, at = state.copy_to_work_on(), playbook, now
    entries: list[Entry] = []
    effects: dict[str, Effect] = {}
    waiting, first, at_once = list(inbox), None, None
    for _ in range(_MOST_DECISIONS):
        decision = decide(deal, rules, waiting, at, offers=offers)
        waiting = waiting[decision.took :] if decision.took is not None else []
        entries += [fold(deal, entry) for entry in decision.entries]
        rules = next((one for bundle, one in (offers or {}).values() if bundle == deal.bundle), rules)
        if first is None or at_once is None:
            first, at_once = decision, deal.copy_to_work_on()
        effects |= {effect.id: effect for effect in decision.effects if effect.id not in effects}
        waiting += _come_back(deal, decision, entries, at)
        if waiting:
            continue
        if decision.wake_at is None or decision.wake_at > until or deal.finished:
            break
        at = max(at, decision.wake_at)
    assert first is not None and at_once is not None  # noqa: PT018, S101 - the first round sets both
    return Course(first, at_once, tuple(entries), tuple(effects.values()), deal)


def _come_back(deal: DealState, decision: Decision, entries: list[Entry], at: datetime) -> list[Received]:
    """Settle what was started and what is withdrawn; returns what has to be decided on."""
    back = []
    for effect in decision.effects:
        outcome = Outcome(effect=effect.id, kind=effect.kind, status="done", at=at)
        received = Received(kind="outcome", name=effect.kind, at=at, outcome=outcome, effect=effect)
        settled = received.settled()
        if effect.needs_decision or settled is None:
            back.append(received)
        else:
            entries.append(fold(deal, settled))
    withdrawn = [deal.pending[effect_id] for effect_id in decision.withdraw if effect_id in deal.pending]
    entries += [fold(deal, pending.called_off(at, "no longer wanted")) for pending in withdrawn]
    return back
