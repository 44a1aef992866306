"""Faults planted about deals that are opened again."""

from __future__ import annotations

import pytest

from dealwright.rules import going_on
from tests.dealwright.planting import never


def a_deal_that_is_opened_again_says_all_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(going_on, "was_said", never)


def a_deal_that_is_opened_again_ends_at_once(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(going_on, "was_past", never)
