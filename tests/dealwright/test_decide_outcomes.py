"""What became of an effect, and what follows from it."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from dealwright.decision import Received
from dealwright.effects import CreateTask, Notify, Outcome, SendEmail
from tests.dealwright.story import Story, moment, of_stage

RULES = of_stage("""
- name: cadence
  on: entered
  until: reply_received
  steps: [{email: hello}, {after: 2bd, email: again}]
- {name: worry, on: [touch_uncertain, effect_failed], do: [{notify: boss, text: Look}]}
""")


@pytest.fixture
def story() -> Story:
    """The first message is under way."""
    story = Story(RULES, at="2026-03-02 08:00")
    story.keep("hello")
    return story.until("2026-03-02 10:00")


def hello(story: Story) -> SendEmail:
    return story.all(SendEmail)[0]


def test_an_uncertain_message_is_not_sent_again_and_a_person_is_asked(story: Story) -> None:
    story.come_back(hello(story), "uncertain", reason="the connection broke")

    assert story.until("2026-03-03 08:00").sent == ["Mon 09:00 hello"]
    assert story.task("settle_uncertain").role == "rep"
    assert list(story.state.attention.values()) == ["Send hello (cadence, step 1): it is not known whether it went out"]
    assert "boss: Look" in story.told


@pytest.mark.parametrize(("sent", "status", "count"), [(True, "done", 1), (False, "skipped", 0)])
def test_a_person_settles_an_uncertain_message(story: Story, sent: bool, status: str, count: int) -> None:
    story.come_back(hello(story), "uncertain")

    verdict = story.order("resolve_touch", effect=hello(story).id, sent=sent, why="I asked them")

    assert verdict.accepted
    settled = [entry.status for entry in story.noted(e.EffectSettled) if entry.effect == hello(story).id]
    assert (settled, story.state.touches_sent) == (["uncertain", status], count)
    assert (story.tasks, story.state.attention) == ({}, {})


def test_a_message_that_is_settled_cannot_be_settled_again(story: Story) -> None:
    story.come_back(hello(story), "uncertain")
    story.order("resolve_touch", effect=hello(story).id, sent=True, why="I asked them")

    again = story.order("resolve_touch", effect=hello(story).id, sent=False, why="I changed my mind")

    assert (again.accepted, again.text) == (False, "This touch is not uncertain (any more).")


def test_a_result_that_arrives_late_settles_an_uncertain_message(story: Story) -> None:
    story.come_back(hello(story), "uncertain")

    story.tell("touch_confirmed", effect=hello(story).id)

    assert (story.tasks, story.state.attention, story.state.touches_sent) == ({}, {}, 1)


def test_a_message_that_was_refused_for_good_becomes_a_task_and_is_not_tried_again(story: Story) -> None:
    story.come_back(hello(story), "failed", reason="no such mailbox")

    assert story.task("mend_refused").title == "Refused for good: Send hello (cadence, step 1)"
    assert "boss: Look" in story.told
    assert story.until("2026-03-03 10:00").sent == ["Mon 09:00 hello"]


def test_a_message_that_could_not_be_handed_over_is_tried_again_under_its_id(story: Story) -> None:
    story.come_back(hello(story), "not_done", reason="the mail server is away")
    attention = list(story.state.attention)

    story.until("2026-03-02 10:20")

    first, second = story.all(SendEmail)
    assert (second.id, story.noted(e.EffectStarted)[-1].again) == (first.id, True)
    assert attention == [f"effect:{first.id}"]


def test_attention_goes_when_it_was_handed_over_in_the_end(story: Story) -> None:
    story.come_back(hello(story), "not_done", reason="the mail server is away")
    story.until("2026-03-02 10:20")

    story.come_back(story.all(SendEmail)[-1], "done")

    assert story.state.attention == {}


def test_an_hour_without_a_mail_server_neither_loses_nor_doubles_a_message(story: Story) -> None:
    story.come_back(hello(story), "not_done", reason="away")
    for minute in ("15", "30", "45"):
        story.until(f"2026-03-02 10:{minute}")
        story.come_back(story.all(SendEmail)[-1], "not_done", reason="away")

    story.until("2026-03-02 11:00")
    story.come_back(story.all(SendEmail)[-1], "done")

    assert story.state.touches_sent == 1
    assert len({email.id for email in story.all(SendEmail)}) == 1


def test_a_message_is_tried_again_only_in_the_contacts_hours(story: Story) -> None:
    story.until("2026-03-02 16:55")

    story.come_back(hello(story), "not_done", reason="away")

    assert story.until("2026-03-03 12:00").sent[1:] == ["Tue 09:00 hello"]
    assert story.all(SendEmail)[-1].not_after is not None
    assert f"{story.all(SendEmail)[-1].not_after:%a %H:%M}" == "Tue 17:00"


def test_a_worker_that_overslept_an_attempt_waits_for_the_morning(story: Story) -> None:
    story.come_back(hello(story), "not_done", reason="away")

    story.oversleep("2026-03-02 22:00")

    assert story.until("2026-03-03 12:00").sent[1:] == ["Tue 09:00 hello"]


def test_a_full_cap_puts_a_message_off_until_there_is_room(story: Story) -> None:
    story.come_back(hello(story), "deferred", reason="three this week", until="2026-03-05T11:00:00Z")

    assert (story.wakes, story.state.attention) == ("Wed 04 Mar 09:00", {})
    assert story.until("2026-03-05 12:00").sent[-1] == "Thu 11:00 hello"


def test_the_next_message_does_not_go_out_beside_one_that_was_put_off(story: Story) -> None:
    story.come_back(hello(story), "deferred", until="2026-03-04T09:00:00Z")

    assert story.until("2026-03-06 12:00").sent[1:] == ["Wed 09:00 hello", "Thu 09:00 again"]


def test_two_messages_that_were_put_off_to_one_moment_go_out_one_after_the_other(story: Story) -> None:
    story.keep("again")
    story.until("2026-03-04 12:00")
    for email in story.all(SendEmail):
        story.come_back(email, "deferred", until="2026-03-05T09:00:00Z")

    assert story.until("2026-03-06 12:00").sent[2:] == ["Thu 09:00 hello", "Fri 09:00 again"]


def test_what_was_put_off_is_not_tried_again_once_nobody_wants_it(story: Story) -> None:
    story.come_back(hello(story), "deferred", until="2026-03-05T11:00:00Z")

    story.tell("reply_received")

    assert [it.status for it in story.noted(e.EffectSettled) if it.does == "send_email"][-1] == "withdrawn"
    assert story.until("2026-03-20 12:00").sent == ["Mon 09:00 hello"]


def test_an_attempt_that_ends_after_its_play_was_stopped_is_the_last(story: Story) -> None:
    story.tell("reply_received")

    story.come_back(hello(story), "not_done", reason="away")

    assert story.until("2026-03-20 12:00").sent == ["Mon 09:00 hello"]


def test_what_was_put_off_is_not_sent_to_whoever_opted_out_meanwhile(story: Story) -> None:
    story.come_back(hello(story), "deferred", until="2026-03-05T11:00:00Z")

    story.tell("opted_out")

    assert story.until("2026-03-20 12:00").sent == ["Mon 09:00 hello"]


def test_a_message_that_the_last_checks_forbade_is_left_out(story: Story) -> None:
    story.come_back(hello(story), "skipped", reason="suppressed")

    assert (story.state.touches_sent, story.state.attention) == (0, {})
    assert story.until("2026-03-05 12:00").sent == ["Mon 09:00 hello", "Wed 09:00 again"]


def test_a_task_that_was_done_before_it_reached_a_list_is_not_put_on_it_later() -> None:
    story = Story(of_stage("[{name: ask, on: demo_held, do: [{task: call}]}]"))
    story.keep("create_task")
    story.tell("demo_held")
    story.order("complete_task", task="call", by="rep")

    story.come_back(
        next(task for task in story.all(CreateTask) if task.title == "call"), "not_done", reason="the CRM is away"
    )
    story.until("2026-03-03 10:00")

    assert story.asked == ["call"]


def outage_of_the_crm(story: Story, *, until: str) -> None:
    """The CRM takes no task: each time it is tried, nothing was handed over five minutes later."""
    while story.now < moment(until):
        story.come_back(story.all(CreateTask)[-1], "not_done", reason="the CRM is away")
        story.wait(minutes=15)


def test_a_tool_that_is_away_for_a_while_needs_nobodys_attention_and_the_deal_goes_on() -> None:
    story = Story(
        of_stage(
            "- {name: ask, on: demo_held, do: [{task: call}]}\n"
            "- {name: tell, on: reply_received, do: [{notify: boss, text: They wrote}]}"
        )
    )
    story.keep("create_task")
    story.tell("demo_held")

    outage_of_the_crm(story, until="2026-03-02 13:45")
    story.tell("reply_received")

    assert story.state.attention == {}
    assert "boss: They wrote" in story.told
    assert len({task.id for task in story.all(CreateTask) if task.title == "call"}) == 1

    story.come_back(story.all(CreateTask)[-1], "done")
    assert (story.state.attention, story.asked.count("call") > 1) == ({}, True)


def test_a_tool_that_stays_away_needs_attention_until_it_is_back() -> None:
    story = Story(of_stage("[{name: ask, on: demo_held, do: [{task: call}]}]", before="tool_outage: 2h"))
    story.keep("create_task")
    story.tell("demo_held")

    outage_of_the_crm(story, until="2026-03-02 11:59")
    assert story.state.attention == {}
    outage_of_the_crm(story, until="2026-03-02 12:16")
    assert list(story.state.attention.values()) == ["Ask rep: call: nothing handed over yet (the CRM is away)"]

    story.come_back(story.all(CreateTask)[-1], "done")
    assert story.state.attention == {}


def test_an_outcome_that_comes_twice_counts_once(story: Story) -> None:
    story.come_back(hello(story), "done")

    assert story.come_back(hello(story), "done").entries == ()


def test_a_list_that_refuses_tasks_is_not_told_so_by_another_task() -> None:
    story = Story(of_stage("[{name: ask, on: demo_held, do: [{task: call}]}]"))
    story.keep("create_task")
    story.tell("demo_held")

    story.come_back(story.all(CreateTask)[-1], "failed", reason="no such user")

    assert story.asked == ["call"]
    assert list(story.state.attention.values()) == ["Ask rep: call was refused: no such user"]
    assert list(story.tasks) == ["call"]


def test_a_notice_that_is_refused_is_shown_and_starts_nothing_that_would_tell_of_it() -> None:
    story = Story(of_stage("[{name: worry, on: [demo_held, effect_failed], do: [{notify: boss, text: Look}]}]"))
    story.keep("notify")
    story.tell("demo_held")

    story.come_back(story.all(Notify)[0], "failed", reason="no such channel")

    assert story.told == ["boss: Look"]
    assert list(story.state.attention.values()) == ["Tell boss: Look (deal acme) was refused: no such channel"]
    assert not story.tasks


def no_rule_holds(story: Story, status: str) -> None:
    """The first message's outcome is given to the rules as one on which they fail."""
    outcome = Outcome(effect=hello(story).id, kind="send_email", status=status)
    named = Received(kind="outcome", name="send_email", at=story.now, outcome=outcome, effect=hello(story))
    story.tell_at_once(named.model_copy(update={"broken": "No rule holds."}))


@pytest.mark.parametrize("status", ["done", "uncertain", "failed", "not_done"])
def test_what_became_of_an_effect_is_kept_when_the_rules_fail_on_it(story: Story, status: str) -> None:
    no_rule_holds(story, status)

    settled = [entry.status for entry in story.noted(e.EffectSettled) if entry.effect == hello(story).id]
    assert settled == [status]
    assert story.noted(e.FactRefused) == []
    assert "No rule holds." in story.state.attention[f"effect:{hello(story).id}"]


def test_a_message_that_was_not_sent_is_sent_later_though_the_rules_failed_on_that(story: Story) -> None:
    no_rule_holds(story, "not_done")

    assert story.until("2026-03-02 11:00").sent[:2] == ["Mon 09:00 hello", "Mon 10:15 hello"]
