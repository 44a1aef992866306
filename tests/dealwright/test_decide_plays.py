"""What starts a play, what stops it, and when its steps come."""

from __future__ import annotations

from dealwright import entries as e
from dealwright.effects import Notify, SendEmail
from tests.dealwright.story import Story, of_stage, playbook

CADENCE = of_stage("""
- name: cadence
  on: entered
  until: [reply_received, opted_out]
  steps:
    - {email: hello}
    - {after: 2bd, task: call, due: 1bd}
    - {after: 3bd, email: again}
""")


def test_a_play_begins_when_its_stage_is_entered() -> None:
    assert Story(CADENCE).sent == ["Mon 10:00 hello"]


def test_each_step_counts_from_the_one_before() -> None:
    story = Story(CADENCE).until("2026-03-20 10:00")

    assert story.noted(e.TaskOpened)[0].at.isoformat() == "2026-03-04T10:00:00+00:00"
    assert story.sent == ["Mon 10:00 hello", "Mon 10:00 again"]


def test_steps_side_by_side_count_from_the_trigger() -> None:
    story = Story(of_stage("[{name: both, on: demo_held, do: [{after: 2h, notify: rep}, {after: 1h, notify: boss}]}]"))

    story.tell("demo_held")

    assert story.steps == {"notify rep": "Mon 02 Mar 12:00", "notify boss": "Mon 02 Mar 11:00"}


def test_a_late_fact_shifts_nothing_and_what_is_due_already_comes_now() -> None:
    story = Story(of_stage("[{name: both, on: demo_held, do: [{after: 2h, notify: rep}, {after: 6h, notify: boss}]}]"))

    story.tell("demo_held", at="2026-03-02T05:00:00Z")

    assert story.told == ["rep: both: notify rep"]
    assert story.steps == {"notify boss": "Mon 02 Mar 11:00"}


def test_until_drops_the_steps_to_come() -> None:
    story = Story(CADENCE)

    story.tell("reply_received", sentiment="interested")
    story.until("2026-04-30 10:00")

    assert story.sent == ["Mon 10:00 hello"]
    assert story.last(e.PlayEnded).why == "reply received"


def test_until_calls_back_what_is_under_way() -> None:
    story = Story(CADENCE, at="2026-03-02 08:00")
    story.keep("hello")
    story.until("2026-03-02 09:00")

    decision = story.tell("reply_received")

    assert decision.withdraw == (story.all(SendEmail)[0].id,)


def test_until_between_planning_and_sending_means_that_nothing_is_sent() -> None:
    story = Story(CADENCE, at="2026-03-02 08:00")

    story.tell("reply_received")
    story.until("2026-03-03 12:00")

    assert story.sent == []


def test_a_reply_at_the_very_moment_of_a_step_wins() -> None:
    story = Story(CADENCE).until("2026-03-08 23:59")
    story.now = story.now.replace(day=9, hour=10, minute=0)

    story.tell_at_once(story.fact("email_opened"), story.fact("reply_received"))

    assert story.sent == ["Mon 10:00 hello"]


def test_until_takes_open_tasks_off_the_list() -> None:
    story = Story(CADENCE).until("2026-03-04 12:00")

    story.tell("opted_out")

    assert story.tasks == {}
    assert "close_task" in {effect.kind for effect in story.decision.effects}


def test_a_task_that_nobody_has_seen_is_not_taken_off_a_list() -> None:
    story = Story(of_stage("[{name: ask, on: demo_held, until: demo_missed, do: [{task: call}]}]"))

    decision = story.tell_at_once(story.fact("demo_held"), story.fact("demo_missed"))

    assert not [effect for effect in decision.effects if "/ask/" in effect.id]
    assert decision.withdraw == ()


def test_a_fact_starts_a_play_each_time_it_comes() -> None:
    story = Story(of_stage("[{name: note, on: usage_reported, do: [{notify: rep, text: Look}]}]"))

    story.tell("usage_reported", health=90)
    story.tell("usage_reported", health=80)

    assert story.told == ["rep: Look", "rep: Look"]


def test_a_play_that_wants_to_be_alone_waits_until_its_task_is_done() -> None:
    story = Story(of_stage("[{name: rescue, on: usage_reported, alone: true, do: [{task: rescue, due: 5bd}]}]"))
    story.tell("usage_reported", health=10)
    story.tell("usage_reported", health=9)
    asked_twice = len(story.asked)

    story.order("complete_task", task="rescue")
    story.tell("usage_reported", health=8)

    assert (asked_twice, len(story.asked)) == (1, 2)


def test_a_play_that_wants_to_be_alone_starts_again_after_a_message_that_went_out() -> None:
    story = Story(of_stage("[{name: news, on: note_added, alone: true, do: [{email: news}]}]"))

    story.tell("note_added", text="one")
    story.tell("note_added", text="two")

    assert story.sent == ["Mon 10:00 news", "Mon 10:00 news"]


def test_a_variant_starts_only_what_asks_for_it() -> None:
    story = Story(of_stage("[{name: cheer, on: {reply_received: interested}, do: [{notify: rep, text: Yes}]}]"))

    story.tell("reply_received", sentiment="other")
    story.tell("reply_received", sentiment="interested")

    assert story.told == ["rep: Yes"]


def test_a_condition_that_does_not_hold_keeps_a_play_from_starting() -> None:
    rules = of_stage("[{name: warm, on: entered, if: {deal.source: inbound}, do: [{notify: rep, text: Hurry}]}]")

    assert Story(rules, source="inbound").told == ["rep: Hurry"]
    assert Story(rules, source="outbound").told == []


