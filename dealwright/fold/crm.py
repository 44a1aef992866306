"""What the deal's record in the CRM holds, by what was written there and what it told."""

from __future__ import annotations

from dealwright import entries as e
from dealwright.state import CrmValue, DealState


def written(state: DealState, entry: e.EffectStarted) -> None:
    """An update of the record is on its way."""
    for part, value in entry.in_crm.items():
        state.in_crm[part] = CrmValue(value=value, at=entry.at, effect=entry.effect)


def settled(state: DealState, entry: e.EffectSettled) -> None:
    """An update of the record has come back."""
    if entry.does != "update_crm":
        return
    changes = {"settled_at": entry.at} if entry.status == "done" else {"unsure": True}
    for part, known in state.in_crm.items():
        if known.effect == entry.effect:
            state.in_crm[part] = known.model_copy(update=changes)


def told(state: DealState, entry: e.FactTaken) -> None:
    """The CRM told what somebody changed there."""
    for part, value in entry.in_crm.items():
        state.in_crm[part] = CrmValue(value=value, at=entry.happened_at)
    state.put_back += entry.put_back
