"""What a buyer agreed to: whoever signs or accepts after a deal was given up is not lost."""

from __future__ import annotations

from datetime import datetime

from dealwright.facts import FACTS, AboutThing, ContractSigned
from dealwright.state import DealState

AGREES = frozenset(
    name
    for name, fact in FACTS.items()
    if issubclass(fact, ContractSigned) or (issubclass(fact, AboutThing) and fact.status == "accepted")
)
"""The facts by which a buyer agrees."""
GIVEN_UP = frozenset({"lost", "unresponsive", "disqualified", "churned"})
"""The outcomes of deals to which nobody agreed, or no longer."""


def agreed_after(state: DealState, at: datetime) -> str | None:
    """The fact by which the buyer agreed last, if that was after a time."""
    told = [(it.at, name) for name in AGREES if (it := state.happened.get(name)) is not None and it.at > at]
    return max(told)[1] if told else None