def test_a_step_whose_condition_does_not_hold_is_left_out_and_the_next_one_comes() -> None:
    story = Story(
        of_stage("""
- name: nudge
  on: proposal_sent
  steps: [{after: 1h, if: {not: proposal_opened}, email: nudge}, {after: 1h, notify: rep, text: Call}]
""")
    )
    story.tell("proposal_sent")
    story.tell("proposal_opened")

    story.wait(hours=3)

    assert (story.sent, story.told) == ([], ["rep: Call"])
    assert story.noted(e.StepSkipped)[0].why == "proposal opened"


def test_a_step_waits_for_the_task_before_it() -> None:
    story = Story(
        of_stage("[{name: go, on: entered, steps: [{task: kick_off, wait: true}, {after: 2h, notify: rep}]}]")
    )
    story.until("2026-03-02 15:00")
    before = story.steps

    story.order("complete_task", task="kick_off")

    assert (before, story.steps) == ({}, {"notify rep": "Mon 02 Mar 17:00"})


def test_the_plays_of_a_stage_stop_when_it_is_left_and_those_of_the_deal_go_on() -> None:
    rules = playbook("""
plays: [{name: thanks, on: demo_held, do: [{after: 1d, notify: boss}]}]
stages:
  - name: one
    owner: rep
    leave_when: proposal_sent
    plays: [{name: ask, on: demo_held, do: [{after: 1d, notify: rep}]}]
  - {name: two, owner: rep}
""")
    story = Story(rules)
    story.tell("demo_held")

    story.tell("proposal_sent")

    assert story.steps == {"notify boss": "Tue 03 Mar 10:00"}


def test_plays_hear_what_a_message_did_when_they_wait_for_it() -> None:
    story = Story(
        of_stage("""
- {name: write, on: entered, do: [{email: hello}]}
- {name: follow, on: {email_sent: hello}, do: [{notify: rep, text: It went out}]}
""")
    )

    assert story.told == ["rep: It went out"]


def test_what_a_play_waits_for_after_another_comes_at_the_same_moment() -> None:
    story = Story(
        of_stage("""
- {name: ask, on: entered, do: [{task: call}]}
- {name: next, on: {task_done: call}, do: [{notify: boss, text: Called}]}
""")
    )

    story.order("complete_task", task="call", by="rep")

    assert story.told == ["boss: Called"]


def test_a_worker_that_was_away_catches_nothing_up_in_a_burst() -> None:
    story = Story(
        of_stage("[{name: many, on: entered, steps: [{email: a}, {after: 1bd, email: b}, {after: 1bd, email: c}]}]")
    )

    story.oversleep("2026-03-12 10:00")
    story.until("2026-03-20 10:00")

    assert story.sent == ["Mon 10:00 a", "Thu 10:00 b", "Fri 10:00 c"]


WAITING = "[{name: go, on: entered, steps: [{task: kick_off, due: 9d, wait: 3bd}, {after: 2h, notify: rep, text: On}]}]"


def test_a_wait_that_is_over_lets_the_sequence_go_on_and_the_task_stays_open() -> None:
    story = Story(of_stage(WAITING)).until("2026-03-05 12:30")

    assert story.told == ["rep: On"]
    assert story.tasks == {"kick_off": "Wed 11 Mar 10:00"}
    assert story.last(e.WaitEnded).at.isoformat() == "2026-03-05T10:00:00+00:00"


def test_a_task_that_is_done_within_its_wait_lets_the_sequence_go_on_at_once() -> None:
    story = Story(of_stage(WAITING)).until("2026-03-03 10:00")

    story.order("complete_task", by="rep", task="kick_off")

    assert story.until("2026-03-20 10:00").told == ["rep: On"]
    assert story.noted(e.WaitEnded) == []


def test_a_task_that_is_done_after_its_wait_does_not_let_the_sequence_go_on_twice() -> None:
    steps = (
        "[{task: kick_off, due: 9d, wait: 1d}, {after: 1d, notify: rep, text: A}, {after: 1d, notify: rep, text: B}]"
    )
    story = Story(of_stage(f"[{{name: go, on: entered, steps: {steps}}}]")).until("2026-03-03 12:00")

    story.order("complete_task", by="rep", task="kick_off")
    story.until("2026-03-20 10:00")

    assert story.told == ["rep: A", "rep: B"]
    assert [one.at.day for one in story.all(Notify) if "/next-step/" not in one.id] == [4, 5]


def test_a_wait_stands_still_while_the_deal_is_paused() -> None:
    story = Story(of_stage(WAITING))
    story.order("pause", why="x", until="2026-03-04T10:00:00Z")

    assert story.until("2026-03-06 12:30").told == []
    assert story.until("2026-03-09 12:30").told == ["rep: On"]


def test_a_wait_ends_with_its_play() -> None:
    story = Story(of_stage(WAITING.replace("on: entered", "on: entered, until: demo_held")))
    story.tell("demo_held")

    assert story.until("2026-03-20 10:00").told == []


def test_a_sequence_with_a_wait_that_is_over_goes_on_where_it_is_under_other_rules() -> None:
    story = Story(of_stage(WAITING.replace("wait: 3bd", "wait: true"))).until("2026-03-03 10:00")
    story.offers["next"] = ("f" * 64, of_stage(WAITING))
    story.order("adopt_playbook", playbook="next", why="x")

    assert story.until("2026-03-05 12:30").told == ["rep: On"]
