"""Faults planted about a next step at every moment, also of those that are suggested."""

from __future__ import annotations

import pytest

from dealwright.calendar.durations import Span
from dealwright.commands import AnswerSuggestion
from dealwright.entries import FactTaken
from dealwright.facts import Fact
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.plays import Play
from dealwright.rules import deadlines, next_step, stages, suggestions
from dealwright.rules.decision_context import DecisionContext
from tests.dealwright.planting import never, nothing


def nobody_is_asked_what_comes_next(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(next_step, "ask_for_one", never)


def deadlines_are_told_every_day(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(deadlines, "_NEXT_DEADLINES", (Span.parse("1bd"),))


def stalls_are_told_as_often_as_at_first(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(stages, "_longer", lambda span, _: span)


def a_stage_swallows_renewals(patch: pytest.MonkeyPatch) -> None:
    dated_plays = Playbook.dated_plays

    def none_of_customers(playbook: Playbook, stage: str) -> tuple[Play, ...]:
        return dated_plays(playbook, stage) if stage != "customer" else ()

    patch.setattr(Playbook, "dated_plays", none_of_customers)


def a_suggestion_is_taken_for_agreed(patch: pytest.MonkeyPatch) -> None:
    mind = suggestions.mind

    def agree(context: DecisionContext, fact: Fact, taken: FactTaken) -> None:
        mind(context, fact, taken)
        for one in list(context.state.suggestions):
            suggestions.answer(context, AnswerSuggestion(by="nobody", suggestion=one, answer="accept"))

    patch.setattr(suggestions, "mind", agree)


def what_was_accepted_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(suggestions, "open_task", nothing)


def suggestions_outlive_their_deal(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(suggestions, "drop_all", nothing)


def what_was_suggested_is_asked_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(suggestions, "no_news", nothing)


def suggestions_are_passed_over(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(suggestions, "mind", nothing)
