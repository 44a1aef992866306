"""Steps that go to somebody of a role in the buying committee, in plays of the deal."""

from __future__ import annotations

from dealwright.effects import CreateTask
from tests.dealwright.committee_stories import ANA, BEN, CAT, mail, story

PLAY = """
- name: enable
  on: buying_signal_seen
  until: [opted_out, {email_bounced: hard}]
  steps:
    - {email: deck, to: champion}
    - {after: 1bd, task: align, to: economic_buyer}
    - {after: 1bd, email: case, to: champion}
"""
CHRIS = {"id": "chris", "name": "Chris", "email": "chris@buyer.example", "timezone": "UTC", "role": "champion"}


def test_a_message_goes_to_the_first_of_a_role_who_may_get_it() -> None:
    deal = story(PLAY, contacts=(BEN, ANA, CHRIS))
    deal.tell("opted_out", contact="ana")
    deal.tell("buying_signal_seen", signal="pricing")
    assert mail(deal) == ["Mon 10:00 deck to chris"]


def test_a_task_is_about_the_first_of_a_role() -> None:
    deal = story(PLAY, contacts=(ANA, BEN))
    deal.tell("buying_signal_seen", signal="pricing")
    deal.until("2026-03-03 10:00")
    (task,) = [task for task in deal.all(CreateTask) if task.title == "align"]
    assert task.detail == "About Ben (economic buyer, ben@buyer.example)."


def test_without_anybody_in_the_role_the_message_is_skipped_and_somebody_is_told() -> None:
    deal = story(PLAY, contacts=(BEN,))
    deal.tell("buying_signal_seen", signal="pricing")
    point = "no-address-in:champion"
    assert mail(deal) == []
    assert deal.state.attention[point] == "No champion with an address is known: messages to them are skipped"
    deal.tell("contacts_learned", contacts=[ANA])
    assert point not in deal.state.attention


def test_the_play_ends_when_whoever_it_writes_to_opts_out_and_not_for_anybody_else() -> None:
    deal = story(PLAY, contacts=(BEN, ANA, CAT))
    deal.tell("buying_signal_seen", signal="pricing")
    deal.tell("opted_out", contact="ben")
    assert [run.play for run in deal.state.runs.values()] == ["enable"]
    deal.tell("opted_out", contact="ana")
    assert deal.state.runs == {}


def test_a_message_to_a_role_waits_for_its_own_reader_only() -> None:
    deal = story(PLAY, contacts=(BEN, ANA))
    deal.tell("reply_received", contact="ana", sentiment="out_of_office", returns_on="2026-03-05")
    deal.tell("buying_signal_seen", signal="pricing")
    assert deal.steps == {"e-mail deck": "Thu 05 Mar 09:00"}
    deal.until("2026-03-04 10:00").tell("reply_received", contact="ana", sentiment="other")
    assert mail(deal) == ["Wed 10:00 deck to ana"]
