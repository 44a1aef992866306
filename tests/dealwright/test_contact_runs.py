"""Plays that run once for each contact of a buying committee."""

from __future__ import annotations

from dealwright import entries as e
from dealwright.effects import CreateTask, SendEmail
from tests.dealwright.committee_stories import ANA, BEN, CADENCE, CAT, mail, rules, runs, story

USER_BEN = {**BEN, "role": "user"}


def test_each_contact_that_is_meant_gets_a_run_and_its_messages() -> None:
    deal = story()
    assert mail(deal) == ["Mon 10:00 exec-1 to ben", "Mon 10:00 exec-1 to cat"]
    assert [entry.contact for entry in deal.noted(e.PlayStarted)] == ["ben", "cat"]


def test_a_play_for_every_contact_runs_for_all_of_them() -> None:
    deal = story("- {name: hello, on: entered, for_each: {contact: {}}, steps: [{email: hello}]}")
    assert mail(deal) == ["Mon 10:00 hello to ana", "Mon 10:00 hello to ben", "Mon 10:00 hello to cat"]


def test_a_reply_stops_the_run_of_whoever_wrote_and_no_other() -> None:
    deal = story()
    deal.tell("reply_received", contact="ben", sentiment="interested")
    assert runs(deal) == ["sponsor-cadence for cat"]
    deal.until("2026-03-20 10:00")
    assert mail(deal)[2:] == ["Mon 10:00 exec-2 to cat"]


def test_a_reply_from_anyone_stops_all_runs_where_the_playbook_says_so() -> None:
    deal = story(
        """
- name: sponsor-cadence
  on: entered
  for_each: {contact: {role: [economic_buyer, sponsor]}}
  until: [{reply_received: any, from: anyone}, opted_out]
  steps: [{email: exec-1}, {after: 3bd, email: exec-2}]
"""
    )
    deal.tell("reply_received", contact="ana", sentiment="other")
    assert runs(deal) == []


def test_an_opt_out_and_a_bounce_stop_the_run_of_their_contact_only() -> None:
    deal = story()
    deal.tell("opted_out", contact="ben")
    assert runs(deal) == ["sponsor-cadence for cat"]
    deal.tell("email_bounced", address="cat@buyer.example")
    assert runs(deal) == []


def test_what_is_about_the_deal_stops_every_run() -> None:
    deal = story("- {name: hello, on: entered, for_each: {contact: {}}, until: meeting_booked, "
                 "steps: [{email: hello}, {after: 3bd, email: again}]}")  # fmt: skip
    deal.tell("meeting_booked", starts_at="2026-03-10T10:00:00Z")
    assert runs(deal) == []


def test_a_contact_who_is_away_holds_only_their_own_messages() -> None:
    deal = story("- {name: hello, on: entered, for_each: {contact: {}}, steps: [{after: 1bd, email: hello}]}")
    deal.tell("reply_received", contact="ben", sentiment="out_of_office", returns_on="2026-03-12")
    deal.until("2026-03-20 10:00")
    assert mail(deal) == ["Tue 10:00 hello to ana", "Tue 10:00 hello to cat", "Thu 09:00 hello to ben"]


def test_each_contact_is_written_to_in_their_own_hours() -> None:
    tokyo = {**BEN, "timezone": "Asia/Tokyo"}
    deal = story(contacts=(tokyo, CAT))
    deal.until("2026-03-03 00:30")
    assert mail(deal) == ["Mon 10:00 exec-1 to cat", "Tue 00:00 exec-1 to ben"]


def test_a_task_says_which_contact_it_is_about() -> None:
    deal = story()
    deal.until("2026-03-05 10:00")
    assert [task.detail for task in deal.all(CreateTask)] == [
        "About Ben (economic buyer, ben@buyer.example).",
        "About Cat (Sponsor, cat@buyer.example).",
    ]
    assert [task.contact for task in deal.state.tasks.values()] == ["ben", "cat"]


def test_a_step_looks_at_what_is_about_its_contact() -> None:
    deal = story(
        """
- name: sponsor-cadence
  on: entered
  for_each: {contact: {role: [economic_buyer, sponsor]}}
  steps:
    - {task: call_exec}
    - {after: 2bd, email: after-the-call, if: {task_done: call_exec}}
    - {email: sponsors-only, if: {contact.role: Sponsor}}
"""
    )
    ben_s = next(task.id for task in deal.state.tasks.values() if task.contact == "ben")
    deal.order("complete_task", task=ben_s)
    deal.until("2026-03-20 10:00")
    assert [text.partition(" ")[2].partition(" ")[2] for text in mail(deal)] == [
        "after-the-call to ben",
        "sponsors-only to cat",
    ]


def test_a_contact_who_becomes_known_while_the_stage_lasts_gets_a_run_of_their_own() -> None:
    deal = story(contacts=(ANA,))
    assert mail(deal) == []
    deal.until("2026-03-04 11:00").tell("contacts_learned", contacts=[BEN])
    assert mail(deal) == ["Wed 11:00 exec-1 to ben"]


