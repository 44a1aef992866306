"""What is told once more, under another id or by another system, is known already, and acts no second time."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from tests.dealwright.story import Story, of_stage

RECAP = of_stage("[{name: recap, on: [demo_held, demo_missed], do: [{task: write_up}]}]")


def started(story: Story) -> int:
    return sum(isinstance(entry, e.PlayStarted) for entry in story.entries)


@pytest.mark.parametrize("which", [{"demo": "d1"}, {"starts_at": "2026-03-02T09:00:00Z"}, {}])
def test_an_end_of_a_demo_nobody_booked_acts_once_when_told_again_under_another_id(which: dict[str, str]) -> None:
    story = Story(RECAP)
    story.tell("demo_held", id="calendar-1", at="2026-03-02T10:00:00Z", **which)

    story.tell("demo_held", id="crm-7", at="2026-03-02T10:00:00Z", **which)

    assert started(story) == 1


def test_the_end_of_a_named_demo_is_known_also_when_it_is_told_as_of_another_moment() -> None:
    story = Story(RECAP)
    story.tell("demo_held", id="calendar-1", demo="d1", at="2026-03-02T09:50:00Z")

    story.tell("demo_held", id="crm-7", demo="d1", at="2026-03-02T10:00:00Z")

    assert started(story) == 1


def test_the_end_of_another_demo_acts_anew() -> None:
    story = Story(RECAP)
    story.tell("demo_held", demo="d1", at="2026-03-02T09:50:00Z")

    story.tell("demo_held", demo="d2", at="2026-03-02T10:00:00Z")

    assert started(story) == 2


def status(story: Story) -> str | None:
    assert story.state.deal is not None
    return story.state.deal.demo.status if story.state.deal.demo else None


def test_an_end_that_is_told_again_later_stands_against_a_booking_from_before_it() -> None:
    story = Story(RECAP, at="2026-03-20 10:00")
    story.tell("demo_booked", demo="d1", starts_at="2026-03-10T10:00:00Z", at="2026-03-02T09:00:00Z")
    story.tell("demo_cancelled", demo="d1", at="2026-03-03T09:00:00Z")
    story.tell("demo_cancelled", demo="d1", at="2026-03-06T09:00:00Z")

    story.tell("demo_booked", demo="d1", starts_at="2026-03-24T10:00:00Z", at="2026-03-05T09:00:00Z")

    assert status(story) == "cancelled"


def test_a_booking_that_is_told_again_later_stands_against_a_cancellation_from_before_it() -> None:
    story = Story(RECAP, at="2026-03-04 10:00")
    story.tell("demo_booked", demo="d1", starts_at="2026-03-10T10:00:00Z", at="2026-03-02T09:00:00Z")
    story.tell("demo_booked", demo="d1", starts_at="2026-03-10T10:00:00Z", at="2026-03-04T09:00:00Z")

    story.tell("demo_cancelled", demo="d1", at="2026-03-03T09:00:00Z")

    assert status(story) == "booked"


def test_a_proposal_told_as_sent_by_two_systems_was_opened_in_between() -> None:
    story = Story(RECAP, at="2026-03-04 10:00")
    story.tell("proposal_sent", proposal="p1", at="2026-03-04T07:00:00Z")
    story.tell("proposal_sent", proposal="p1", at="2026-03-04T09:00:00Z")

    story.tell("proposal_opened", proposal="p1", at="2026-03-04T08:00:00Z")

    assert story.state.deal is not None
    assert story.state.deal.proposal is not None
    assert story.state.deal.proposal.status == "opened"


RENEWAL = of_stage(
    "[{name: keep, on: note_added, do: [{task: keep_in_touch}]}]",
    before="""
renews_on: contract_renewed
plays:
  - name: renewal
    on: {before: contract.ends_on, by: 90d}
    until: [contract_renewed, contract_cancelled]
    do: [{task: prepare_renewal}]
""",
)


def test_a_renewal_that_a_second_system_tells_with_its_value_leaves_the_next_one_to_be_prepared() -> None:
    story = Story(RENEWAL)
    term = {"starts_on": "2026-04-01", "ends_on": "2027-03-31"}
    story.tell("contract_renewed", id="e-sign-1", **term)

    story.tell("contract_renewed", id="crm-9", value={"amount": "24000", "currency": "EUR"}, **term)
    story.until("2027-01-15 10:00")

    assert "prepare_renewal" in story.tasks


def test_an_absence_ends_when_the_day_begins_also_where_the_clocks_skip_midnight() -> None:
    cairo = {"id": "ana", "name": "Ana", "email": "ana@buyer.example", "timezone": "Africa/Cairo"}
    story = Story(RECAP, at="2027-04-20 10:00", contacts=[cairo])

    story.tell("reply_received", sentiment="out_of_office", returns_on="2027-04-30", contact="ana")

    held = story.state.away["ana"]
    assert held == type(held).model_validate_json(held.model_dump_json())
