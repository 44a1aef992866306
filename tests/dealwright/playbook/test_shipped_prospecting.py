"""Research, cadences, answers and nurture in the shipped playbooks."""

from __future__ import annotations

import pytest

import playbooks
from dealwright.effects import CreateTask, SendEmail
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.loading import load_bundle
from tests.dealwright.playbook.shipped_stories import (
    RULES,
    lead,
    mails,
    with_proposal,
)
from tests.dealwright.story import ANA, Story

SMALL = load_bundle(playbooks.shipped()["five-steps"])


# --- research and outreach ----------------------------------------------------------------------------------------


def test_facts_about_an_account_do_not_end_its_research() -> None:
    story = Story(RULES, source="outbound")

    story.tell("account_researched", account={"id": "acme", "name": "Acme"}, score=40)

    assert (story.stage, story.sent) == ("research", [])


@pytest.mark.parametrize("level", ["mql", "sql"])
def test_a_qualified_lead_ends_research(level: str) -> None:
    story = Story(RULES, source="outbound")

    story.tell("lead_qualified", level=level)

    assert story.stage == "outreach"


def test_research_that_somebody_says_is_done_leads_to_outreach() -> None:
    story = Story(RULES, source="outbound")

    story.order("complete_task", task="research_account")

    assert (story.stage, story.sent) == ("outreach", ["Mon 10:00 cold-1"])


@pytest.mark.parametrize("source", ["Inbound", "Outbound", "web"])
def test_a_source_that_nobody_declared_gets_no_cadence_at_all(source: str) -> None:
    story = Story(RULES, source=source)

    assert (story.outcome, story.effects) == ("refused", [])


@pytest.mark.parametrize("source", ["inbound", "referral", "partner"])
def test_whoever_asked_is_called_and_written_to_today(source: str) -> None:
    story = lead(source)

    assert story.tasks == {"call_lead": "Mon 02 Mar 12:00"}
    assert story.wait(hours=2).sent == ["Mon 11:00 warm-hello"]


def test_a_customer_is_never_told_that_they_do_not_know_us() -> None:
    story = lead("expansion")

    assert (story.sent, list(story.tasks)) == ([], ["get_in_touch"])


@pytest.mark.parametrize(
    ("fact", "more"),
    [
        ("reply_received", {"sentiment": "interested", "contact": "ana"}),
        ("reply_received", {"sentiment": "not_interested", "contact": "ana"}),
        ("reply_received", {"sentiment": "other", "contact": "ana"}),
        ("reply_received", {"sentiment": "not_now", "contact": "ana"}),
        ("reply_received", {"sentiment": "wrong_person", "contact": "ana"}),
        ("reply_received", {"sentiment": "referral", "contact": "ana"}),
        ("reply_received", {"sentiment": "unsubscribe", "contact": "ana"}),
        ("call_logged", {"result": "connected"}),
        ("meeting_booked", {"starts_at": "2026-03-05T15:00:00Z"}),
        ("opted_out", {"contact": "ana"}),
        ("email_bounced", {"kind": "hard", "contact": "ana"}),
    ],
)
@pytest.mark.parametrize("source", ["outbound", "inbound"])
def test_no_cadence_goes_on_once_somebody_was_reached_or_cannot_be(
    source: str, fact: str, more: dict[str, str]
) -> None:
    story = lead(source).wait(hours=3)
    before = len(story.sent)

    story.tell(fact, **more)

    assert set(mails(story.wait(days=60))[before:]) <= {"meeting-reminder"}
    assert story.outcome != "unresponsive"


def test_five_touches_without_an_answer_close_the_deal() -> None:
    story = lead().wait(days=40)

    assert story.sent == ["Mon 10:00 cold-1", "Mon 10:00 cold-2", "Fri 10:00 last-note"]
    assert story.outcome == "unresponsive"


