"""Facts count by when they happened, part by part."""

from __future__ import annotations

import itertools

import pytest

from dealwright import entries as e
from tests.dealwright.knowledge_stories import DEMOS, NOTHING, deal
from tests.dealwright.story import Story, of_stage, playbook

# --- part by part ---------------------------------------------------------------------------------------------


def test_an_older_fact_does_not_overwrite_what_a_newer_one_taught() -> None:
    story = Story(NOTHING)
    story.tell("usage_reported", health=30, at="2026-03-02T09:00:00Z")

    story.tell("usage_reported", health=80, at="2026-03-02T08:00:00Z")

    assert deal(story).health == 30


def test_an_older_fact_teaches_the_parts_about_which_nothing_newer_is_known() -> None:
    story = Story(NOTHING)
    story.tell("qualification_learned", answers={"budget": "50k"}, at="2026-03-02T09:00:00Z")

    story.tell("qualification_learned", answers={"budget": "20k", "need": "yes"}, at="2026-03-02T08:00:00Z")

    assert deal(story).qualification is not None
    assert (deal(story).qualification.budget, deal(story).qualification.need) == ("50k", "yes")  # type: ignore[union-attr]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_order_of_arrival_changes_nothing_of_what_is_known(order: tuple[int, ...]) -> None:
    facts = [
        {"contacts": [{"id": "ben", "name": "Ben", "email": "ben@old.example"}], "at": "2026-03-02T07:00:00Z"},
        {"contacts": [{"id": "ben", "name": "Ben", "email": "ben@new.example"}], "at": "2026-03-02T08:00:00Z"},
        {"contacts": [{"id": "ben", "name": "Benjamin", "phone": "1"}], "at": "2026-03-02T09:00:00Z"},
    ]
    story = Story(NOTHING)

    for number in order:
        story.tell("contacts_learned", **facts[number])

    ben = (deal(story).contacts or ())[1]
    assert (ben.name, ben.email, ben.phone) == ("Benjamin", "ben@new.example", "1")


def test_parts_of_a_contact_that_are_not_given_stay() -> None:
    story = Story(NOTHING)

    story.tell("contacts_learned", contacts=[{"id": "ana", "name": "Ana Maria"}])

    ana = (deal(story).contacts or ())[0]
    assert (ana.name, ana.email, ana.timezone) == ("Ana Maria", "ana@buyer.example", "UTC")


def test_parts_of_the_account_that_are_not_given_stay() -> None:
    story = Story(NOTHING, account={"id": "b", "name": "Buyer", "industry": "steel"})

    story.tell("account_researched", account={"id": "b", "employees": 40})

    assert deal(story).account is not None
    assert (deal(story).account.industry, deal(story).account.employees) == ("steel", 40)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("fact", "payload", "path"),
    [
        ("crm_properties_changed", {"amount": None}, "amount"),
        ("account_researched", {"score": None}, "score"),
        ("account_researched", {"account": {"id": "b", "industry": None}}, "account.industry"),
        ("contacts_learned", {"contacts": [{"id": "ana", "name": "Ana", "email": None}]}, "contacts.0.email"),
        ("qualification_learned", {"answers": {"budget": None}}, "qualification.budget"),
    ],
)
def test_a_part_that_is_given_as_null_is_known_no_longer(fact: str, payload: dict[str, object], path: str) -> None:
    story = Story(
        NOTHING, amount={"amount": "100", "currency": "EUR"}, score=3, account={"id": "b", "industry": "steel"},
        qualification={"budget": "50k"},
    )  # fmt: skip

    story.tell(fact, **payload)

    found: object = deal(story)
    for step in path.split("."):
        found = found[int(step)] if isinstance(found, tuple) else getattr(found, step)
    assert found is None


def test_amend_clears_what_is_given_as_null() -> None:
    story = Story(NOTHING, amount={"amount": "100", "currency": "EUR"})

    assert story.order("amend", known={"amount": None}, why="typed into the wrong deal").accepted

    assert deal(story).amount is None


def test_an_older_fact_does_not_bring_back_what_was_cleared() -> None:
    story = Story(NOTHING, amount={"amount": "100", "currency": "EUR"})
    story.tell("crm_properties_changed", amount=None)

    story.tell("crm_properties_changed", amount={"amount": "90", "currency": "EUR"}, at="2026-03-02T08:00:00Z")

    assert deal(story).amount is None


def test_amend_names_all_contacts_and_keeps_what_is_known_of_those_it_names() -> None:
    story = Story(NOTHING)

    story.order("amend", known={"contacts": [{"id": "bo", "name": "Bo"}, {"id": "ana", "name": "Ana"}]}, why="moved")

    assert [(one.id, one.email) for one in deal(story).contacts or ()] == [("bo", None), ("ana", "ana@buyer.example")]


# --- the future -------------------------------------------------------------------------------------------------


def test_a_fact_from_the_future_is_taken_as_of_now_and_somebody_is_told() -> None:
    story = Story(DEMOS)

    story.tell("demo_held", at="2027-03-02T10:00:00Z")

    assert story.last(e.FactTaken).happened_at == story.now
    assert story.sent == ["Mon 10:00 recap"]
    assert "clock:demo_held" in story.state.attention


def test_clocks_may_differ_by_a_few_minutes() -> None:
    story = Story(DEMOS)

    story.tell("demo_held", at="2026-03-02T10:04:00Z")

    assert "clock:demo_held" not in story.state.attention


# --- since ------------------------------------------------------------------------------------------------------


BACK = playbook(
    """
stages:
  - {name: outreach, owner: rep, leave_when: {reply_received: interested}}
  - {name: meeting, owner: rep}
  - {name: nurture, owner: rep, leave_when: lead_qualified, to: outreach}
"""
)


def test_what_was_known_before_does_not_lead_out_of_a_stage_that_is_entered_again() -> None:
    story = Story(BACK)
    story.tell("lead_qualified", level="mql")

    story.order("move_to_stage", stage="nurture", why="not now")

    assert story.stage == "nurture"


def test_what_happened_before_a_visit_does_not_count_for_it_however_late_it_arrives() -> None:
    story = Story(BACK)
    story.until("2026-03-10 10:00").order("move_to_stage", stage="nurture", why="not now")

    story.until("2026-03-11 10:00").tell("lead_qualified", level="mql", at="2026-03-09T10:00:00Z")

    assert story.stage == "nurture"


def test_what_happened_while_nobody_could_tell_counts_in_its_order() -> None:
    story = Story(BACK, at="2026-03-02 12:00")
    story.tell_at_once(
        story.fact("reply_received", sentiment="interested", at="2026-03-02T10:00:00Z"),
        story.fact("next_step_agreed", at="2026-03-02T11:00:00Z"),
    )

    assert story.stage == "meeting"


def test_a_demo_that_another_one_came_before_is_not_reminded_of_a_second_time() -> None:
    story = Story(of_stage("[{name: remind, on: {before: demo.starts_at, by: 1bd}, do: [{email: reminder}]}]"))
    story.tell("demo_booked", starts_at="2026-03-05T15:00:00Z", demo="late")
    story.until("2026-03-04 16:00").tell("demo_booked", starts_at="2026-03-05T10:00:00Z", demo="early")

    assert story.until("2026-03-06 10:00").sent == ["Wed 15:00 reminder", "Wed 16:00 reminder"]
