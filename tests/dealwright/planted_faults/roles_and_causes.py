"""Faults planted about work follows its role, and causes act once."""

from __future__ import annotations

import pytest

from dealwright import decide as core
from dealwright.facts import turns
from dealwright.rules import plays
from tests.dealwright.planting import never, nothing


def work_stays_with_who_had_it(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(core, "follow_roles", never)


def a_low_value_acts_each_time_it_is_told(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(plays, "crossing_of", nothing)


def an_end_told_again_is_another_one(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(turns, "_status_stays", nothing)
