"""Which reply a task is about: so whoever does it can say what it means, by its own name."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from dealwright.open_work import ReplyToRead
from tests.dealwright.story import MONDAY, Story, moment, of_stage

READ = of_stage("""
- {name: read, on: {reply_received: other}, until: {reply_received: not_now}, do: [{task: read_it}]}
- {name: call, on: entered, steps: [{task: call}, {after: 30d, close: unresponsive}]}
""")
NOTHING_PLANNED = of_stage("- {name: cadence, on: entered, until: reply_received, steps: [{after: 1d, email: one}]}")


def replies(story: Story, **said: object) -> None:
    story.tell("reply_received", contact="ana", message_id="m1", **said)


def about(story: Story, task: str) -> ReplyToRead | None:
    (found,) = [one for one in story.state.tasks.values() if one.name == task]
    return found.reply


def test_a_task_about_a_reply_says_which() -> None:
    story = Story(READ)
    replies(story)
    assert about(story, "read_it") == ReplyToRead(message_id="m1", contact="ana", at=moment(MONDAY))
    assert about(story, "call") is None


def test_told_again_as_the_task_says_the_better_word_counts_once() -> None:
    story = Story(READ)
    replies(story)
    asked = about(story, "read_it")
    assert asked is not None
    told = {"message_id": asked.message_id, "contact": asked.contact, "at": asked.at, "by": "max@seller.example"}
    story.wait(hours=2)
    story.tell("reply_received", sentiment="not_now", back_on="2026-06-15", **told)
    assert str(story.state.deal and story.state.deal.back_on) == "2026-06-15"
    assert [task.name for task in story.state.tasks.values()] == ["call"]
    assert story.state.to_read == {}
    story.tell("reply_received", sentiment="interested", **told)
    assert story.last(e.FactTaken).no_news == "known already"


@pytest.mark.parametrize(
    "said",
    [{"message_id": None}, {"contact": None, "address": "eve@elsewhere.example"}, {"sentiment": "interested"}],
    ids=["no message is named", "nobody knows who wrote", "it is read already"],
)
def test_what_cannot_be_told_again_by_its_name_is_not_offered(said: dict[str, object]) -> None:
    rules = of_stage("- {name: read, on: reply_received, do: [{task: read_it}]}")
    story = Story(rules)
    story.tell("reply_received", **{"contact": "ana", "message_id": "m1", **said})
    assert about(story, "read_it") is None


def test_whoever_is_asked_what_comes_next_after_a_reply_is_asked_about_it() -> None:
    story = Story(NOTHING_PLANNED)
    replies(story)
    reply = about(story, "decide_next_step")
    assert reply is not None
    assert reply.message_id == "m1"


def test_a_task_that_goes_to_somebody_else_is_still_about_it() -> None:
    story = Story(READ)
    replies(story)
    story.order("reassign", role="rep", to={"name": "Bea", "email": "bea@seller.example"}, why="on leave")
    reply = about(story, "read_it")
    assert reply is not None
    assert reply.message_id == "m1"
