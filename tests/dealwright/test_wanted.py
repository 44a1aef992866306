"""No message about what is over or called off, none that was true only once, and none to nobody."""

from __future__ import annotations

import pytest

from dealwright.effects import SendEmail
from tests.dealwright.story import Story, of_stage, playbook

REMINDER = of_stage(
    """
- name: remind
  on: {before: demo.starts_at, by: 1d}
  until: [demo_held, demo_cancelled, proposal_sent]
  do: [{email: reminder, marketing: false}]
"""
)


BARE = of_stage("[{name: remind, on: {before: demo.starts_at, by: 1d}, do: [{email: reminder, marketing: false}]}]")


def booked(rules: object = REMINDER, starts_at: str = "2026-03-20T15:00:00Z") -> Story:
    story = Story(rules)  # type: ignore[arg-type]
    story.tell("demo_booked", starts_at=starts_at)
    return story


@pytest.mark.parametrize("end", ["demo_cancelled", "demo_missed", "demo_held"])
@pytest.mark.parametrize("rules", [REMINDER, BARE], ids=["with-until", "without"])
def test_nobody_is_reminded_of_a_demo_that_will_not_be(end: str, rules: object) -> None:
    story = booked(rules)

    story.until("2026-03-04 10:00").tell(end)

    assert story.until("2026-03-25 10:00").sent == []


def test_what_would_stop_a_dated_play_keeps_it_from_beginning() -> None:
    story = booked()

    story.until("2026-03-04 10:00").tell("proposal_sent")

    assert story.until("2026-03-25 10:00").sent == []


def test_a_new_date_opens_a_dated_play_again() -> None:
    story = booked()
    story.until("2026-03-04 10:00").tell("demo_cancelled")

    story.until("2026-03-05 10:00").tell("demo_booked", starts_at="2026-03-24T15:00:00Z")

    assert story.until("2026-03-25 10:00").sent == ["Mon 15:00 reminder"]


def test_the_same_slot_booked_again_after_its_cancellation_is_reminded_of() -> None:
    story = booked()
    story.until("2026-03-04 10:00").tell("demo_cancelled")

    story.until("2026-03-05 10:00").tell("demo_booked", starts_at="2026-03-20T15:00:00Z")

    assert story.until("2026-03-25 10:00").sent == ["Thu 15:00 reminder"]


def test_a_play_does_not_begin_when_what_would_stop_it_happened_since_its_trigger() -> None:
    story = Story(
        of_stage("[{name: no-show, on: demo_missed, until: demo_held, do: [{email: sorry, marketing: false}]}]")
    )
    story.tell("demo_held", at="2026-03-02T09:10:00Z")

    story.tell("demo_missed", at="2026-03-02T09:00:00Z")

    assert story.sent == []


@pytest.mark.parametrize("until", ["2026-03-23T10:00:00Z", "2026-03-20T15:00:00Z"])
def test_a_reminder_that_was_held_up_past_its_date_is_not_sent(until: str) -> None:
    story = booked()
    story.keep("send_email")
    story.until("2026-03-19 16:00").come_back(story.all(SendEmail)[-1], "deferred", until=until)

    story.until("2026-03-27 10:00")

    assert len(story.sent) == 1
    assert story.all(SendEmail)[0].not_after is not None
    assert story.all(SendEmail)[0].not_after <= story.state.demos[""].starts_at  # type: ignore[operator]


def test_a_message_on_its_way_is_called_back_when_what_it_is_about_is_called_off() -> None:
    story = booked(BARE)
    story.keep("send_email")
    story.until("2026-03-19 15:30")

    story.tell("demo_cancelled")

    assert story.withdrawn == [story.all(SendEmail)[0].id]


def test_a_reminder_on_its_way_gives_way_to_one_of_the_new_date_when_the_demo_is_moved() -> None:
    story = booked(BARE)
    story.keep("send_email")
    story.until("2026-03-19 15:30")

    story.tell("demo_booked", starts_at="2026-03-20T11:00:00Z")

    old, new = story.all(SendEmail)
    assert story.withdrawn == [old.id]
    assert new.deal.demo is not None
    assert f"{new.deal.demo.starts_at:%d %H:%M}" == "20 11:00"


STEP = of_stage("[{name: after-booking, on: demo_booked, steps: ["
                "{at: {before: demo.starts_at, by: 1d}, email: reminder, marketing: false}]}]")  # fmt: skip


