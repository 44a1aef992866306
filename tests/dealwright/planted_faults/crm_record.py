"""Faults planted about the deal's record in the CRM."""

from __future__ import annotations

import pytest

from dealwright.rules.crm import record, stage_edits


def only_the_stage_is_shown(patch: pytest.MonkeyPatch) -> None:
    agrees = record._agrees
    patch.setattr(record, "_agrees", lambda part, *rest: part != "stage" or agrees(part, *rest))


def a_stage_set_in_the_crm_stays_there(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(stage_edits, "after", lambda _, known, __: known.value if known else None)


def what_the_crm_told_is_no_news_of_it(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(record, "told", lambda *_: {})
