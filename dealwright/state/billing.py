"""How a deal is billed: each contract term as a subscription of its own, as it was decided, done and told."""

from __future__ import annotations

from datetime import date
from typing import Literal

from dealwright.subscription import BillingPlan, Payer, TermBilled, ToldSubscription
from dealwright.values.recorded import Recorded


class AsBilled(Recorded):
    """How a contract term is billed, or is to be."""

    terms: TermBilled
    cancelled: bool = False
    told: ToldSubscription | None = None


class BilledTerm(Recorded):
    """One contract term in the billing tool, as far as the deal knows."""

    terms: TermBilled
    """As it was decided last to bill it."""
    payer: Payer | None = None
    subscription: str | None = None
    """What the tool calls it; None until it is known to be there."""
    cancelled: bool = False
    """Whether it was decided last to end it."""
    effect: str | None = None
    """What was done last about it."""
    status: Literal["on_the_way", "done", "uncertain", "refused", "withdrawn"] | str = "on_the_way"
    """What became of that."""
    told: ToldSubscription | None = None
    """What somebody changed in the tool since."""
    ended_there: bool = False
    """Whether it is over in the tool."""
    before: AsBilled | None = None
    """As the tool had it before what was done last, while it is not known that it took it."""
    refused: AsBilled | None = None
    """What the tool refused last: it is tried again once something of it is different."""

    @property
    def is_there(self) -> bool:
        """Whether the tool has it, as far as is known."""
        return self.subscription is not None and not self.ended_there

    @property
    def there(self) -> TermBilled:
        """As the tool has it: as it was decided, with what was changed there."""
        told, terms = self.told, self.terms
        if told is None:
            return terms
        changes: dict[str, date | object] = {}
        if told.amount is not None:
            changes["recurring"] = terms.yearly(told.amount)
        if told.ends_on is not None:
            changes["ends_on"] = told.ends_on
        return terms.model_copy(update=changes)


class Billing(Recorded):
    """How a deal is billed."""

    plan: BillingPlan
    since: date
    """Terms that were over by then are not billed."""
    terms: dict[str, BilledTerm] = {}
    """By the key of the contract term in the deal's state."""
