"""What is done in the billing tool. Every outcome is decided on: what follows depends on what is there."""

from __future__ import annotations

from datetime import date
from typing import Literal

from dealwright.effect_base import EffectBase
from dealwright.subscription import Payer, TermBilled


class StartSubscription(EffectBase):
    """Have the billing tool bill a contract term. The outcome's ``reference`` is what the tool calls it."""

    kind: Literal["start_subscription"] = "start_subscription"
    contract: str
    """The contract term, as the deal's state calls it."""
    terms: TermBilled
    payer: Payer
    title: str | None = None
    """Of the deal."""


class ChangeSubscription(EffectBase):
    """Have a contract term billed otherwise: as ``terms`` say, to their end, whatever was said before."""

    kind: Literal["change_subscription"] = "change_subscription"
    contract: str
    subscription: str
    terms: TermBilled


class CancelSubscription(EffectBase):
    """Have the billing tool end a subscription."""

    kind: Literal["cancel_subscription"] = "cancel_subscription"
    contract: str
    subscription: str
    ends_on: date | None = None
    """The last day that is billed; None for at once."""
    reason: str