@pytest.mark.parametrize("rules", [RULES, SMALL], ids=["b2b-saas", "five-steps"])
@pytest.mark.parametrize("source", ["outbound", "inbound"])
def test_nobody_is_said_goodbye_to_or_closed_for_silence_whom_we_never_reached(rules: Playbook, source: str) -> None:
    story = lead(source, rules, contacts=[{"id": "ana", "name": "Ana", "timezone": "UTC"}]).wait(days=60)

    assert (story.sent, story.outcome) == ([], None)
    assert story.state.attention != {}
    assert story.state.tasks != {}


def test_a_lead_without_anybody_to_write_to_is_not_closed() -> None:
    story = lead(contacts=[]).wait(days=60)

    assert (story.outcome, story.state.tasks != {}) == (None, True)


def test_whoever_is_away_hears_the_rest_of_the_cadence_when_they_are_back() -> None:
    story = lead()
    story.tell("reply_received", sentiment="out_of_office", contact="ana", returns_on="2026-03-23")

    assert story.until("2026-03-20 17:00").sent == ["Mon 10:00 cold-1"]
    assert mails(story.wait(days=7)) == ["cold-2"]


# --- answers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sentiment", ["not_interested", "other"])
def test_somebody_reads_every_answer(sentiment: str) -> None:
    story = lead()

    story.tell("reply_received", sentiment=sentiment, contact="ana")

    assert list(story.tasks) == ["read_and_decide"]


def test_an_answer_that_was_read_leads_to_nurture() -> None:
    story = lead()
    story.tell("reply_received", sentiment="not_interested", contact="ana")

    story.order("complete_task", task="read_and_decide")

    assert story.stage == "nurture"


def test_an_answer_that_named_somebody_else_leads_to_the_cadence_for_them() -> None:
    story = lead()
    story.tell("reply_received", sentiment="other", contact="ana")
    ben = {"id": "ben", "name": "Ben", "email": "ben@buyer.example", "timezone": "UTC"}
    story.tell("contacts_learned", contacts=[ben])
    story.order("amend", known={"contacts": [ben, ANA]}, why="Ana sent us to Ben")

    assert story.order("start_play", play="cold-cadence", why="Ana sent us to Ben").accepted
    story.order("complete_task", task="read_and_decide")

    assert story.stage == "outreach"
    assert [mail.to.name for mail in story.all(SendEmail)] == ["Ana", "Ben"]


def test_an_answer_that_was_a_no_for_good_is_a_loss() -> None:
    story = lead()
    story.tell("reply_received", sentiment="not_interested", contact="ana")

    story.order("close", outcome="lost", reason_code="no_need", why="Never again, they say")

    assert (story.outcome, story.tasks) == ("lost", {})


@pytest.mark.parametrize("sentiment", ["not_interested", "unsubscribe", "not_now"])
def test_a_refusal_is_read_in_later_stages_too(sentiment: str) -> None:
    story = with_proposal()

    story.tell("reply_received", sentiment=sentiment, contact="ana")

    assert "read_and_decide" in story.tasks
    story.order("complete_task", task="read_and_decide")
    assert story.stage == "proposal"


def test_whoever_asks_to_be_taken_off_the_list_is_read_once() -> None:
    story = lead()

    story.tell("reply_received", sentiment="unsubscribe", contact="ana")

    assert sum(task.title.startswith("Read the answer") for task in story.all(CreateTask)) == 1
    assert "ana@buyer.example" in story.state.silenced


# --- nurture --------------------------------------------------------------------------------------------------------


def nurtured() -> Story:
    story = lead()
    story.tell("reply_received", sentiment="not_interested", contact="ana")
    story.order("complete_task", task="read_and_decide")
    return story


def test_nobody_is_written_to_in_nurture_and_somebody_looks_again() -> None:
    story = nurtured().wait(days=100)

    assert (story.stage, mails(story), list(story.tasks)) == ("nurture", [], ["look_again"])


