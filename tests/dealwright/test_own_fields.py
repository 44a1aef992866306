"""Fields that the playbook declares: told, cleared and asked for like all else that a deal knows."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from dealwright.deal import Money
from dealwright.effects import SendEmail
from dealwright.views.details_markdown import page_of
from dealwright.views.snapshot import snapshot_of
from tests.dealwright.story import Story, of_stage, playbook

DECLARED = """
fields:
  seats: number
  trial_ends_on: date
  budget: money
  region: text
  tier: {one_of: [free, paid]}
  segment: {by: account.employees, table: [{up_to: 50, is: smb}, {up_to: 500, is: mid}, {is: enterprise}]}
  fit: {by: fields.segment, table: [{of: [mid, enterprise], is: 10}, {is: 2}]}
  size: {by: fields.budget, currency: EUR, table: [{up_to: 1000, is: small}, {is: large}]}
"""
RULES = of_stage(
    "- {name: many, on: fields_learned, if: {fields.seats: {gte: 50}}, do: [{notify: rep, text: Many}]}",
    before=DECLARED,
)
VALUES = {
    "seats": 40,
    "trial_ends_on": "2026-03-20",
    "budget": {"amount": "500", "currency": "EUR"},
    "region": "EMEA",
    "tier": "paid",
}


def fields(story: Story) -> dict[str, object]:
    return dict(snapshot_of(story.state).fields)


@pytest.mark.parametrize("way", ["opened with", "told", "amended", "researched", "by a CRM"])
def test_values_become_known_whichever_way_they_come(way: str) -> None:
    story = Story(RULES, fields=VALUES if way == "opened with" else None)
    match way:
        case "told":
            story.tell("fields_learned", fields=VALUES)
        case "amended":
            assert story.order("amend", known={"fields": VALUES}, why="From a call").accepted
        case "researched":
            story.tell("account_researched", fields=VALUES)
        case "by a CRM":
            story.tell("crm_properties_changed", fields=VALUES)

    assert fields(story) == {
        "seats": 40, "trial_ends_on": "2026-03-20", "budget": Money(amount="500", currency="EUR"), "region": "EMEA",
        "tier": "paid", "size": "small",
    }  # fmt: skip
    assert story.state.attention == {}


def test_each_field_is_what_was_said_of_it_last_by_when_it_happened() -> None:
    story = Story(RULES, at="2026-03-02 10:00")
    story.tell("fields_learned", fields={"seats": 10, "region": "EMEA"}, at="2026-03-02T09:50:00Z")
    story.tell("fields_learned", fields={"seats": 5, "tier": "paid"}, at="2026-03-02T09:40:00Z")

    assert fields(story) == {"seats": 10, "region": "EMEA", "tier": "paid"}


def test_null_clears_one_field_and_no_other() -> None:
    story = Story(RULES, fields={"seats": 10, "region": "EMEA"})
    story.tell("fields_learned", fields={"seats": None, "tier": "free"})
    assert fields(story) == {"region": "EMEA", "tier": "free"}

    story.order("amend", known={"fields": {"region": None}}, why="It was another one")
    assert fields(story) == {"tier": "free"}

    story.order("amend", known={"fields": None}, why="All of it was another deal's")
    assert fields(story) == {}


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"seat": 1}, "fields.seat: 'seat' is no field of this playbook. Did you mean 'seats'?"),
        ({"seats": "many"}, "fields.seats: 'many' is no number. Write a number such as 40."),
        ({"trial_ends_on": "soon"}, "fields.trial_ends_on: 'soon' is no date. Write a day such as 2026-01-31."),
        ({"trial_ends_on": "2026-02-30"}, "'2026-02-30' is no date"),
        ({"trial_ends_on": "9999-12-31"}, "'9999-12-31' is no date"),
        ({"budget": 5}, "fields.budget: 5 is no amount. Write an amount such as {amount: 100, currency: EUR}."),
        ({"region": 5}, "fields.region: 5 is no text"),
        ({"tier": "piad"}, "fields.tier: 'piad' is none of its words. Did you mean 'paid'?"),
        ({"segment": "smb"}, "fields.segment: It is worked out from account.employees. Tell that instead."),
        ({"fit": None}, "It is worked out from fields.segment. Clear that instead."),
    ],
)  # fmt: skip
def test_what_cannot_stand_in_a_field_is_refused_wherever_it_comes_in(told: dict[str, object], why: str) -> None:
    story = Story(RULES)
    story.tell("fields_learned", fields={**told, "region": "EMEA"} if "region" not in told else told)
    assert why in story.last(e.FactRefused).error
    assert "fact:fields_learned" in story.state.attention
    assert fields(story) == {}

    refused = story.order("amend", known={"fields": told}, why="From a call")
    assert not refused.accepted
    assert why in refused.text

    opened = Story(RULES, fields=told)
    assert opened.outcome == "refused"
    assert why in (opened.state.reason or "")


def test_a_playbook_without_fields_takes_none() -> None:
    story = Story(of_stage("- {name: call, on: entered, do: [{task: call}]}"))
    story.tell("fields_learned", fields={"seats": 1})
    assert "'seats' is no field of this playbook. It declares none" in story.last(e.FactRefused).error


def test_a_number_that_a_crm_writes_as_a_text_is_a_number() -> None:
    story = Story(RULES)
    story.tell("fields_learned", fields={"seats": "60"})
    assert story.told == ["rep: Many"]


def test_a_play_starts_once_when_its_field_comes_to_be_so() -> None:
    story = Story(RULES)
    for seats in (40, 60, 70, 20, 80):
        story.tell("fields_learned", fields={"seats": seats})
    assert story.told == ["rep: Many", "rep: Many"]


def test_tables_are_worked_out_anew_with_what_they_go_by() -> None:
    story = Story(RULES)
    story.tell("account_researched", account={"id": "a", "employees": 50})
    assert (fields(story)["segment"], fields(story)["fit"]) == ("smb", 2)
    story.tell("account_researched", account={"id": "a", "employees": 51})
    assert (fields(story)["segment"], fields(story)["fit"]) == ("mid", 10)
    assert story.last(e.FieldsWorkedOut).sentence() == "Worked out: segment is mid, fit is 10"
    story.tell("account_researched", account={"id": "a", "employees": None})
    assert fields(story) == {}


def test_money_in_another_currency_than_the_tables_is_in_no_row() -> None:
    story = Story(RULES, fields={"budget": {"amount": 500, "currency": "USD"}})
    assert "size" not in fields(story)


def test_a_play_goes_by_what_a_table_says() -> None:
    rules = of_stage(
        "- {name: big, on: account_researched, if: {fields.segment: enterprise}, do: [{notify: rep, text: Big}]}",
        before=DECLARED,
    )
    story = Story(rules)
    for employees in (10, 900, 901):
        story.tell("account_researched", account={"id": "a", "employees": employees})
    assert story.told == ["rep: Big"]


def test_a_play_begins_before_a_date_of_the_playbooks_own_and_moves_with_it() -> None:
    rules = of_stage(
        "- {name: trial, on: {before: fields.trial_ends_on, by: 3d}, do: [{email: trial-ends, marketing: false}]}",
        before=DECLARED,
    )
    story = Story(rules)
    story.tell("fields_learned", fields={"trial_ends_on": "2026-03-12"})
    story.tell("fields_learned", fields={"trial_ends_on": "2026-03-13"})
    story.until("2026-03-12 18:00")
    assert story.sent == ["Tue 09:00 trial-ends"]


def test_a_play_by_a_date_that_is_known_no_longer_does_not_begin() -> None:
    rules = of_stage(
        "- {name: trial, on: {before: fields.trial_ends_on, by: 3d}, do: [{email: trial-ends, marketing: false}]}",
        before=DECLARED,
    )
    story = Story(rules, fields={"trial_ends_on": "2026-03-13"})
    story.tell("fields_learned", fields={"trial_ends_on": None})
    story.until("2026-03-20 18:00")
    assert story.sent == []


def test_an_approval_is_of_an_own_amount_and_is_asked_anew_when_it_changes() -> None:
    approvals = """
