"""Absence belongs to a person: only their messages wait. What ends by somebody's opt-out asks whose it is."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from dealwright.effects import SendEmail
from tests.dealwright.story import ANA, Story, of_stage

NEWS = of_stage("""
- name: news
  on: note_added
  steps:
    - {email: one}
    - {after: 1bd, email: two}
""")
CADENCE = of_stage("""
- name: cadence
  on: entered
  until: [reply_received, opted_out, email_bounced]
  steps:
    - {email: one}
    - {after: 1bd, email: two}
- {name: ask, on: [opted_out, email_bounced], do: [{task: find_another_way}]}
""")
BEN = {"id": "ben", "name": "Ben", "email": "ben@buyer.example", "timezone": "UTC"}


def away(story: Story, until: str, **more: object) -> None:
    story.tell("reply_received", sentiment="out_of_office", returns_on=until, **more)


# --- whoever is away ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("named", [{"contact": "ben"}, {"address": "Ben@buyer.example"}])
def test_somebody_elses_absence_holds_no_message(named: dict[str, str]) -> None:
    story = Story(NEWS, contacts=[ANA, BEN])

    away(story, "2026-03-12", **named)
    story.tell("note_added", text="anything")

    assert story.sent == ["Mon 10:00 one"]


@pytest.mark.parametrize("named", [{}, {"contact": "ana"}, {"address": "ana@buyer.example"}])
def test_a_contacts_own_absence_holds_their_messages(named: dict[str, str]) -> None:
    story = Story(NEWS, contacts=[ANA, BEN])

    away(story, "2026-03-12", **named)
    story.tell("note_added", text="anything")

    assert story.until("2026-03-12 12:00").sent == ["Thu 09:00 one"]


def test_the_day_of_return_begins_where_the_contact_is() -> None:
    story = Story(NEWS, contacts=[{**ANA, "timezone": "America/Los_Angeles"}])

    away(story, "2026-03-05")
    story.tell("note_added", text="anything")

    assert story.steps == {"e-mail one": "Mon 02 Mar 17:00"}
    assert story.until("2026-03-06 00:00").sent == ["Thu 17:00 one"]


def test_a_contact_whose_address_is_that_of_somebody_away_is_away_too() -> None:
    story = Story(NEWS, contacts=[{**ANA, "email": "team@buyer.example"}, {**BEN, "email": "TEAM@buyer.example"}])

    away(story, "2026-03-12", contact="ben")
    story.tell("note_added", text="anything")

    assert story.sent == []


def test_a_later_reply_ends_an_absence_at_once() -> None:
    story = Story(NEWS)
    away(story, "2026-03-12")
    story.tell("note_added", text="anything")

    story.until("2026-03-04 11:00")
    story.tell("reply_received", sentiment="other")

    assert story.sent == ["Wed 11:00 one"]


def test_somebody_elses_reply_does_not_end_it() -> None:
    story = Story(NEWS, contacts=[ANA, BEN])
    away(story, "2026-03-12", contact="ana")
    story.tell("note_added", text="anything")

    story.tell("reply_received", contact="ben")

    assert story.until("2026-03-12 12:00").sent == ["Thu 09:00 one"]


def test_a_reply_written_before_they_left_does_not_end_it() -> None:
    story = Story(NEWS)
    away(story, "2026-03-12")

    story.tell("reply_received", sentiment="other", at="2026-03-01T10:00:00Z")
    story.tell("note_added", text="anything")

    assert story.until("2026-03-12 12:00").sent == ["Thu 09:00 one"]


def test_an_absence_that_is_told_after_the_reply_that_ended_it_holds_nothing() -> None:
    story = Story(NEWS)
    story.tell("reply_received", sentiment="other", at="2026-03-02T09:30:00Z")

    away(story, "2026-03-12", at="2026-03-02T08:00:00Z")
    story.tell("note_added", text="anything")

    assert story.sent == ["Mon 10:00 one"]


def test_an_older_notice_of_absence_does_not_overwrite_a_newer_one() -> None:
    story = Story(NEWS)
    away(story, "2026-03-05", at="2026-03-02T09:00:00Z")

    away(story, "2026-03-12", at="2026-03-02T08:00:00Z")
    story.tell("note_added", text="anything")

    assert story.until("2026-03-20 12:00").sent == ["Thu 09:00 one", "Fri 09:00 two"]


def test_whoever_returns_sooner_than_they_said_is_written_to_sooner() -> None:
    story = Story(NEWS)
    away(story, "2026-03-12")
    story.tell("note_added", text="anything")

    story.wait(hours=1)
    away(story, "2026-03-04")

    assert story.steps == {"e-mail one": "Wed 04 Mar 09:00"}


def test_an_absence_that_grows_longer_holds_on() -> None:
    story = Story(NEWS)
    away(story, "2026-03-05")
    story.tell("note_added", text="anything")
    story.wait(hours=1)

    away(story, "2026-03-10")

    assert story.until("2026-03-10 12:00").sent == ["Tue 09:00 one"]


def test_what_waited_for_somebody_who_left_goes_to_their_successor_without_waiting() -> None:
    story = Story(NEWS)
    away(story, "2026-03-12")
    story.tell("note_added", text="anything")
    story.until("2026-03-03 10:00")

    story.order("amend", why="she left", known={"contacts": [BEN]})

    assert [(email.to.id, f"{email.at:%a}") for email in story.all(SendEmail)] == [("ben", "Tue")]


def test_a_message_that_waited_for_a_cap_waits_for_whoever_is_away_by_then() -> None:
    story = Story(NEWS)
    story.keep("one")
    story.tell("note_added", text="anything")
    story.come_back(story.all(SendEmail)[0], "deferred", until="2026-03-04T10:00:00Z")

    away(story, "2026-03-12")
    story.until("2026-03-12 12:00")

    assert story.sent == ["Mon 10:00 one", "Thu 09:00 one"]


def test_such_a_message_leaves_when_they_are_back_early() -> None:
    story = Story(NEWS)
    story.keep("one")
    story.tell("note_added", text="anything")
    story.come_back(story.all(SendEmail)[0], "deferred", until="2026-03-04T10:00:00Z")
    away(story, "2026-03-12")
    story.until("2026-03-05 10:00")

    story.tell("reply_received", sentiment="other")

    assert story.sent == ["Mon 10:00 one", "Thu 10:00 one"]


def test_the_story_says_who_is_away_and_until_when() -> None:
    story = Story(NEWS)

    away(story, "2026-03-12")

    assert story.last(e.TouchesHeld).sentence() == "No touches to ana before Thu 12 Mar 2026: away"


# --- absence over all deals ---------------------------------------------------------------------------------


def put_off(story: Story, until: str = "2026-03-12T00:00:00Z", since: str = "2026-03-01T08:00:00Z") -> None:
    """The store puts the last message off: another deal was told that its addressee is away."""
    message = story.all(SendEmail)[-1]
    story.come_back(message, "deferred", until=until, away_since=since, reason="they are away")


@pytest.fixture
def asked() -> Story:
    """A message is on its way."""
    story = Story(NEWS, contacts=[ANA, BEN])
    story.keep("one")
    story.tell("note_added", text="anything")
    return story


@pytest.mark.parametrize(
    ("named", "addresses"),
    [
        ({}, ["ana@buyer.example"]),
        ({"contact": "ana", "address": "ana@home.example"}, ["ana@home.example", "ana@buyer.example"]),
        ({"address": "Eve@Buyer.example"}, ["eve@buyer.example"]),
    ],
)
def test_an_absence_names_the_persons_addresses_for_other_deals_at_once(
    named: dict[str, str], addresses: list[str]
) -> None:
    story = Story(NEWS, contacts=[ANA, BEN])

    away(story, "2026-03-12", **named)

    assert list(story.last(e.TouchesHeld).addresses) == addresses
    assert story.decision.report_now


def test_the_absence_of_somebody_unknown_holds_no_message_of_the_deal_itself() -> None:
    story = Story(NEWS)

    away(story, "2026-03-12", address="eve@buyer.example")
    story.tell("note_added", text="anything")

    assert story.sent == ["Mon 10:00 one"]
    assert story.last(e.TouchesHeld).contact is None


def test_a_reply_of_somebody_who_was_away_is_reported_at_once() -> None:
    story = Story(NEWS)
    away(story, "2026-03-12")
    story.wait(hours=1)

    story.tell("reply_received", sentiment="other")

    assert story.decision.report_now


def test_a_message_to_somebody_who_told_another_deal_waits_for_their_return(asked: Story) -> None:
    put_off(asked)

    assert asked.until("2026-03-12 12:00").sent == ["Mon 10:00 one", "Thu 09:00 one"]


def test_later_messages_wait_without_being_tried(asked: Story) -> None:
    put_off(asked)
    asked.until("2026-03-03 10:00")

    asked.tell("note_added", text="more")

    assert set(asked.steps.values()) == {"Thu 12 Mar 09:00"}


def test_a_reply_to_this_deal_ends_the_wait(asked: Story) -> None:
    put_off(asked)
    asked.until("2026-03-04 10:00")

    asked.tell("reply_received", sentiment="other", contact="ana")

    assert asked.sent == ["Mon 10:00 one", "Wed 10:00 one"]


def test_who_takes_their_place_does_not_wait(asked: Story) -> None:
    put_off(asked)
    asked.until("2026-03-04 10:00")

    asked.order("amend", why="she left", known={"contacts": [BEN]})

    assert [(email.to.id, f"{email.at:%a}") for email in asked.all(SendEmail)] == [("ana", "Mon"), ("ben", "Wed")]


def test_who_took_their_place_meanwhile_does_not_wait(asked: Story) -> None:
    message = asked.all(SendEmail)[-1]
    asked.order("amend", why="she left", known={"contacts": [BEN]})
    story = asked

    story.come_back(message, "deferred", until="2026-03-12T00:00:00Z", away_since="2026-03-01T08:00:00Z")

    assert [email.to.id for email in story.all(SendEmail)] == ["ana", "ben"]
    assert story.noted(e.TouchesHeld) == []


def test_a_deal_that_knows_better_tries_again_soon(asked: Story) -> None:
    asked.tell("reply_received", sentiment="other", contact="ana")

    put_off(asked)

    assert asked.wait(minutes=15).sent == ["Mon 10:00 one", "Mon 10:15 one"]


# --- whom an end is about -----------------------------------------------------------------------------------


@pytest.mark.parametrize("fact", ["opted_out", "email_bounced"])
@pytest.mark.parametrize("named", [{"contact": "ben"}, {"address": "BEN@buyer.example"}, {"contact": "eve"}])
def test_what_happened_to_somebody_else_does_not_end_a_cadence(fact: str, named: dict[str, str]) -> None:
    story = Story(CADENCE, contacts=[ANA, BEN])

    story.tell(fact, **named)
    story.until("2026-03-06 10:00")

    assert story.sent == ["Mon 10:00 one", "Tue 10:00 two"]


@pytest.mark.parametrize("fact", ["opted_out", "email_bounced"])
@pytest.mark.parametrize("named", [{}, {"contact": "ana"}, {"address": "ANA@buyer.example"}])
def test_what_happened_to_whom_messages_go_to_ends_it(fact: str, named: dict[str, str]) -> None:
    story = Story(CADENCE, contacts=[ANA, BEN])

    story.tell(fact, **named)
    story.until("2026-03-06 10:00")

    assert story.sent == ["Mon 10:00 one"]


def test_a_play_that_begins_by_it_hears_it_whoever_it_is_about() -> None:
    story = Story(CADENCE, contacts=[ANA, BEN])

    story.tell("email_bounced", contact="ben")

    assert list(story.tasks) == ["find_another_way"]


def test_a_bounce_of_an_address_that_was_corrected_since_does_not_end_it() -> None:
    story = Story(CADENCE, contacts=[{**ANA, "email": "ana@buyr.example"}])
    story.tell("contacts_learned", contacts=[ANA])

    story.tell("email_bounced", contact="ana")
    story.until("2026-03-06 10:00")

    assert story.sent == ["Mon 10:00 one", "Tue 10:00 two"]


def test_an_opt_out_at_an_old_address_of_whom_messages_go_to_ends_it() -> None:
    story = Story(CADENCE, contacts=[{**ANA, "email": "ana@buyr.example"}])
    story.tell("contacts_learned", contacts=[ANA])

    story.tell("opted_out", address="ana@buyr.example")
    story.until("2026-03-06 10:00")

    assert story.sent == ["Mon 10:00 one"]


def test_a_colleagues_reply_ends_it_all_the_same() -> None:
    story = Story(CADENCE, contacts=[ANA, BEN])

    story.tell("reply_received", contact="ben")
    story.until("2026-03-06 10:00")

    assert story.sent == ["Mon 10:00 one"]


RENEWAL = of_stage("""
- name: remind
  on: {before: demo.starts_at, by: 24h}
  until: opted_out
  do: [{email: reminder}]
""")


@pytest.mark.parametrize(("who", "sent"), [("ben", ["Thu 10:00 reminder"]), ("ana", [])])
def test_a_play_that_a_date_begins_is_kept_from_it_only_by_its_own_reader(who: str, sent: list[str]) -> None:
    story = Story(RENEWAL, contacts=[ANA, BEN])
    story.tell("demo_booked", starts_at="2026-03-06T10:00:00Z")
    story.wait(hours=1)

    story.tell("opted_out", contact=who)
    story.until("2026-03-06 10:00")

    assert story.sent == sent


def test_a_playbook_adopted_with_a_new_end_does_not_stop_what_a_colleague_opted_out_of() -> None:
    story = Story(NEWS, contacts=[ANA, BEN])
    story.tell("note_added", text="anything")
    story.wait(hours=1)
    story.tell("opted_out", contact="ben")

    ending = of_stage("""
    - name: news
      on: note_added
      until: opted_out
      steps:
        - {email: one}
        - {after: 1bd, email: two}
    """)
    story.offers["newer"] = ("b2", ending)
    story.order("adopt_playbook", playbook="newer", why="a better one")
    story.until("2026-03-06 10:00")

    assert story.sent == ["Mon 10:00 one", "Tue 10:00 two"]