@pytest.mark.parametrize("rules", [BARE, STEP], ids=["dated-play", "dated-step"])
@pytest.mark.parametrize("told", ["demo_booked", "amend"])
def test_a_reminder_on_its_way_is_called_back_when_the_demo_turns_out_to_have_been_earlier(
    told: str, rules: object
) -> None:
    story = booked(rules)
    story.keep("send_email")
    story.until("2026-03-19 15:30")

    if told == "amend":
        story.order("amend", known={"demo": {"starts_at": "2026-03-19T11:00:00Z"}}, why="it was today")
    else:
        story.tell(told, starts_at="2026-03-19T11:00:00Z")

    assert story.withdrawn == [story.all(SendEmail)[0].id]
    assert len(story.all(SendEmail)) == 1


@pytest.mark.parametrize("to", ["2026-03-20T18:00:00Z", "2026-03-25T11:00:00Z"])
def test_a_reminder_that_a_step_sends_is_called_back_when_a_person_moves_the_demo_and_somebody_tells_the_buyer(
    to: str,
) -> None:
    story = booked(STEP)
    story.keep("send_email")
    story.until("2026-03-19 15:30")

    story.order("amend", known={"demo": {"starts_at": to}}, why="they asked for it")

    assert story.withdrawn == [story.all(SendEmail)[0].id]
    assert "moved:after-booking" in story.state.attention


def test_a_message_that_tells_of_a_date_that_stays_is_not_called_back_when_another_one_moves() -> None:
    story = booked(STEP)
    story.keep("send_email")
    story.until("2026-03-19 15:30")

    story.order("amend", known={"meeting": {"starts_at": "2026-03-25T11:00:00Z"}}, why="they asked for it")

    assert story.withdrawn == []


def test_a_message_that_waited_goes_to_whom_it_is_for_now() -> None:
    story = Story(of_stage("[{name: hi, on: demo_held, do: [{email: hello}]}]"))
    story.keep("send_email")
    story.tell("demo_held")
    story.come_back(story.all(SendEmail)[0], "deferred", until="2026-03-04T10:00:00Z")
    story.order("amend", known={"contacts": [{"id": "bo", "name": "Bo", "email": "bo@buyer.example"}]}, why="Ana left")

    story.until("2026-03-04 12:00")

    assert [email.to.id for email in story.all(SendEmail)] == ["ana", "bo"]


def test_a_message_that_waited_is_not_sent_when_its_plays_condition_no_longer_holds() -> None:
    story = Story(
        of_stage(
            """
- name: nudge
  on: proposal_sent
  if: {proposal.opened_at: {known: false}}
  do: [{after: 2d, email: nudge, marketing: false}]
"""
        )
    )
    story.tell("proposal_sent")
    story.until("2026-03-03 10:00").tell("proposal_opened")

    assert story.until("2026-03-06 10:00").sent == []


def test_a_stage_left_and_entered_again_does_not_repeat_what_was_done_for_a_date() -> None:
    story = Story(
        playbook(
            """
stages:
  - name: selling
    owner: rep
    plays:
      - {name: remind, on: {before: demo.starts_at, by: 2d}, do: [{email: reminder, marketing: false}]}
  - {name: other, owner: rep}
"""
        )
    )
    story.tell("demo_booked", starts_at="2026-03-12T15:00:00Z")
    story.until("2026-03-10 16:00").order("move_to_stage", stage="other", why="x")

    story.order("move_to_stage", stage="selling", why="back")

    assert story.until("2026-03-13 10:00").sent == ["Tue 15:00 reminder"]


def test_what_was_not_done_for_a_date_is_done_when_the_stage_is_entered_again_in_time() -> None:
    story = Story(
        playbook(
            """
stages:
  - name: selling
    owner: rep
    plays:
      - name: prepare
        on: {before: demo.starts_at, by: 5d}
        do: [{task: prepare}, {at: {before: demo.starts_at, by: 1d}, email: reminder, marketing: false}]
  - {name: other, owner: rep}
"""
        )
    )
    story.tell("demo_booked", starts_at="2026-03-12T15:00:00Z")
    story.until("2026-03-09 16:00").order("move_to_stage", stage="other", why="x")

    assert not story.tasks
    story.order("move_to_stage", stage="selling", why="back")

    assert set(story.tasks) == {"prepare"}
    story.order("complete_task", task="prepare")
    story.order("move_to_stage", stage="other", why="x")
    story.order("move_to_stage", stage="selling", why="back")

    assert not story.tasks
    assert story.until("2026-03-13 10:00").sent == ["Wed 15:00 reminder"]