def test_whoever_sleeps_until_their_day_comes_back_on_it_and_not_earlier() -> None:
    story = lead()
    story.tell("reply_received", sentiment="not_now", contact="ana", back_on="2026-09-01")

    assert (story.until("2026-08-31 17:00").stage, mails(story), story.tasks) == ("nurture", [], {})
    assert (story.until("2026-09-01 12:00").stage, list(story.tasks)) == ("outreach", ["get_in_touch"])


def test_whoever_names_another_day_in_nurture_comes_back_on_the_later_one() -> None:
    story = lead()
    story.tell("reply_received", sentiment="not_now", contact="ana", back_on="2026-05-04")
    story.until("2026-04-01 12:00").tell("reply_received", sentiment="not_now", contact="ana", back_on="2026-10-05")

    assert story.until("2026-10-02 17:00").stage == "nurture"
    assert story.until("2026-10-05 12:00").stage == "outreach"


@pytest.mark.parametrize(
    ("fact", "more", "stage"),
    [
        ("buying_signal_seen", {"signal": "pricing page"}, "outreach"),
        ("lead_qualified", {"level": "sql"}, "outreach"),
        ("reply_received", {"sentiment": "interested", "contact": "ana"}, "discovery"),
        ("meeting_booked", {"starts_at": "2026-06-05T15:00:00Z"}, "discovery"),
        ("demo_booked", {"starts_at": "2026-06-05T15:00:00Z"}, "presentation"),
    ],
)
def test_any_sign_of_interest_leads_out_of_nurture(fact: str, more: dict[str, str], stage: str) -> None:
    story = nurtured().wait(days=30)

    story.tell(fact, **more)

    assert story.stage == stage


def test_whoever_comes_back_from_nurture_gets_a_person_and_no_second_cadence() -> None:
    story = nurtured().wait(days=30)

    story.tell("buying_signal_seen", signal="pricing page")

    assert (list(story.tasks), mails(story.wait(days=10))) == (["get_in_touch"], [])
    assert story.wait(days=30).stage == "nurture"


def test_an_mql_that_came_before_nurture_does_not_lead_out_of_it() -> None:
    story = lead()
    story.order("move_to_stage", stage="nurture", why="Not this year")

    assert story.wait(days=30).stage == "nurture"


@pytest.mark.parametrize(
    ("fact", "more"),
    [
        ("reply_received", {"sentiment": "out_of_office", "contact": "ana", "returns_on": "2026-03-04"}),
        ("email_bounced", {"kind": "soft", "contact": "ana"}),
    ],
)
@pytest.mark.parametrize("rules", [RULES, SMALL], ids=["b2b-saas", "five-steps"])
def test_a_full_mailbox_or_an_absence_ends_no_cadence(rules: Playbook, fact: str, more: dict[str, str]) -> None:
    story = lead(rules=rules)

    story.tell(fact, **more)

    assert len(story.wait(days=10).sent) > 1


@pytest.mark.parametrize(
    ("source", "day", "task"), [("outbound", "2026-03-13 10:00", "call"), ("inbound", "2026-03-02 10:30", "call_lead")]
)
def test_whoever_refuses_calls_is_called_no_more(source: str, day: str, task: str) -> None:
    story = lead(source).until(day)
    before = list(story.asked)
    assert task in story.tasks

    story.tell("channel_refused", contact="ana", channel="call")

    assert task not in story.tasks
    assert story.until("2026-04-10 10:00").asked == before


def test_nobody_who_refuses_social_networks_is_asked_for_there() -> None:
    story = lead()
    story.tell("channel_refused", contact="ana", channel="social")

    assert "connect_on_linkedin" not in story.until("2026-03-05 10:00").tasks


def test_whoever_refuses_calls_is_not_called_about_a_proposal_and_somebody_says_what_comes_next() -> None:
    story = with_proposal()
    story.tell("channel_refused", contact="ana", channel="call")

    story.until("2026-03-04 10:00").tell("proposal_opened", proposal="P1")

    assert (story.wait(hours=2).tasks, story.asks_for_next_step) == ({}, True)
