"""Faults planted about the deal's record in the CRM."""

from __future__ import annotations

import pytest

from dealwright import fold as folded
from dealwright.entries import Resumed
from dealwright.rules.crm import record, stage_edits
from dealwright.state import DealState


def only_the_stage_is_shown(patch: pytest.MonkeyPatch) -> None:
    agrees = record._agrees
    patch.setattr(record, "_agrees", lambda part, *rest: part != "stage" or agrees(part, *rest))


def an_end_stays_in_the_record(patch: pytest.MonkeyPatch) -> None:
    agrees = record._agrees
    patch.setattr(record, "_agrees", lambda part, *rest: part == "outcome" or agrees(part, *rest))


def a_stage_set_in_the_crm_stays_there(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(stage_edits, "after", lambda _, known, __: known.value if known else None)


def what_the_crm_told_is_no_news_of_it(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(record, "told", lambda *_: {})


def a_deal_that_was_held_is_written_anew(patch: pytest.MonkeyPatch) -> None:
    resume = folded._APPLY["resumed"]

    def forgetting_the_record(state: DealState, entry: Resumed) -> None:
        resume(state, entry)
        state.in_crm.pop("stage", None)

    patch.setitem(folded._APPLY, "resumed", forgetting_the_record)