def test_a_reminder_that_waited_when_the_stage_was_left_leaves_when_the_deal_is_back_in_time() -> None:
    story = Story(
        playbook(
            """
stages:
  - name: selling
    owner: rep
    plays: [{name: remind, on: {before: demo.starts_at, by: 2d}, do: [{email: reminder, marketing: false}]}]
  - {name: other, owner: rep}
"""
        )
    )
    story.keep("reminder")
    story.tell("demo_booked", starts_at="2026-03-12T15:00:00Z")
    story.until("2026-03-10 15:01").come_back(story.all(SendEmail)[-1], "not_done", reason="mail is away")
    story.order("move_to_stage", stage="other", why="x")

    story.until("2026-03-10 16:00").order("move_to_stage", stage="selling", why="back")

    assert story.sent == ["Tue 15:00 reminder", "Tue 16:00 reminder"]


CADENCE = of_stage(
    """
- name: cold
  on: entered
  steps: [{email: one}, {after: 2bd, email: two}, {after: 5bd, close: unresponsive}]
- {name: gap, on: step_skipped, do: [{notify: rep, text: Nobody to write to}]}
"""
)


def test_nobody_is_closed_for_silence_who_was_not_reached_out_to() -> None:
    story = Story(CADENCE, contacts=[{"id": "ana", "name": "Ana"}])

    story.until("2026-04-10 10:00")

    assert story.outcome is None
    assert {"no-address", "unreached"} <= set(story.state.attention)
    assert story.told[0] == "rep: Nobody to write to"
    assert story.asks_for_next_step


def test_whoever_was_reached_out_to_and_did_not_answer_is_unresponsive() -> None:
    assert Story(CADENCE).until("2026-04-10 10:00").outcome == "unresponsive"


APART = of_stage(
    """
- name: cold
  on: entered
  for_each: {contact: {}}
  until: reply_received
  steps: [{email: one}, {after: 2bd, email: two}]
- {name: give-up, on: entered, steps: [{after: 20bd, close: unresponsive}]}
"""
)


def test_a_play_that_reaches_nobody_itself_closes_for_the_silence_after_what_the_others_did() -> None:
    story = Story(APART).until("2026-04-10 10:00")

    assert story.outcome == "unresponsive"


def test_a_play_that_reaches_nobody_itself_closes_nobody_whom_no_play_reached() -> None:
    story = Story(APART, contacts=[{"id": "ana", "name": "Ana"}]).until("2026-04-10 10:00")

    assert story.outcome is None
    assert "unreached" in story.state.attention


def test_who_answered_the_last_message_of_another_play_is_not_given_up() -> None:
    story = Story(APART).until("2026-03-09 10:00")
    story.tell("reply_received", sentiment="interested")

    assert story.until("2026-04-10 10:00").outcome is None


def test_who_answered_before_the_last_message_of_another_play_may_be_given_up() -> None:
    stalls = "- {name: give-up, on: reply_received, steps: [{after: 20bd, close: unresponsive}]}"
    story = Story(of_stage(f"- {{name: answer, on: reply_received, do: [{{after: 2bd, email: one}}]}}\n{stalls}"))
    story.until("2026-03-03 10:00").tell("reply_received", sentiment="other")

    assert story.until("2026-04-10 10:00").outcome == "unresponsive"


def test_whoever_was_written_to_late_has_the_time_to_answer() -> None:
    story = Story(CADENCE)
    story.keep("two")
    story.until("2026-03-04 12:00").come_back(story.all(SendEmail)[-1], "deferred", until="2026-03-10T10:00:00Z")

    story.until("2026-03-11 10:00")
    story.come_back(story.all(SendEmail)[-1], "done")

    assert story.until("2026-03-16 12:00").outcome is None
    assert story.until("2026-03-18 12:00").outcome == "unresponsive"


def test_the_point_about_a_missing_address_is_settled_once_one_is_known() -> None:
    story = Story(CADENCE, contacts=[{"id": "ana", "name": "Ana"}])
    story.tell("contacts_learned", contacts=[{"id": "ana", "name": "Ana", "email": "ana@buyer.example"}])

    story.until("2026-03-05 10:00")

    assert "no-address" not in story.state.attention
