"""Faults planted about facts count by when they happened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import pytest

from dealwright.facts import AboutThing, things, turns, which_thing
from dealwright.learning import amending, lessons, retracting
from dealwright.rules import following_up, held_ends, pauses
from tests.dealwright.planting import forget, nothing


def what_comes_in_last_counts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(lessons._judge, "__call__", lambda *_: True)


def a_deal_is_worth_what_was_offered_last(patch: pytest.MonkeyPatch) -> None:
    for module in (lessons, retracting, amending):
        patch.setattr(module, "amount_offered", nothing)


def the_status_told_last_counts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(turns, "_status_stays", nothing)
    patch.setattr(turns, "_is_level", lambda *_: True)


def a_fact_is_about_whatever_the_deal_is_about(patch: pytest.MonkeyPatch) -> None:
    meant = which_thing.meant

    def of_now(
        fact: AboutThing,
        table: Mapping[str, things.Record],
        focus: str | None,
        at: datetime,
        told: Mapping[str, datetime],
    ) -> str:
        begins = fact.turn == "begins" or fact.thing == "contract"
        return meant(fact, table, focus, at, told) if focus is None or begins else focus

    patch.setattr(lessons, "meant", of_now)


def what_is_taken_back_still_counts(patch: pytest.MonkeyPatch) -> None:
    forget(patch, "retracted", dict)


def what_was_lost_before_a_signature_is_lost(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(held_ends, "_stands", lambda *_: True)


def a_deal_that_is_held_is_lost_though_they_signed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(following_up, "go_on_as_agreed", nothing)


def a_deal_that_is_held_is_lost_though_it_was_opened_in_the_crm(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(pauses, "go_on_as_set_in_crm", nothing)
