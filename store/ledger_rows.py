"""Rows of the ledger: an effect as it stands there, and how far it has come."""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict

from dealwright.effects import Outcome


class LedgerState(StrEnum):
    """How far an effect has come."""

    CLAIMED = "claimed"
    """An attempt is on its way; nothing was handed over."""
    RELEASED = "released"
    """No attempt is on its way; nothing was handed over."""
    HANDING_OVER = "handing_over"
    """The call was begun, or is just about to be."""
    RECORDED = "recorded"
    """The result is known, for good."""
    WITHDRAWN = "withdrawn"
    """It was no longer wanted before it was handed over."""
    UNCERTAIN = "uncertain"
    """It may or may not have been handed over."""


class LedgerRow(BaseModel):
    """An effect as it stands in the ledger."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    effect_id: str
    deal_id: str
    kind: str
    state: LedgerState
    token: str | None
    at: AwareDatetime
    claimed_at: AwareDatetime
    attempts: int
    hand_overs: int
    """How often the call was begun."""
    unwanted: bool
    """It was to be withdrawn while it was being handed over."""
    contact: str | None
    recipient: str | None
    last_error: str | None
    result: Outcome | None
