"""A message may be reckoned from a date of the deal itself: the laws of dated messages judge it as any other."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dealwright.rules.actions import email
from simulation.laws.messages import NoMessageAboutWhatIsOff, NoMessageAfterItsDate
from simulation.replay import Check
from tests.dealwright.examined import found_in
from tests.dealwright.story import of_stage

WRITES = of_stage("- {name: before-their-day, on: {before: deal.back_on, by: 2d}, steps: [{email: soon}]}")
NAMED = ("reply_received", {"sentiment": "not_now", "back_on": "2026-03-03"})


@pytest.mark.parametrize("check", [NoMessageAboutWhatIsOff, NoMessageAfterItsDate])
def test_a_message_before_the_day_that_they_named_is_judged_as_any_other(check: type[Check]) -> None:
    assert found_in(WRITES, check, [NAMED]) == []


def test_one_that_may_leave_after_that_day_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(email, "last_moment", lambda context, *_: context.now + timedelta(days=3))

    (noticed,) = found_in(WRITES, NoMessageAfterItsDate, [NAMED])
    assert "may leave until 2026-03-05" in noticed