def test_a_contact_who_takes_a_role_later_joins_and_one_who_loses_it_is_written_to_no_more() -> None:
    deal = story(contacts=(ANA, BEN))
    deal.until("2026-03-03 11:00").tell(
        "contacts_learned", contacts=[{**BEN, "role": "user"}, {**ANA, "role": "sponsor"}]
    )
    assert runs(deal) == ["sponsor-cadence for ana"]
    assert deal.last(e.PlayEnded).why == "ben is not one of its contacts any more"
    assert mail(deal) == ["Mon 10:00 exec-1 to ben", "Tue 11:00 exec-1 to ana"]


def test_a_contact_who_comes_back_is_not_written_to_again_for_the_same_cause() -> None:
    deal = story(contacts=(ANA, BEN))
    deal.tell("contacts_learned", contacts=[USER_BEN])
    deal.tell("contacts_learned", contacts=[BEN])
    assert mail(deal) == ["Mon 10:00 exec-1 to ben"]


def test_nobody_joins_once_something_about_the_deal_has_stopped_the_play() -> None:
    plays = "- {name: hello, on: entered, for_each: {contact: {}}, until: meeting_booked, steps: [{email: hello}]}"
    deal = story(plays, contacts=(ANA,))
    deal.tell("meeting_booked", starts_at="2026-03-10T10:00:00Z")
    deal.tell("contacts_learned", contacts=[BEN])
    assert mail(deal) == ["Mon 10:00 hello to ana"]


def test_nobody_joins_a_play_of_a_stage_that_was_left() -> None:
    deal = story("- {name: hello, on: demo_held, for_each: {contact: {}}, steps: [{email: hello}]}", contacts=(ANA,))
    deal.tell("contacts_learned", contacts=[BEN])
    assert mail(deal) == []
    deal.tell("demo_held")
    assert mail(deal) == ["Mon 10:00 hello to ana", "Mon 10:00 hello to ben"]
    deal.until("2026-03-03 10:00").tell("contacts_learned", contacts=[CAT])
    assert mail(deal)[2:] == ["Tue 10:00 hello to cat"]


def test_a_trigger_about_a_person_starts_the_play_for_that_person() -> None:
    plays = "- {name: thanks, on: {reply_received: interested}, for_each: {contact: {}}, steps: [{email: thanks}]}"
    deal = story(plays)
    deal.tell("reply_received", contact="cat", sentiment="interested")
    assert mail(deal) == ["Mon 10:00 thanks to cat"]


def test_who_opted_out_before_is_not_begun_with() -> None:
    deal = story(
        "- {name: c, on: demo_held, for_each: {contact: {}}, until: opted_out, steps: [{email: hello}, {task: call}]}"
    )
    deal.tell("opted_out", contact="ben")
    deal.tell("demo_held")
    assert mail(deal) == ["Mon 10:00 hello to ana", "Mon 10:00 hello to cat"]
    assert [task.contact for task in deal.state.tasks.values() if task.name == "call"] == ["ana", "cat"]


def test_a_contact_without_an_address_gets_the_tasks_and_somebody_is_told() -> None:
    deal = story(contacts=({"id": "ben", "name": "Ben", "role": "economic_buyer"},))
    assert deal.state.attention["no-address:ben"] == "ben has no address: messages to them are skipped"
    deal.until("2026-03-05 10:00").tell("contacts_learned", contacts=[BEN])
    assert "no-address:ben" not in deal.state.attention
    deal.until("2026-03-20 10:00")
    assert mail(deal) == ["Mon 10:00 exec-2 to ben"]


def test_two_contacts_with_one_address_are_written_to_once() -> None:
    deal = story(contacts=(BEN, {**CAT, "email": "Ben@buyer.example"}))
    assert mail(deal) == ["Mon 10:00 exec-1 to ben"]


def test_a_date_starts_the_play_for_each_contact_and_when_it_moves_each_run_moves() -> None:
    deal = story(
        """
- name: prepare
  on: {before: demo.starts_at, by: 2bd}
  for_each: {contact: {role: [economic_buyer, sponsor]}}
  until: [demo_held, demo_missed, demo_cancelled]
  steps: [{email: agenda}, {email: reminder, at: {before: demo.starts_at, by: 2h}}]
"""
    )
    deal.tell("demo_booked", starts_at="2026-03-06T12:00:00Z")
    deal.until("2026-03-05 10:00")
    assert mail(deal) == ["Wed 12:00 agenda to ben", "Wed 12:00 agenda to cat"]
    deal.tell("demo_booked", starts_at="2026-03-06T14:00:00Z")
    deal.until("2026-03-07 10:00")
    assert mail(deal)[2:] == ["Fri 12:00 reminder to ben", "Fri 12:00 reminder to cat"]


