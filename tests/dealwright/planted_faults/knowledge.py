"""Faults planted about facts count by when they happened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import pytest

from dealwright.facts import AboutThing, things
from dealwright.learning import lessons
from tests.dealwright.planting import forget, nothing


def what_comes_in_last_counts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(lessons._judge, "__call__", lambda *_: True)


def the_status_told_last_counts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(things, "_status_stays", nothing)
    patch.setattr(things, "_is_level", lambda *_: True)


def a_fact_is_about_whatever_the_deal_is_about(patch: pytest.MonkeyPatch) -> None:
    meant = things.meant

    def of_now(fact: AboutThing, table: Mapping[str, things.Record], focus: str | None, at: datetime) -> str:
        begins = fact.turn == "begins" or fact.thing == "contract"
        return meant(fact, table, focus, at) if focus is None or begins else focus

    patch.setattr(lessons, "meant", of_now)


def what_is_taken_back_still_counts(patch: pytest.MonkeyPatch) -> None:
    forget(patch, "retracted", dict)
