"""Whom a fact that ends a play is about."""

from __future__ import annotations

import pytest

from tests.dealwright.absence_stories import BEN, NEWS
from tests.dealwright.story import ANA, Story, of_stage

CADENCE = of_stage("""
- name: cadence
  on: entered
  until: [reply_received, opted_out, email_bounced]
  steps:
    - {email: one}
    - {after: 1bd, email: two}
- {name: ask, on: [opted_out, email_bounced], do: [{task: find_another_way}]}
""")


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
