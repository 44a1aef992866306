"""Faults planted about approvals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import pytest

from dealwright.playbook.language import approval_levels, approval_rules
from dealwright.playbook.language.approval_chains import chain_of
from dealwright.playbook.language.approval_levels import ApprovalLevel
from dealwright.playbook.language.approval_rules import ApprovalRule
from dealwright.playbook.language.paths import Path
from dealwright.rules import following_up
from dealwright.rules.approvals import answers, asking, holding, questions
from dealwright.rules.decision_context import DecisionContext
from dealwright.state import Approval
from dealwright.terms import Chain, Chains, Terms
from tests.dealwright.planting import never, nothing


def anybody_may_say_yes(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(answers, "_refusal", nothing)
    patch.setattr(answers, "speaks_for", lambda *_: True)


def what_is_not_known_is_taken_as_nothing(patch: pytest.MonkeyPatch) -> None:
    chains_for = ApprovalRule.chains_for

    def as_if_known(rule: ApprovalRule, values: Mapping[str, object]) -> Chains | None:
        return chains_for(rule, {name: Decimal(0) if value is None else value for name, value in values.items()})

    patch.setattr(ApprovalRule, "chains_for", as_if_known)


def what_is_above_all_levels_needs_nobody(patch: pytest.MonkeyPatch) -> None:
    by_levels = approval_levels.chain_by_levels

    def up_to_the_last(levels: Sequence[ApprovalLevel], of: Path, currency: str | None, value: object) -> Chain | None:
        chain = by_levels(levels, of, currency, value)
        return () if chain == chain_of(levels[-1].by) else chain

    patch.setattr(approval_rules, "chain_by_levels", up_to_the_last)


def money_is_money_in_any_currency(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(approval_levels, "_is_in", lambda *_: True)


def a_grant_is_good_for_anything(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Terms, "covers", lambda *_: True)


def terms_may_change_while_they_are_asked_for(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(questions, "review", never)


def the_buyer_may_be_offered_anything(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(following_up, "put_to_buyer", nothing)


def one_chain_is_enough(patch: pytest.MonkeyPatch) -> None:
    def settle(context: DecisionContext, approval: Approval, settled: str, said: asking.Said) -> None:
        asking.settle(context, approval, "granted" if settled == "agreed" else settled, said)

    patch.setattr(answers, "settle", settle)


def steps_wait_for_no_approval(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(holding, "_is_granted", lambda *_: True)
