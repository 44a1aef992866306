"""What notes in a CRM say, for people: a handoff's package, an approval that is asked. Times are in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from dealwright.effects import HandOver, RequestApproval


def handoff_text(effect: HandOver) -> str:
    """What the next owner needs to know."""
    whom = f" to {effect.to.name}" if effect.to else ""
    head = f"Handoff from {effect.from_role} to {effect.to_role}{whom}, to be accepted by {_at(effect.accept_by)}"
    return "\n".join([head, *_listed(effect.pieces)])


def approval_text(effect: RequestApproval) -> str:
    """What somebody is to approve."""
    whom = effect.owner.name if effect.owner else effect.role
    too = f" ({' or '.join(effect.others)} may answer too)" if effect.others else ""
    head = f"Approval asked of {whom}{too}, to be answered by {_at(effect.answer_by)}"
    return "\n".join([head, *_listed(effect.shown)])


def _listed(named: Mapping[str, object]) -> list[str]:
    return [f"{name.replace('_', ' ').capitalize()}: {value}" for name, value in named.items()]


def _at(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
