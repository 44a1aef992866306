"""Faults planted about skipped is not done, and what tasks found out."""

from __future__ import annotations

import pytest

from dealwright.deal import Known
from dealwright.entries import FactTaken
from dealwright.fold import people
from dealwright.rules import completing, task_answers, tasks, wanted
from dealwright.rules.actions import close, email
from dealwright.rules.decision_context import DecisionContext
from dealwright.state import DealState, Task
from tests.dealwright.planting import nothing


def silence_is_never_asked_about(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(close, "_silence_was_broken", lambda *_: True)


def who_answered_is_given_up_as_silent(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(close, "answered_last", nothing)


def nobody_hears_that_there_is_nobody_to_write_to(patch: pytest.MonkeyPatch) -> None:
    ask = DecisionContext.ask_attention

    def ask_less(self: DecisionContext, point: str, text: str) -> None:
        if point != email.NO_ADDRESS:
            ask(self, point, text)

    patch.setattr(DecisionContext, "ask_attention", ask_less)


def calls_break_no_silence(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(people, "_keep_call", nothing)


def attempts_to_call_break_silence(patch: pytest.MonkeyPatch) -> None:
    keep = people._keep_call

    def keep_any(state: DealState, entry: FactTaken) -> None:
        keep(state, entry.model_copy(update={"by_the_buyer": True}))

    patch.setattr(people, "_keep_call", keep_any)


def what_is_filled_in_is_lost(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(task_answers, "_with_filled", lambda noted, *_: noted)


def an_outcome_is_not_written_down(patch: pytest.MonkeyPatch) -> None:
    finish = tasks.finish_task

    def finish_somehow(
        context: DecisionContext, task: Task, by: str, result: str | None, _: str | None, said: Known | None
    ) -> None:
        finish(context, task, by, result, None, said)

    patch.setattr(completing, "finish_task", finish_somehow)


def any_outcome_will_do(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(wanted, "holds_in", lambda *_: True)
