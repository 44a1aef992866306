"""Conditions that are always true, or whenever a value is known: each is told with its line, and what to write."""

from __future__ import annotations

import pytest

from dealwright.playbook.loading import check_bundle
from tests.dealwright.playbook.valid_playbook import TEMPLATES, with_change

IF = "if: {deal.source: outbound}"
DECLARED = """fields: {segment: {one_of: [smb, mid]}, seats: number}
levels: {big: {fields.seats: {gte: 50}}}
"""


def told(condition: str) -> list[str]:
    text = DECLARED + with_change(IF, condition)
    return [
        one
        for one in map(str, check_bundle({"playbook.yaml": text, **TEMPLATES}))
        if "plays[0].if" in one or "plays[0].unless" in one
    ]


ALWAYS = [
    ("if: {not: {deal.health: {gt: 100}}}", "'deal.health' is never above 100"),
    ("if: {any: [demo_held, {not: demo_held}]}", "one of its parts always holds: demo held or not (demo held)"),
    ("if: {any: [big, {not: big}]}", "one of its parts always holds"),
    ("if: {any: [{fields.seats: {known: true}}, {fields.seats: {known: false}}]}", "one of its parts always holds"),
    ("if: {any: [{fields.seats: {gte: 5}}, {not: {fields.seats: {gte: 5}}}]}", "one of its parts always holds"),
    ("if: {not: {all: [{fields.segment: smb}, {fields.segment: mid}]}}", "'fields.segment' has one value at a time"),
]


@pytest.mark.parametrize(("condition", "why"), ALWAYS)
def test_a_condition_that_is_always_true(condition: str, why: str) -> None:
    (found,) = told(condition)

    assert found.startswith("playbook.yaml:31: stages[0].plays[0].if: This is always true: ")
    assert why in found
    assert found.endswith("Write what may not be so, or take it out.")


WHENEVER_KNOWN = [
    ("if: {deal.health: {lte: 100}}", "deal.health", "'deal.health' is never above 100"),
    ("if: {deal.amount: {gte: 0}}", "deal.amount", "'deal.amount' is never below 0"),
    ("if: {fields.segment: {in: [mid, smb]}}", "fields.segment", "'fields.segment' is always one of smb, mid"),
    ("if: {any: [{fields.seats: {gte: 5}}, {fields.seats: {lt: 5}}]}", "fields.seats", "one of its parts holds"),
    ("if: {fields.seats: {gte: {path: fields.seats}}}", "fields.seats", "'fields.seats' is compared with itself"),
]


@pytest.mark.parametrize(("condition", "path", "why"), WHENEVER_KNOWN)
def test_a_condition_that_only_asks_whether_a_value_is_known(condition: str, path: str, why: str) -> None:
    (found,) = told(condition)

    assert f"This is true whenever '{path}' is known: {why}" in found
    assert found.endswith(f"Write {{{path}: {{known: true}}}}, or take it out.")


def test_an_exception_of_all_that_may_be_known() -> None:
    (found,) = told("unless: {deal.health: {gte: 0}}")

    assert found.startswith("playbook.yaml:31: stages[0].plays[0].unless: This is true whenever 'deal.health' is known")


def test_an_exception_that_never_comes() -> None:
    (found,) = told("unless: {qualification.bant: {gte: 5}}")

    assert found.startswith("playbook.yaml:31: stages[0].plays[0].unless: This is never true: ")


def test_an_opposite_of_all_that_may_be_known() -> None:
    (found,) = told("if: {not: {deal.health: {gte: 0}}}")

    assert "This is true only while 'deal.health' is not known" in found
    assert found.endswith("Write {deal.health: {known: false}}.")


NEVER = [
    ("if: {fields.segment: {not_in: [smb, mid]}}", "'fields.segment' is always one of smb, mid"),
    ("if: {all: [big, {not: big}]}", "the deal would be at 'big' and not"),
    ("if: {all: [{fields.seats: {gte: 5}}, {not: {fields.seats: {gte: 3}}}]}", "would be above and below"),
    (
        "if: {all: [{fields.segment: {not_in: [smb]}}, {fields.segment: {not_in: [mid]}}]}",
        "'fields.segment' is always one of smb, mid",
    ),
    ("if: {not: {any: [demo_held, {not: demo_held}]}}", "one of its parts always holds"),
    ("if: {fields.seats: {lt: {path: fields.seats}}}", "'fields.seats' is compared with itself"),
]


@pytest.mark.parametrize(("condition", "why"), NEVER)
def test_a_condition_that_no_deal_fulfils(condition: str, why: str) -> None:
    (found,) = told(condition)

    assert "This is never true: " in found
    assert why in found


