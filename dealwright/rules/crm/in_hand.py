"""What a decision has in hand for the CRM: what was looked at of the deal, and what waits until it is settled."""

from __future__ import annotations

from dataclasses import dataclass

from dealwright.deal import Deal
from dealwright.playbook.language.stages import Stage
from dealwright.state import DealState


@dataclass(slots=True)
class InHand:
    """Notes of one decision about the deal's record in the CRM."""

    seen: tuple[Deal | None, *tuple[str | None, ...]]
    """What of the deal its record shows, as it was when the two were compared last."""
    look_again: bool = False
    """Compare the two also where the deal looks as it did: the CRM told something since, or an end was shown there."""
    entered: bool = False
    """A stage was entered since."""
    note: str | None = None
    """What people should read there beside the next update."""
    move: tuple[Stage, str] | None = None
    """The stage that somebody moved the deal to there, with why; it is entered once plays have heard of it."""

    @classmethod
    def of(cls, state: DealState) -> InHand:
        """At a decision's beginning the record was compared with the deal as it stands."""
        return cls(watched(state))


def watched(state: DealState) -> tuple[Deal | None, *tuple[str | None, ...]]:
    """What the record shows of a deal, and what that depends on."""
    return state.deal, state.stage, state.owner_role, state.outcome, state.bundle