def test_somebody_starts_the_play_for_all_of_its_contacts() -> None:
    deal = story("- {name: hello, on: demo_held, for_each: {contact: {role: sponsor}}, steps: [{email: hello}]}")
    assert deal.order("start_play", play="hello", why="now").accepted
    assert mail(deal) == ["Mon 10:00 hello to cat"]


def test_a_play_for_contacts_whom_the_deal_does_not_have_cannot_be_started() -> None:
    plays = "- {name: hello, on: demo_held, for_each: {contact: {role: sponsor}}, steps: [{email: hello}]}"
    verdict = story(plays, contacts=(ANA,)).order("start_play", play="hello", why="now")
    assert verdict.text == "hello runs for sponsor, and the deal has no such contact."


def test_adopting_a_playbook_stops_the_runs_of_contacts_whom_it_does_not_mean() -> None:
    deal = story(CADENCE.replace("{role: [economic_buyer, sponsor]}", "{}"))
    deal.offers["new"] = ("0" * 64, rules(CADENCE.replace("economic_buyer, ", "")))
    assert deal.order("adopt_playbook", playbook="new", why="fewer").accepted
    assert runs(deal) == ["sponsor-cadence for cat"]


def test_when_a_colleague_replies_the_other_runs_wait_for_so_long() -> None:
    deal = story(CADENCE + "  when_colleague_replies: {delay: 5bd}\n")
    deal.until("2026-03-04 15:00").tell("reply_received", contact="ana", sentiment="other")
    assert deal.steps == {"task call exec": "Wed 11 Mar 15:00"}
    said = "Play sponsor-cadence for cat waits until Wed 11 Mar 2026 15:00 UTC: a colleague replied"
    assert deal.last(e.PlayDelayed).sentence() == said
    deal.until("2026-03-10 10:00").tell("reply_received", contact="ana", sentiment="other", at="2026-03-03T10:00:00Z")
    assert deal.steps == {"task call exec": "Wed 11 Mar 15:00"}


def test_a_step_that_is_planned_while_its_run_waits_comes_no_earlier() -> None:
    waiting = CADENCE.replace("task: call_exec", "task: call_exec, wait: true")
    deal = story(waiting + "  when_colleague_replies: {delay: 10bd}\n")
    deal.until("2026-03-05 10:00").tell("reply_received", contact="ben", sentiment="other")
    deal.until("2026-03-06 10:00").order("complete_task", task="call_exec")
    assert deal.steps == {"e-mail exec-2": "Thu 19 Mar 10:00"}


def test_when_a_colleague_replies_the_other_runs_stop_where_the_playbook_says_so() -> None:
    deal = story(CADENCE + "  when_colleague_replies: stop\n")
    deal.tell("reply_received", contact="ana", sentiment="out_of_office", returns_on="2026-03-12")
    assert runs(deal) == ["sponsor-cadence for ben", "sponsor-cadence for cat"]
    deal.tell("reply_received", contact="ana", sentiment="other")
    assert runs(deal) == []


def test_a_message_that_waits_to_be_tried_again_waits_for_the_colleagues_reply_too() -> None:
    play = """
- name: hello
  on: meeting_booked
  for_each: {contact: {role: economic_buyer}}
  when_colleague_replies: {delay: 2bd}
  steps: [{email: hello}]
"""
    deal = story(play)
    deal.keep("hello")
    deal.tell("meeting_booked", starts_at="2026-03-20T10:00:00Z")
    (hello,) = deal.all(SendEmail)
    deal.come_back(hello, "not_done")
    deal.tell("reply_received", contact="ana", sentiment="other")
    deal.until("2026-03-06 10:00")
    assert mail(deal) == ["Mon 10:00 hello to ben", "Wed 10:00 hello to ben"]


def test_what_is_counted_of_people_is_counted_for_each() -> None:
    deal = story(
        "- {name: call-them, on: {reply_received: other, times: 2}, for_each: {contact: {}}, steps: [{task: call}]}"
    )
    deal.tell("reply_received", contact="ana", sentiment="other")
    deal.wait(hours=1).tell("reply_received", contact="ben", sentiment="other")
    assert runs(deal) == []
    deal.wait(hours=1).tell("reply_received", contact="ana", sentiment="other")
    assert runs(deal) == ["call-them for ana"]


def test_a_step_counts_what_its_contact_did() -> None:
    twice = "{all: [{reply_received: other, times: 2, since: deal}]}"
    deal = story(
        "- {name: hello, on: buying_signal_seen, for_each: {contact: {}}, "
        f"steps: [{{email: hello, if: {twice}}}]}}"
    )
    for contact in ("ana", "ben", "ben"):
        deal.wait(hours=1).tell("reply_received", contact=contact, sentiment="other")
    deal.tell("buying_signal_seen", signal="pricing")
    assert mail(deal) == ["Mon 13:00 hello to ben"]
