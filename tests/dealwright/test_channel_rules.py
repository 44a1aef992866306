"""When, how often and with whose consent people reach contacts by a channel."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.loading import check_bundle
from tests.dealwright.playbook.valid_playbook import PLAYBOOK, TEMPLATES
from tests.dealwright.story import ANA, Story, of_stage

BEN = {"id": "ben", "name": "Ben", "email": "ben@buyer.example"}


def rules(channels: str, step: str = "call: ring") -> Playbook:
    return of_stage(
        f"- {{name: reach, on: demo_held, steps: [{{{step}, wait: true}}, {{task: go_on}}]}}",
        before=f"channels: {{{channels}}}" if channels else "",
    )


def asked(channels: str, step: str = "call: ring", *, at: str = "2026-03-02 10:00", **known: object) -> Story:
    story = Story(rules(channels, step), at=at, **known)
    story.tell("demo_held")
    return story


def calls(story: Story, times: int) -> Story:
    for number in range(times):
        story.order("complete_task", task="ring")
        story.wait(minutes=5).tell("demo_held", demo=f"d{number}")
    return story


def test_a_call_waits_for_the_channels_hours_on_the_contacts_clock() -> None:
    tokyo = {**ANA, "timezone": "Asia/Tokyo"}
    story = asked('call: {hours: "Mon-Fri 10:00-16:00"}', contacts=[tokyo])

    assert story.tasks == {}
    assert "ring" in story.until("2026-03-03 01:00").tasks  # ten in the morning there


def test_a_call_without_hours_comes_at_once() -> None:
    assert "ring" in asked("", at="2026-03-01 03:00").tasks


def test_no_contact_is_called_more_often_than_the_limit() -> None:
    story = calls(asked("call: {limit: {per: 7d, max: 2}}"), 2)

    assert "ring" not in story.tasks
    assert "ring" not in story.until("2026-03-09 09:55").tasks
    assert "ring" in story.until("2026-03-09 10:05").tasks


def test_a_call_that_nobody_made_yet_counts() -> None:
    story = asked("call: {limit: {per: 7d, max: 1}}")
    story.wait(minutes=5).tell("demo_held", demo="another")

    assert sum(task.name == "ring" for task in story.state.tasks.values()) == 1


def test_calls_to_somebody_else_do_not_count() -> None:
    story = asked("call: {limit: {per: 7d, max: 1}}")
    story.order("complete_task", task="ring")
    story.order("amend", known={"contacts": [BEN]}, why="Ana left")
    story.wait(minutes=5).tell("demo_held", demo="another")

    assert story.task("ring").reaches == "ben"


def test_whoever_refused_calls_is_not_called() -> None:
    story = Story(rules(""))
    story.tell("channel_refused", channel="call", contact="ana")
    story.tell("demo_held")

    assert list(story.tasks) == ["go_on"]
    assert story.last(e.StepSkipped).why == "the contact refused the channel call"


def test_the_next_contact_is_called_instead() -> None:
    story = Story(rules(""), contacts=[ANA, BEN])
    story.tell("channel_refused", channel="call", contact="ana")
    story.tell("demo_held")

    assert story.task("ring").reaches == "ben"


def test_a_refusal_takes_the_open_call_off_the_list_and_the_play_goes_on() -> None:
    story = asked("")
    story.tell("channel_refused", channel="call", contact="ana")

    assert list(story.tasks) == ["go_on"]


def test_a_refusal_of_one_channel_ends_no_other_one_and_no_mail() -> None:
    story = Story(of_stage("- {name: reach, on: demo_held, do: [{post: card}, {email: hello}]}"))
    story.tell("channel_refused", channel="call", contact="ana")
    story.tell("demo_held")

    assert (list(story.tasks), story.sent) == (["card"], ["Mon 10:00 hello"])


def test_what_a_contact_said_last_counts() -> None:
    story = Story(rules(""))
    story.tell("channel_allowed", channel="call", contact="ana", at="2026-03-01T10:00:00Z")
    story.tell("channel_refused", channel="call", contact="ana", at="2026-02-01T10:00:00Z")
    story.tell("demo_held")

    assert "ring" in story.tasks


def test_a_refusal_that_was_taken_back_is_none() -> None:
    story = Story(rules(""))
    story.tell("channel_refused", channel="call", contact="ana")
    story.wait(minutes=5).tell("fact_retracted", retracts="channel_refused")
    story.tell("demo_held")

    assert "ring" in story.tasks


def test_where_consent_is_needed_nobody_is_reached_without_it() -> None:
    assert list(asked("sms: {consent: needed}", "sms: ring").tasks) == ["go_on"]

    story = Story(rules("sms: {consent: needed}", "sms: ring"))
    story.tell("channel_allowed", channel="sms", address="ana@buyer.example")
    story.tell("demo_held")
    assert "ring" in story.tasks


@pytest.mark.parametrize(("action", "reached"), [("sms", False), ("social", False), ("call", True), ("post", True)])
def test_whoever_opted_out_of_marketing_is_not_written_to(action: str, reached: bool) -> None:
    story = Story(rules("", f"{action}: ring"))
    story.tell("opted_out", contact="ana")
    story.tell("demo_held")

    assert ("ring" in story.tasks) is reached


def test_whoever_is_away_is_called_when_they_are_back() -> None:
    story = Story(rules(""))
    story.tell("reply_received", sentiment="out_of_office", returns_on="2026-03-05", contact="ana")
    story.tell("demo_held")

    assert story.tasks == {}
    assert "ring" in story.until("2026-03-05 00:00").tasks


def test_a_deal_without_contacts_asks_all_the_same() -> None:
    assert "ring" in asked("", contacts=[]).tasks


def test_a_rule_for_a_channel_that_no_step_uses_is_told() -> None:
    found = check_bundle({"playbook.yaml": f"{PLAYBOOK}channels: {{post: {{consent: needed}}}}\n", **TEMPLATES})

    assert [str(one).partition(": ")[2] for one in found] == [
        "channels.post: No step reaches anybody by the channel 'post'. Add a step with post, or take it out."
    ]


def test_a_channel_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="channels"):
        rules("pigeon: {consent: needed}")
