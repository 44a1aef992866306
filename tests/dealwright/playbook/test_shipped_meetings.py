"""Meetings and demos in the shipped playbook."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from tests.dealwright.playbook.shipped_stories import (
    TERM,
    customer,
    lead,
    mails,
    opportunity,
    with_demo,
    with_proposal,
)

# --- meetings -------------------------------------------------------------------------------------------------------


def test_an_interested_reply_has_a_next_step_before_and_after_it_is_handed_over() -> None:
    story = lead()

    story.tell("reply_received", sentiment="interested", contact="ana")

    assert list(story.tasks) == ["book_the_meeting"]
    story.order("accept_handoff", by="account_executive", handoff="sdr-to-ae")
    assert list(story.wait(days=20).tasks) == ["book_the_meeting"]


def test_a_booked_meeting_needs_no_booking() -> None:
    story = lead()

    story.tell("meeting_booked", starts_at="2026-03-10T15:00:00Z", meeting="m1")

    assert (story.stage, story.tasks) == ("discovery", {})


@pytest.mark.parametrize("fact", ["meeting_missed", "meeting_cancelled"])
def test_a_meeting_that_was_not_held_is_booked_again_and_nobody_is_reminded_of_it(fact: str) -> None:
    story = lead()
    story.tell("meeting_booked", starts_at="2026-03-10T15:00:00Z", meeting="m1")
    story.wait(days=1)

    story.tell(fact, meeting="m1")

    assert list(story.tasks) == ["book_the_meeting"]
    assert mails(story.wait(days=14)) == []


def test_a_meeting_is_reminded_of_once_on_the_day_before() -> None:
    story = lead()
    story.tell("meeting_booked", starts_at="2026-03-10T15:00:00Z", meeting="m1")

    assert story.wait(days=14).sent[1:] == ["Mon 15:00 meeting-reminder"]


def test_a_meeting_that_nobody_reported_on_is_asked_about() -> None:
    story = lead()
    story.tell("meeting_booked", starts_at="2026-03-10T15:00:00Z", meeting="m1")
    story.order("accept_handoff", by="account_executive", handoff="sdr-to-ae")

    assert list(story.until("2026-03-11 12:00").tasks) == ["report_meeting"]
    story.tell("meeting_held", meeting="m1", at="2026-03-10T15:00:00Z")
    assert "report_meeting" not in story.tasks


@pytest.mark.parametrize("facts", [["discovery_held"], ["meeting_held"], ["discovery_held", "meeting_held"]])
def test_a_discovery_without_a_next_step_is_flagged_once(facts: list[str]) -> None:
    story = lead()
    story.tell("meeting_booked", starts_at="2026-03-02T12:00:00Z", meeting="m1")
    story.until("2026-03-02 13:00")
    for fact in facts:
        story.tell(fact, meeting="m1")

    assert story.wait(days=3).tasks["agree_next_step"]
    opened = [entry for entry in story.noted(e.TaskOpened) if entry.name in {"note_what_we_learned", "agree_next_step"}]
    assert len(opened) == 2


def test_a_discovery_with_a_next_step_is_not_flagged() -> None:
    story = lead()
    story.tell("meeting_booked", starts_at="2026-03-02T12:00:00Z", meeting="m1")
    story.until("2026-03-02 13:00").tell("discovery_held", meeting="m1")
    story.wait(hours=1).tell("next_step_agreed")

    assert "agree_next_step" not in story.wait(days=5).tasks


def test_a_discovery_that_comes_unannounced_is_followed_up_as_well() -> None:
    story = lead()

    story.tell("discovery_held")

    assert story.stage == "discovery"
    assert "note_what_we_learned" in story.tasks
    assert "book_the_meeting" not in story.tasks


# --- demos ----------------------------------------------------------------------------------------------------------


def test_a_demo_is_reminded_of_once_on_the_day_before() -> None:
    assert mails(with_demo().wait(days=9, hours=8)) == ["demo-reminder"]


@pytest.mark.parametrize("fact", ["demo_held", "demo_missed", "demo_cancelled"])
def test_nobody_is_reminded_of_a_demo_that_is_over_or_off(fact: str) -> None:
    story = with_demo().wait(days=2)

    story.tell(fact, demo="d1")

    assert "demo-reminder" not in mails(story.wait(days=30))


def test_a_demo_that_was_moved_is_reminded_of_for_its_new_day_only() -> None:
    story = with_demo().wait(days=2)

    story.tell("demo_booked", starts_at="2026-03-19T15:00:00Z", demo="d1")

    assert story.until("2026-03-17 17:00").sent == ["Mon 10:00 cold-1"]
    assert story.until("2026-03-19 14:00").sent[1:] == ["Wed 15:00 demo-reminder"]


def test_a_demo_in_a_later_stage_is_reminded_of_too() -> None:
    story = with_proposal()
    story.tell("proposal_opened", proposal_id="P1")

    story.tell("demo_booked", starts_at="2026-03-12T15:00:00Z", demo="d2")

    assert (story.stage, mails(story.until("2026-03-12 14:00"))) == ("proposal", ["demo-reminder"])


def test_a_missed_demo_that_was_held_ten_minutes_later_is_not_regretted() -> None:
    story = with_demo().until("2026-03-12 15:10")
    story.tell("demo_missed", demo="d1")

    story.wait(minutes=10).tell("demo_held", demo="d1")

    assert "demo-missed" not in mails(story.wait(days=10))


@pytest.mark.parametrize("fact", ["demo_missed", "demo_cancelled"])
def test_a_demo_that_did_not_take_place_has_no_recap(fact: str) -> None:
    story = with_demo().until("2026-03-12 16:00")

    story.tell(fact, demo="d1")

    assert mails(story.wait(days=10), "demo-reminder") == ["demo-missed"]
    assert "send_proposal" not in story.tasks


def test_a_demo_taken_for_held_that_was_missed_has_no_recap() -> None:
    story = with_demo().until("2026-03-12 15:05")
    story.tell("demo_held", demo="d1")

    story.wait(minutes=20).tell("fact_retracted", retracts="demo_held")
    story.tell("demo_missed", demo="d1")

    assert "demo-recap" not in mails(story.wait(days=10))


@pytest.mark.parametrize("fact", ["demo_booked", "demo_held", "proposal_sent", "contract_signed"])
def test_nobody_is_asked_for_another_time_once_there_is_one(fact: str) -> None:
    story = with_demo().until("2026-03-12 16:00")
    story.tell("demo_missed", demo="d1")
    more = {"demo_booked": {"starts_at": "2026-03-20T15:00:00Z", "demo": "d2"}, "contract_signed": TERM}

    story.wait(minutes=30).tell(fact, **more.get(fact, {}))

    assert "demo-missed" not in mails(story.wait(days=5))


def test_a_demo_that_nobody_reported_on_is_asked_about() -> None:
    assert "report_demo" in with_demo().until("2026-03-13 12:00").tasks


def test_a_discovery_that_ends_in_an_agreed_demo_has_it_booked() -> None:
    story = opportunity()
    story.tell("discovery_held")
    answers = {"budget": "20k", "authority": "CFO", "need": "Reports"}
    story.tell("qualification_learned", answers=answers)

    story.tell("next_step_agreed")

    assert story.stage == "presentation"
    assert "book_the_demo" in story.tasks
    story.tell("demo_booked", starts_at="2026-03-12T15:00:00Z")
    assert "book_the_demo" not in story.tasks


@pytest.mark.parametrize(
    ("champion", "missing"),
    [
        ("Ana", ("a pain, and a champion whom we met",)),
        ({"value": "Ana", "status": "named"}, ("a pain, and a champion whom we met",)),
        ({"value": "Ana", "status": "met"}, ()),
    ],
)
def test_a_champion_whom_nobody_has_met_is_counted_as_missing(champion: object, missing: tuple[str, ...]) -> None:
    story = opportunity()
    known = {"budget": "24k", "authority": "Ana", "need": "reports", "pain": "slow", "champion": champion}
    story.tell("qualification_learned", answers=known)

    story.tell("discovery_held")
    story.tell("next_step_agreed")

    assert (story.stage, story.last(e.StageLeft).missing) == ("presentation", missing)


def test_a_demo_after_the_proposal_asks_for_no_other_proposal() -> None:
    story = with_proposal()
    story.tell("proposal_opened", proposal_id="P1")
    story.wait(days=1).tell("demo_held")

    assert "demo-recap" in mails(story.wait(days=1))
    assert "confirm_stakeholders" in story.tasks
    assert "send_proposal" not in story.tasks


def test_a_demo_for_a_customer_asks_for_no_proposal() -> None:
    story = customer()
    story.tell("demo_held")

    assert "demo-recap" not in mails(story.wait(days=3))
    assert "send_proposal" not in story.tasks


@pytest.mark.parametrize("fact", ["demo_booked", "proposal_sent", "contract_signed"])
def test_nobody_is_asked_how_a_meeting_went_once_the_deal_has_gone_on(fact: str) -> None:
    story = lead()
    story.tell("meeting_booked", starts_at="2026-03-10T15:00:00Z", meeting="m1")
    more = {"demo_booked": {"starts_at": "2026-03-20T15:00:00Z", "demo": "d1"}, "contract_signed": TERM}

    story.tell(fact, **more.get(fact, {}))

    assert "report_meeting" not in {entry.name for entry in story.until("2026-03-18 10:00").noted(e.TaskOpened)}
