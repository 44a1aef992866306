"""An approval of several chains is one thing that happens, and asks everybody of all its chains."""

from __future__ import annotations

import pytest

from simulation.timeline.patterns import read_pattern
from simulation.timeline.telling import Teller
from tests.dealwright.story import playbook
from tests.dealwright.test_approval_matrix import MATRIX, asked


@pytest.mark.parametrize("role", ["manager", "legal", "cfo", "ceo"])
def test_a_policy_may_ask_for_anybody_of_any_chain(role: str) -> None:
    story = asked("11", term_months=6, amount={"amount": "200000", "currency": "EUR"})
    teller = Teller(playbook(MATRIX))
    told = [one for entry in story.entries if (one := teller.tell(entry, {})) is not None and one.kind == "approval"]

    assert len(told) == 1
    assert read_pattern({"approval": "desk", "asks": role}).matches(told[0])
    assert not read_pattern({"approval": "desk", "asks": "rep"}).matches(told[0])


def test_nobody_is_said_to_have_answered_what_other_terms_replaced() -> None:
    story = asked("11", term_months=6, amount={"amount": "200000", "currency": "EUR"})
    story.tell("discount_requested", percent="30")
    teller = Teller(playbook(MATRIX))
    told = [one for entry in story.entries if (one := teller.tell(entry, {})) is not None]
    answers = [one.text for one in told if one.kind == "approval_answered"]

    assert answers
    assert all(text.startswith("superseded, ") and "dealwright" not in text for text in answers)