@pytest.mark.parametrize(
    "condition",
    [
        "if: {any: [{fields.seats: {gte: 5}}, {fields.seats: {lt: 3}}]}",
        "if: {any: [{fields.seats: {gte: 5}}, {fields.seats: {known: false}}]}",
        "if: {any: [demo_held, {not: meeting_held}]}",
        "if: {fields.segment: {in: [smb]}}",
        "if: {not: {fields.seats: {gte: 5}}}",
        "if: {all: [{not: {fields.seats: {gte: 5}}}, {not: {fields.seats: {lt: 5}}}]}",
        "if: {deal.health: {lte: 60}}",
        "if: {any: [big, {fields.seats: {known: false}}]}",
    ],
)
def test_a_condition_that_decides_something_is_not_told(condition: str) -> None:
    assert told(condition) == []


DECLARED_BESIDES = """scores: {fit: {points: [{if: {fields.seats: {gte: 5}}, give: 20}], max: 30}}
committee: {champion: 1}
experiments: {greeting: {arms: {plain: 2, warm: 1}}}
"""


def told_at(place: str, old: str, new: str) -> list[str]:
    text = DECLARED + DECLARED_BESIDES + with_change(old, new)
    return [one for one in map(str, check_bundle({"playbook.yaml": text, **TEMPLATES})) if f" {place}: " in one]


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ("{deal.term: {gte: 1}}", "always true: 'deal.term' is never below 1"),
        ("{deal.term: {known: true}}", "always true: every deal has 'deal.term'"),
        ("{deal.touches_sent: {known: false}}", "never true: every deal has 'deal.touches_sent'"),
        ("{not: {deal.stage: {known: true}}}", "never true: every deal has 'deal.stage'"),
        ("{scores.fit: {known: true}}", "always true: every deal has 'scores.fit'"),
        ("{scores.fit: {gte: 0}}", "always true: 'scores.fit' is a whole number from 0 to 20"),
        ("{scores.fit: {lte: 20}}", "always true: 'scores.fit' is a whole number from 0 to 20"),
        ("{committee.missing: {gte: 0}}", "always true: 'committee.missing' is never below 0"),
        (
            "{experiment.greeting: {in: [plain, warm]}}",
            "always true: 'experiment.greeting' is always one of plain, warm",
        ),
    ],
)
def test_a_condition_of_what_every_deal_has(condition: str, why: str) -> None:
    (found,) = told_at("stages[0].plays[0].if", IF, f"if: {condition}")

    assert f"This is {why}" in found


@pytest.mark.parametrize(
    "condition",
    ["{deal.stage: outreach}", "{deal.stage: {not_in: [talks]}}", "{any: [{deal.stage: outreach}, demo_held]}"],
)
def test_a_play_of_a_stage_that_asks_for_its_stage(condition: str) -> None:
    (found,) = told_at("stages[0].plays[0].if", IF, f"if: {condition}")

    assert "This is always true: the plays of 'outreach' only listen while the deal is there" in found


def test_a_step_asks_too() -> None:
    place, step = "stages[0].plays[0].steps[1]", "{after: 2bd, task: call,"
    (never,) = told_at(f"{place}.if", step, f"{step} if: {{deal.stage: talks}},")
    (exception,) = told_at(f"{place}.unless", step, f"{step} unless: {{deal.stage: outreach}},")

    assert "The plays of 'outreach' only listen while the deal is there" in never
    assert "This is always true: the plays of 'outreach' only listen" in exception


def test_a_play_of_the_whole_deal_that_asks_for_any_of_all_stages() -> None:
    on, place = "on: discount_requested", "plays[0].if"
    (always,) = told_at(place, on, f"{on}\n    if: {{deal.stage: {{in: [outreach, talks, customer]}}}}")
    (never,) = told_at(place, on, f"{on}\n    if: {{deal.stage: {{not_in: [outreach, talks, customer]}}}}")

    assert "This is always true: it holds in every stage" in always
    assert "This is never true: it holds in no stage" in never


@pytest.mark.parametrize(
    "condition",
    [
        "{all: [{deal.stage: outreach}, demo_held]}",
        "{any: [{deal.stage: talks}, demo_held]}",
        "{deal.term: {gte: 2}}",
        "{scores.fit: {gte: 1}}",
        "{committee.missing: 0}",
        "{experiment.greeting: plain}",
        "{contact.email: {known: true}}",
        "{deal.title: {known: true}}",
    ],
)
def test_what_depends_on_more_than_the_stage_or_is_not_always_known_is_not_told(condition: str) -> None:
    assert told_at("stages[0].plays[0].if", IF, f"if: {condition}") == []


def test_a_play_of_the_whole_deal_may_ask_for_a_stage() -> None:
    on = "on: discount_requested"

    assert told_at("plays[0].if", on, f"{on}\n    if: {{deal.stage: talks}}") == []