approvals:
  - name: size
    of: fields.budget
    currency: EUR
    terms: {tier: fields.tier}
    levels: [{up_to: 100, by: []}, {by: [boss]}]
"""
    rules = of_stage("- {name: ask, on: fields_learned, do: [{approval: size}]}", before=DECLARED + approvals)
    story = Story(rules)
    story.tell("fields_learned", fields={"budget": {"amount": 500, "currency": "EUR"}, "tier": "paid"})
    (asked,) = story.state.approvals.values()
    assert asked.asked.words() == "budget 500 EUR, tier paid"

    story.tell("fields_learned", fields={"tier": "free"})
    (asked,) = story.state.approvals.values()
    assert asked.asked.words() == "budget 500 EUR, tier free"


def test_a_message_carries_the_fields_that_are_told_and_worked_out() -> None:
    story = Story(
        of_stage("- {name: hello, on: entered, do: [{email: hello}]}", before=DECLARED),
        fields={"seats": 40},
        account={"id": "a", "employees": 9},
    )
    (email,) = story.all(SendEmail)
    assert email.deal.fields == {"seats": 40, "segment": "smb", "fit": 2}


def test_the_deals_page_shows_its_fields() -> None:
    story = Story(RULES, fields={"seats": 40, "budget": {"amount": 1234567, "currency": "EUR"}})
    page = page_of(story.state)
    assert "### Fields\n- seats: 40\n- budget: 1,234,567.00 EUR\n- size: large" in page


def test_under_another_playbook_a_field_of_another_type_is_not_known() -> None:
    story = Story(RULES, fields={"region": "EMEA", "seats": 40}, account={"id": "a", "employees": 9})
    other = playbook(
        "fields: {region: number, seats: number}\n"
        "stages: [{name: selling, owner: rep, leave_when: {fields.region: {known: true}}},"
        " {name: other, owner: rep, leave_when: {fields.seats: {gte: 50}}}]",
        "other",
    )
    story.offers[other.playbook] = ("0" * 64, other)
    assert story.order("adopt_playbook", playbook="other", why="We sell otherwise now").accepted

    assert story.stage == "selling"
    assert "segment" not in fields(story)
