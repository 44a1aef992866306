"""Faults planted about contacts in cadences of other tools."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from dealwright.deal import Contact
from dealwright.rules import enrolments, plays, steps
from dealwright.rules.decision_context import DecisionContext
from dealwright.state import Enrolment
from tests.dealwright.planting import never, nothing


def who_must_not_be_written_to_stays_enrolled(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(enrolments, "_reason_against", nothing)


def a_cadence_outlives_its_play(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(plays, "enrolments", SimpleNamespace(stop=nothing))


def who_was_called_off_too_late_stays_enrolled(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(enrolments, "let_nobody_stay", nothing)


def our_marketing_knows_no_cadences(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(enrolments, "under_way", nothing)


def everybody_waits_for_a_cadence(patch: pytest.MonkeyPatch) -> None:
    def anybodys(context: DecisionContext, _: Contact, besides: str = "") -> Enrolment | None:
        alone = (one for one in context.state.enrolments.values() if not one.beside and one.id != besides)
        return next(alone, None)

    patch.setattr(enrolments, "under_way", anybodys)


def the_end_of_a_cadence_lets_nothing_go(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(steps, "_is_let_go", never)


def the_end_of_a_cadence_is_told_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(enrolments, "is_over", never)


def a_play_waits_for_ever_for_its_cadence(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(enrolments, "_go_on", nothing)


def who_was_not_taken_out_counts_as_out(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(enrolments, "hear_of_stop", nothing)
