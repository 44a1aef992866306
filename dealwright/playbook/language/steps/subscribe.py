"""``subscribe: <plan>``: from here on, what the customer signs is billed."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from dealwright.playbook.language.fields import Word
from dealwright.playbook.language.steps.step import Step
from dealwright.subscription import BillingPlan, Every, WhenCancelled
from dealwright.values.recorded import Name, Whole


class SubscribeStep(Step):
    """Bill what is signed, as a subscription in the billing tool."""

    action: ClassVar[str] = "subscribe"

    subscribe: Word
    """The plan, as the connections file calls it."""
    every: Every = "year"
    """How often an invoice is written: month or year."""
    payment_days: Annotated[Whole, Field(ge=0, le=365)] = 30
    """Days from an invoice to when it is due."""
    bill_to: Name | None = None
    """The role of the contact whom invoices go to."""
    when_cancelled: WhenCancelled = "at_term_end"
    """When the subscription ends whose contract is cancelled: at_term_end or at_once."""

    @property
    def plan(self) -> BillingPlan:
        """What it says, as the deal keeps it."""
        return BillingPlan(
            plan=self.subscribe, every=self.every, payment_days=self.payment_days, bill_to=self.bill_to,
            when_cancelled=self.when_cancelled,
        )  # fmt: skip
