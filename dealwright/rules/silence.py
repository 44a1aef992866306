"""Silence: what may not go out any more, once somebody wants no more messages, or none arrive."""

from __future__ import annotations

from dealwright import consent
from dealwright import entries as e
from dealwright.facts import ChannelRefused
from dealwright.rules.decision_context import DecisionContext


def mind(context: DecisionContext, taken: e.FactTaken) -> None:
    """Call off messages that may not go out any more: what was decided at this moment, and what is on its way.

    Whoever is in a cadence of another tool is taken out once all has been heard that stops its play (``enrolments``).
    """
    if not taken.silences and taken.fact != ChannelRefused.name:
        return
    context.dates_changed |= bool(taken.silences)  # whoever gets them now may have another clock
    for pending in list(context.state.pending.values()):
        if (
            pending.effect not in context.state.enrolments
            and (reason := consent.forbidden_now(context.state, pending)) is not None
        ):
            context.call_off(pending.effect, reason)
