"""What was decided about a deal's subscriptions."""

from __future__ import annotations

from datetime import date
from typing import Literal

from dealwright.entries.base import EntryBase
from dealwright.subscription import BillingPlan, Payer, TermBilled


class BillingBegan(EntryBase):
    """From here on, what is signed is billed."""

    kind: Literal["billing_began"] = "billing_began"
    plan: BillingPlan
    since: date

    def sentence(self) -> str:
        return f"What is signed is billed: {self.plan.plan}, every {self.plan.every}"


class SubscriptionDecided(EntryBase):
    """It was decided how the billing tool is to have a contract term as a subscription."""

    kind: Literal["subscription_decided"] = "subscription_decided"
    term: str
    """The contract term, by its key in the deal's state."""
    how: Literal["start", "change", "cancel", "agree"] | str
    """``agree``: the contract says now what somebody had changed in the tool, and nothing is written there."""
    terms: TermBilled
    payer: Payer | None = None
    effect: str | None = None
    """What does it; None for ``agree``."""

    def sentence(self) -> str:
        words = {"start": "to be started", "change": "to be changed", "cancel": "to be ended", "agree": "agreed"}
        return f"Subscription {words.get(self.how, self.how)}: {self.terms.words()}"
