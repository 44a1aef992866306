"""What a deal whose life is over still has to hand over, and what it keeps undecided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from dealwright.decision import Received
from dealwright.effects import Effect
from dealwright.entries import Entry
from dealwright.state import DealState

PATIENCE_AFTER_THE_END = timedelta(days=7)
"""So long the other side may be away (deal's time); after that the journal's last line of the effect stands."""


def left_over(state: DealState, now: datetime) -> tuple[datetime, tuple[Effect, ...]] | None:
    """Effects of the end that nobody took yet, and when to try them again; None when there are none, or no longer."""
    late = [(one.again_at, one.again) for one in state.pending.values() if one.again_at and one.again]
    if not late or state.closed_at is None or now > state.closed_at + PATIENCE_AFTER_THE_END:
        return None
    return max(now, *(at for at, _ in late)), tuple(effect for _, effect in late)


def called_off(state: DealState, now: datetime) -> list[Entry]:
    """What is written down, at a cancelled deal's end, of effects that wait for their next time: nobody has them."""
    waiting = [pending for pending in state.pending.values() if pending.again_at is not None]
    return [pending.called_off(now, "the deal was cancelled in Temporal") for pending in waiting]


def undecided(inbox: Sequence[Received], now: datetime) -> list[Entry]:
    """What is written down of an inbox that nobody can decide on any more. Whoever gave a command is answered."""
    why = "The deal was cancelled in Temporal before it could decide on this."
    facts: list[Entry] = [received.refused(now, why) for received in inbox if received.kind == "fact"]
    return facts + [settled for received in inbox if (settled := received.settled()) is not None]
