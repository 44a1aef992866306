"""Conditions that compare two values, ask several things of one, or say when something is left out."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from dealwright.playbook.loading import check_bundle
from tests.dealwright.playbook.valid_playbook import TEMPLATES, with_change
from tests.dealwright.story import MONDAY, Story, of_stage

FIELDS = "fields: {seats: number, used: number, budget: money, trial_ends_on: date}"


def told(condition: str, fields: dict[str, object], **known: object) -> bool:
    """Whether a play under this condition starts in a deal that knows this."""
    play = f"- {{name: tell, on: note_added, {condition}, do: [{{notify: rep, text: Now}}]}}"
    story = Story(of_stage(play, before=FIELDS), at=MONDAY, fields=fields, **known)
    story.tell("note_added", text="look")
    return story.told == ["rep: Now"]


@pytest.mark.parametrize(("seats", "holds"), [(2, False), (3, True), (4, True), (5, False), (None, False)])
def test_a_value_between_two_bounds(seats: int | None, holds: bool) -> None:
    assert told("if: {fields.seats: {gte: 3, lt: 5}}", fields={"seats": seats}) is holds


@pytest.mark.parametrize(
    ("fields", "holds"),
    [
        ({"seats": 10, "used": 11}, True), ({"seats": 10, "used": 10}, False), ({"seats": 10}, False),
        ({"used": 10}, False), ({}, False),
    ],
)  # fmt: skip
def test_a_value_is_compared_with_that_of_another_path(fields: dict[str, object], holds: bool) -> None:
    assert told("if: {fields.used: {gt: {path: fields.seats}}}", fields=fields) is holds


@pytest.mark.parametrize(("currency", "holds"), [("EUR", True), ("USD", False)])
def test_amounts_are_compared_in_one_currency_only(currency: str, holds: bool) -> None:
    fields: dict[str, object] = {"budget": {"amount": 100, "currency": currency}}
    amount = {"amount": 200, "currency": "EUR"}
    assert told("if: {deal.amount: {gte: {path: fields.budget}}}", fields, amount=amount) is holds


def test_days_are_compared() -> None:
    fields: dict[str, object] = {"trial_ends_on": "2026-04-01"}
    assert told("if: {deal.close_on: {lt: {path: fields.trial_ends_on}}}", fields, close_on="2026-03-31")


@pytest.mark.parametrize(
    ("condition", "seats", "starts"),
    [
        ("unless: {fields.seats: {lt: 5}}", 4, False),
        ("unless: {fields.seats: {lt: 5}}", 5, True),
        ("unless: {fields.seats: {lt: 5}}", None, True),
        ("if: {fields.seats: {lt: 9}}, unless: {fields.seats: {lt: 5}}", 4, False),
        ("if: {fields.seats: {lt: 9}}, unless: {fields.seats: {lt: 5}}", 6, True),
        ("if: {fields.seats: {lt: 9}}, unless: {fields.seats: {lt: 5}}", 9, False),
    ],
)
def test_a_play_does_not_start_when_its_exception_is_true(condition: str, seats: int | None, starts: bool) -> None:
    assert told(condition, fields={"seats": seats}) is starts


@pytest.mark.parametrize(("seats", "sent"), [(4, ["Tue 10:00 two"]), (5, ["Mon 10:00 one", "Tue 10:00 two"])])
def test_a_step_is_skipped_when_its_exception_is_true(seats: int, sent: list[str]) -> None:
    steps = "[{email: one, unless: {fields.seats: {lt: 5}}}, {after: 1bd, email: two}]"
    story = Story(of_stage(f"- {{name: p, on: entered, steps: {steps}}}", before=FIELDS), fields={"seats": seats})
    story.wait(days=2)
    assert story.sent == sent


def test_what_was_left_out_says_its_exception_once() -> None:
    step = "{after: 1h, email: one, unless: {fields.seats: {lt: 5}}}"
    story = Story(of_stage(f"- {{name: p, on: entered, do: [{step}]}}", before=FIELDS), fields={"seats": 4}).wait(
        days=1
    )
    assert story.last(e.StepSkipped).why == "fields.seats less than 5"


def test_what_happened_since_the_trigger_is_an_exception_too() -> None:
    play = "- {name: p, on: entered, steps: [{after: 1h, email: one, unless: reply_received}]}"
    story = Story(of_stage(play))
    story.tell("reply_received", sentiment="other")
    story.wait(hours=3)
    assert story.sent == []


@pytest.mark.parametrize(
    ("condition", "mistake"),
    [
        ("if: {deal.score: {}}", "'deal.score' has no test. Write one such as {gte: 3}"),
        ("if: {deal.score: {gte: 3, lt: x}}", "if.deal.score.lt: 'x' can never be deal.score"),
        ("if: {deal.score: {gt: {path: deal.scor}}}", "'deal.scor' is nothing a deal has. Did you mean 'deal.score'?"),
        ("if: {deal.score: {in: {path: deal.health}}}", "'in' does not compare two paths. Write gte, gt, lte or lt."),
        ("if: {deal.score: {gt: {path: deal.amount}}}", "'deal.score' and 'deal.amount' cannot be compared"),
        ("if: {deal.score: {gt: {path: deal.title}}}", "'deal.title' has no order that 'gt' could ask for"),
        ("if: {deal.score: {gt: {path: deal.score}}}", "'deal.score' is compared with itself, which is never true"),
        ("if: {deal.score: {gt: 5, lt: 3}}", "this is never true: 'deal.score' would be above and below"),
        ("if: {deal.score: 5}, unless: {deal.score: 5}", "this is never true: 'deal.score' has one value at a time"),
        ("unless: {deal.scor: 5}", "unless.deal.scor: 'deal.scor' is nothing a deal has"),
        ("unless: entered", "the play never starts"),
    ],
)
def test_what_can_never_be_so_is_told(condition: str, mistake: str) -> None:
    text = with_change("if: {deal.source: outbound}", condition.replace("}, unless", "}\n        unless"))
    found = [str(one) for one in check_bundle({"playbook.yaml": text, **TEMPLATES})]
    assert any(mistake.casefold() in line.casefold() for line in found), found


def test_what_an_exception_rules_out_a_template_need_not_ask_for() -> None:
    text = with_change("if: {deal.source: outbound}", "unless: {deal.title: {known: false}}")
    template = "Subject: Hello\n\nHello {{ contact.name }}: {{ deal.title }}\n"
    found = check_bundle({"playbook.yaml": text, **TEMPLATES, "templates/hello.md": template})
    assert [str(one) for one in found if one.severity == "error"] == []
