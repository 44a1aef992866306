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
