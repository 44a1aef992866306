"""Fields that a playbook declares: what is wrong with them, or with what asks for them, is told with its place."""

from __future__ import annotations

import pytest

from dealwright.playbook.loading import check_bundle
from tests.dealwright.playbook.valid_playbook import BUNDLE, TEMPLATES, with_change

DECLARED = """\
fields:
  seats: number
  trial_ends_on: date
  budget: money
  region: text
  tier: {one_of: [free, paid]}
  segment: {by: account.employees, table: [{up_to: 50, is: smb}, {is: enterprise}]}
"""


def told(declared: str, if_: str = "{deal.source: outbound}", **files: str) -> list[str]:
    text = with_change("{deal.source: outbound}", if_) + declared
    return [str(one) for one in check_bundle({"playbook.yaml": text, **(files or TEMPLATES)})]


@pytest.mark.parametrize(
    "if_",
    [
        "{fields.seats: {gte: 50}}", "{fields.trial_ends_on: {lt: 2026-03-01}}", "{fields.budget: {gt: 100}}",
        "{fields.region: EMEA}", "{fields.tier: {in: [free]}}", "{fields.segment: smb}",
        "{fields.seats: {known: false}}",
    ],
)  # fmt: skip
def test_conditions_may_ask_for_declared_fields(if_: str) -> None:
    assert told(DECLARED, if_) == []


@pytest.mark.parametrize(
    ("if_", "mistake"),
    [
        ("{fields.seat: 50}", "'fields.seat' is no field of this playbook. Did you mean 'fields.seats'?"),
        ("{fields.seats: many}", "'many' can never be fields.seats. Write a number, without quotes."),
        ("{fields.trial_ends_on: 5}", "5 can never be fields.trial_ends_on. Write a date such as 2026-01-31."),
        ("{fields.region: {gte: a}}", "'fields.region' has no order that 'gte' could ask for"),
        ("{fields.tier: payed}", "'fields.tier' is never 'payed'. Did you mean 'paid'?"),
        ("{fields.segment: mid}", "'fields.segment' is never 'mid'. Write one of smb, enterprise."),
        ("{all: [{fields.seats: {gt: 5}}, {fields.seats: {lt: 3}}]}", "'fields.seats' would be above and below"),
        ("{all: [{fields.tier: free}, {fields.tier: paid}]}", "'fields.tier' has one value at a time"),
    ],
)  # fmt: skip
def test_a_condition_that_no_value_of_a_field_fulfils_is_told(if_: str, mistake: str) -> None:
    (line,) = told(DECLARED, if_)
    assert mistake in line


def test_without_fields_none_may_be_asked_for() -> None:
    (line,) = told("", "{fields.seats: 5}")
    assert "'fields.seats' is no field of this playbook. None is declared: add it under fields, with its type." in line


