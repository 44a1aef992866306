"""Faults planted about what is billed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dealwright.deal import Contract
from dealwright.fold import billing as folded_billing
from dealwright.rules.billing import keep_up as billing
from dealwright.rules.billing import signed_terms
from dealwright.subscription import BillingPlan, TermBilled
from tests.dealwright.planting import nothing


def a_term_is_billed_again_while_nobody_knows(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(billing, "_UNKNOWN", frozenset({"on_the_way"}))


def a_term_is_billed_past_its_end(patch: pytest.MonkeyPatch) -> None:
    as_signed = signed_terms.as_signed

    def and_a_month_more(contract: Contract, plan: BillingPlan) -> TermBilled:
        terms = as_signed(contract, plan)
        return terms.model_copy(update={"ends_on": terms.ends_on + timedelta(days=30)})

    patch.setattr(billing, "as_signed", and_a_month_more)


def a_subscription_is_never_changed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(billing, "_agree", nothing)


def subscriptions_outlive_their_deal(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(billing, "_end", nothing)


def what_the_tool_refused_is_believed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(folded_billing, "_what_is_believed", lambda *_: {})
