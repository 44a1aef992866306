"""Outcomes and fills of tasks: what is wrong with them, or with what asks for them, is told with its place."""

from __future__ import annotations

import re

import pytest

from dealwright.playbook.language.triggers import read_triggers, wider_keys
from dealwright.playbook.loading import check_bundle
from tests.dealwright.playbook.valid_playbook import TEMPLATES, with_change

CALL = "task: call, escalate: boss, asks: [use_case]"
LAST = "- {after: 5bd, close: unresponsive}"
DECLARED = "fields: {seats: number, size: {by: account.employees, table: [{up_to: 50, is: smb}, {is: large}]}}\n"


def told(call: str, last: str = LAST) -> list[str]:
    text = with_change(CALL, call).replace(LAST, last) + DECLARED
    return [str(one) for one in check_bundle({"playbook.yaml": text, **TEMPLATES})]


def with_outcomes(last: str = LAST, *, wait: str = "3bd") -> list[str]:
    return told(f"{CALL}, outcomes: [connected, voicemail], wait: {wait}", last)


def test_outcomes_and_fills_are_sound() -> None:
    assert with_outcomes("- {if: {task_done: {call: [connected, voicemail]}}, close: unresponsive}") == []
    assert told(f"{CALL}, fills: {{budget: qualification.budget, seats: fields.seats, why: notes.use_case}}") == []


def test_what_is_filled_in_as_a_note_is_asked_for() -> None:
    assert told("task: call, escalate: boss, fills: {why: notes.use_case}") == []
    assert "use_case" in "".join(told("task: call, escalate: boss"))


@pytest.mark.parametrize(
    ("fills", "mistake"),
    [
        ("{a: deal.amount}", "'deal.amount' is not filled in by a person. Name a path that begins with"),
        ("{a: qualification.bant}", "'qualification.bant' is worked out, and not filled in"),
        ("{a: fields.size}", "'fields.size' is worked out, and not filled in. Name what it is worked out from."),
        ("{a: fields.seat}", "'fields.seat' is no field of this playbook. Did you mean 'fields.seats'?"),
        ("{a: qualification.buget}", "Did you mean 'qualification.budget'?"),
        ("{a: notes.x, b: notes.x}", "'notes.x' is filled in twice. Take one of them out."),
    ],
)
def test_what_cannot_be_filled_in_is_refused(fills: str, mistake: str) -> None:
    (line,) = told(f"{CALL}, fills: {fills}")

    assert "playbook.yaml:33: stages[0].plays[0].steps[1].fills" in line
    assert mistake in line


def test_an_outcome_given_twice_is_refused() -> None:
    (line,) = told(f"{CALL}, outcomes: [a, b, a]")

    assert "steps[1].outcomes: The outcome 'a' is given twice. Take one of them out." in line


@pytest.mark.parametrize(
    ("task", "mistake"),
    [
        ("{call: conected}", "The task 'call' never ends with 'conected'. Did you mean 'connected'?"),
        ("{call: lost}", "Write one of connected, voicemail, or add it to the task's outcomes."),
        (
            "{sign: connected}",
            "The task 'sign' has no outcomes. Add outcomes: [connected] to the task, or ask for {task_done: sign}.",
        ),
        ("{cal: connected}", "There is no step that opens 'cal'. Did you mean 'call'?"),
        ("{look_into_it: done}", "The task 'look_into_it' has no outcomes."),
    ],
)
def test_an_outcome_that_no_task_has_is_refused(task: str, mistake: str) -> None:
    (line,) = with_outcomes(f"- {{if: {{task_done: {task}}}, close: unresponsive}}")

    assert line.startswith("playbook.yaml:34: stages[0].plays[0].steps[2].if: ")
    assert mistake in line


def test_a_step_that_looks_at_a_task_which_may_be_open_still_is_told() -> None:
    (line,) = with_outcomes("- {if: {task_done: {call: connected}}, close: unresponsive}", wait="false")

    assert line == (
        "playbook.yaml:34: stages[0].plays[0].steps[2].if: No step waits for the task 'call', so that it may be open "
        "still when this is looked at. Add wait: true to the task, or a time such as wait: 3bd."
    )


def test_a_step_that_looks_at_a_task_that_comes_later_is_told() -> None:
    changed = with_change(f"{{after: 2bd, {CALL}}}", "{after: 2bd, email: hello, if: {task_done: call}}")
    text = changed.replace(LAST, f"- {{{CALL}}}\n          {LAST}")

    lines = [str(one) for one in check_bundle({"playbook.yaml": text, **TEMPLATES})]

    assert any("The task 'call' of this play is asked for only after this step." in line for line in lines)


def test_outcomes_of_several_tasks_may_be_waited_for_at_once() -> None:
    assert read_triggers({"task_done": ["sign", {"call": ["a", "b"], "visit": "c"}]}) == (
        "task_done:sign", "task_done:call:a", "task_done:call:b", "task_done:visit:c",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("written", "mistake"),
    [
        ({"task_done": {"call": 3}}, "3 is no outcome of 'call'. Write {task_done: {call: word}}."),
        ({"task_done": {}}, "'task_done' with no variant never comes"),
        ({"reply_received": {"a": "b"}}, "is no variant of 'reply_received'"),
    ],
)
def test_what_is_no_outcome_is_refused(written: object, mistake: str) -> None:
    with pytest.raises(ValueError, match=re.escape(mistake)):
        read_triggers(written)


def test_a_key_is_known_under_wider_ones_too() -> None:
    assert wider_keys("task_done:call:connected") == ("task_done", "task_done:call", "task_done:call:connected")
    assert wider_keys("buying_signal_seen:a:b") == ("buying_signal_seen", "buying_signal_seen:a:b")
    assert wider_keys("demo_held") == ("demo_held",)