@pytest.mark.parametrize(
    ("declared", "mistake"),
    [
        ("fields: {seats: numbr}", "fields.seats: 'numbr' is no type of a field. Did you mean 'number'?"),
        ("fields: {seats: 5}", "fields.seats: 5 declares no field"),
        ("fields: {Seats: number}", "fields.Seats: 'Seats' is no name of a field. Write seats"),
        ("fields: {no-of-seats: number}", "'no-of-seats' is no name of a field. Write no_of_seats"),
        ("fields: {items: number}", "a template could not ask for 'items'"),
        ("fields: {a: {one_of: []}}", "fields.a.one_of: There are no words here"),
        ("fields: {a: {type: text, one_of: [x]}}", "fields.a: The field does not say in one way what it holds"),
        ("fields: {a: {by: deal.score}}", "fields.a: By and table belong together"),
        ("fields: {a: {by: deal.scor, table: [{is: x}]}}", "fields.a.by: 'deal.scor' is nothing a deal has"),
        ("fields: {a: {by: fields.a, table: [{is: x}]}}", "fields.a.by: 'a' would be worked out from itself"),
        ("fields: {a: {by: fields.b, table: [{is: x}]}}", "fields.a.by: 'fields.b' is no field of this playbook"),
        ("fields: {a: {by: deal.score, table: [{up_to: 5, is: x}, {is: 7}]}}", "the table has texts and numbers"),
        (
            "fields: {a: {by: deal.score, table: [{up_to: 5, is: x}, {up_to: 3, is: y}]}}",
            "fields.a.table[1]: A row before this one takes all",
        ),
        ("fields: {a: {by: deal.score, table: [{is: x}, {up_to: 3, is: y}]}}", "fields.a.table[1]: A row before"),
        ("fields: {a: {by: deal.score, table: [{of: [b], is: x}]}}", "fields.a.table[0].of: 'deal.score' is no text"),
        ("fields: {a: {by: deal.source, table: [{up_to: 3, is: x}]}}", "table[0].up_to: 'deal.source' is no number"),
        ("fields: {a: {by: deal.amount, table: [{up_to: 3, is: x}]}}", "in which currency the table is meant"),
        ("fields: {a: {by: deal.score, currency: EUR, table: [{is: x}]}}", "'deal.score' is no money"),
        (
            "fields: {t: {one_of: [free, paid]}, a: {by: fields.t, table: [{of: [fre], is: x}]}}",
            "fields.a.table[0].of[0]: 'fields.t' is never 'fre'. Did you mean 'free'?",
        ),
    ],
)  # fmt: skip
def test_a_declaration_that_cannot_be_meant_is_told(declared: str, mistake: str) -> None:
    (line,) = told(f"{declared}\n")
    assert mistake.casefold() in line.casefold()


def test_what_asks_for_a_field_that_is_declared_wrongly_is_not_told_besides() -> None:
    assert len(told("fields: {seats: numbr}\n", "{fields.seats: {gte: 5}}")) == 1


@pytest.mark.parametrize(
    ("date", "mistake"),
    [
        ("fields.trial_ends_on", None),
        ("fields.trial_end_on", "Did you mean 'fields.trial_ends_on'?"),
        ("fields.seats", "'fields.seats' is no date. Name a field of the type date"),
        ("contract.end_on", "'contract.end_on' is no date of a deal. Did you mean 'contract.ends_on'?"),
    ],
)
def test_times_are_reckoned_from_fields_that_are_dates(date: str, mistake: str | None) -> None:
    text = with_change("cold\n        on: entered", f"cold\n        on: {{before: {date}, by: 3d}}") + DECLARED
    found = [str(one) for one in check_bundle({"playbook.yaml": text, **TEMPLATES}) if one.severity == "error"]
    assert found == [] if mistake is None else mistake in found[0]


@pytest.mark.parametrize(
    ("body", "if_", "mistake"),
    [
        ("{{ fields.seats }}", "{deal.source: outbound}", "'fields.seats' may be missing, which leaves a hole here"),
        ("{{ fields.seats }}", "{fields.seats: {gte: 5}}", None),
        ("{% if fields.seats %}{{ fields.seats }}{% endif %}", "{deal.source: outbound}", None),
        ("{{ fields.trial_ends_on.strftime('%d %B') }}", "{fields.trial_ends_on: {known: true}}", None),
        ("{{ fields.budget }}", "{fields.budget: {known: true}}", None),
        ("{{ fields.seat }}", "{deal.source: outbound}", "'seat' is no field of this playbook. Did you mean 'seats'?"),
        ("{{ deal.fields.seats }}", "{deal.source: outbound}", "Write fields, such as {{ fields.seats }}"),
    ],
)
def test_templates_write_fields_that_are_known(body: str, if_: str, mistake: str | None) -> None:
    template = f"Subject: Hello\n\nHello {{{{ contact.name }}}}\n{body}\n"
    text = with_change("{deal.source: outbound}", if_) + DECLARED
    found = [
        str(one)
        for one in check_bundle({**BUNDLE, "playbook.yaml": text, "templates/hello.md": template})
        if one.severity == "error"
    ]
    assert found == [] if mistake is None else mistake in found[0]
