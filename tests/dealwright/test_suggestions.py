"""Next steps that tools suggest: asked of whoever has the deal, and done only once somebody says so."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from dealwright.effects import CreateTask
from dealwright.rules.suggestions import MOST_ALONE, MOST_OPEN, TASK
from tests.dealwright.story import MONDAY, Story, playbook

RULES = """
stages:
  - {name: one, owner: rep, leave_when: demo_booked}
  - {name: two, owner: expert}
ends: [{when: deal_lost, as: lost}]
"""
TALK = "2026-03-02T09:00:00Z"


def suggested(text: str = "Send Ana the price list", **more: object) -> Story:
    """A deal to which a tool has suggested something."""
    story = Story(playbook(RULES), at=MONDAY, owners={"rep": {"name": "Rita", "email": "rita@us.example"}})
    story.tell("next_step_suggested", **{"id": "s1", "at": TALK, "text": text, "source": "gong", **more})
    return story


def texts(story: Story) -> list[str]:
    """What is suggested and not answered."""
    return [one.text for one in story.state.suggestions.values()]


def the_one(story: Story) -> str:
    """The id of the only suggestion."""
    (one,) = story.state.suggestions
    return one


def asked(story: Story) -> list[CreateTask]:
    """The tasks that came of suggestions."""
    return [task for task in story.all(CreateTask) if "/suggested/" in task.id]


def test_a_suggestion_is_asked_of_whoever_has_the_deal_and_is_no_task() -> None:
    story = suggested(by="ana@buyer.example")

    (one,) = story.state.suggestions.values()
    assert (one.role, one.given_to, one.text) == ("rep", "rita@us.example", "Send Ana the price list")
    assert asked(story) == []
    assert story.sent == []


def test_an_accepted_suggestion_is_a_task_of_its_role_by_the_day_that_was_named() -> None:
    story = suggested(due="2026-03-05")

    verdict = story.order("answer_suggestion", suggestion=the_one(story), answer="accept")

    assert verdict.accepted
    (task,) = asked(story)
    assert (task.role, task.title, f"{task.due_at:%d %H:%M}") == ("rep", "Send Ana the price list", "06 00:00")
    assert texts(story) == []


def test_a_suggestion_is_accepted_in_other_words_by_another_role_and_time() -> None:
    story = suggested()

    story.order(
        "answer_suggestion", suggestion=the_one(story), answer="accept", text="Send the new price list", to="expert",
        due_at="2026-03-09T12:00:00Z",
    )  # fmt: skip

    (task,) = asked(story)
    assert (task.role, task.title, f"{task.due_at:%d %H:%M}") == ("expert", "Send the new price list", "09 12:00")


def test_a_dismissed_suggestion_leads_to_nothing() -> None:
    story = suggested()

    assert story.order("answer_suggestion", suggestion=the_one(story), answer="dismiss", note="sent").accepted

    assert not texts(story)
    assert not asked(story)


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"to": "janitor"}, "There is no role"),
        ({"due_at": "2026-03-01T12:00:00Z"}, "due_at is past"),
        ({"answer": "dismiss", "text": "other words"}, "Only what is accepted"),
        ({"suggestion": "nobody/knows/this"}, "is not open"),
    ],
)
def test_an_answer_that_makes_no_sense_is_refused_and_the_suggestion_stays(wrong: dict[str, str], problem: str) -> None:
    story = suggested()

    verdict = story.order("answer_suggestion", **{"suggestion": the_one(story), "answer": "accept", **wrong})

    assert problem in verdict.text
    assert len(texts(story)) == 1


def test_the_same_suggestion_told_by_two_tools_is_one() -> None:
    story = suggested()
    story.tell("next_step_suggested", id="s2", at=TALK, text="send ana  the Price list.", source="chorus")

    assert len(texts(story)) == 1


def test_what_was_answered_is_not_asked_again_for_a_conversation_before_the_answer() -> None:
    story = suggested()
    story.order("answer_suggestion", suggestion=the_one(story), answer="dismiss")
    story.tell("next_step_suggested", id="s2", at=TALK, text="Send Ana the price list")

    assert texts(story) == []


def test_what_was_answered_is_asked_again_where_a_later_conversation_suggests_it() -> None:
    story = suggested()
    story.order("answer_suggestion", suggestion=the_one(story), answer="dismiss")
    story.wait(days=3)
    story.tell("next_step_suggested", id="s2", at="2026-03-05T09:30:00Z", text="Send Ana the price list")

    assert len(texts(story)) == 1


def test_a_flood_of_suggestions_is_a_few_questions_and_one_digest() -> None:
    story = suggested()
    for number in range(20):
        story.tell("next_step_suggested", id=f"f{number}", at=TALK, text=f"Do thing {number}")

    digests = {one.digest for one in story.state.suggestions.values() if one.digest}
    alone = [one for one in story.state.suggestions.values() if one.digest is None]
    assert (len(alone), len(digests)) == (MOST_ALONE, 1)


def test_a_digest_is_dismissed_as_a_whole_and_accepted_one_by_one() -> None:
    story = suggested()
    for number in range(7):
        story.tell("next_step_suggested", id=f"f{number}", at=TALK, text=f"Do thing {number}")
    gathered = [one for one in story.state.suggestions.values() if one.digest]
    digest = gathered[0].digest

    assert not story.order("answer_suggestion", suggestion=digest, answer="accept").accepted
    assert story.order("answer_suggestion", suggestion=gathered[0].id, answer="accept").accepted
    assert story.order("answer_suggestion", suggestion=digest, answer="dismiss").accepted
    assert len(texts(story)) == MOST_ALONE
    assert len(asked(story)) == 1


def test_more_suggestions_than_anybody_reads_ask_for_attention_until_one_is_answered() -> None:
    story = suggested()
    for number in range(MOST_OPEN + 5):
        story.tell("next_step_suggested", id=f"f{number}", at=TALK, text=f"Do thing {number}")

    assert len(texts(story)) == MOST_OPEN
    assert "suggestions" in story.state.attention

    story.order("answer_suggestion", suggestion=next(iter(story.state.suggestions)), answer="dismiss")
    assert "suggestions" not in story.state.attention


def test_suggestions_go_with_the_deal_to_whoever_has_it_next() -> None:
    story = suggested()
    story.tell("demo_booked", starts_at="2026-03-20T10:00:00Z")

    (one,) = story.state.suggestions.values()
    assert story.stage == "two"
    assert one.role == "expert"


def test_suggestions_are_dropped_when_the_deal_ends_and_asked_of_nobody_after() -> None:
    story = suggested()
    story.tell("deal_lost", reason="no budget")
    story.tell("next_step_suggested", id="s2", at=TALK, text="Call Ana")

    assert texts(story) == []
    (dropped,) = [entry for entry in story.entries if isinstance(entry, e.SuggestionAnswered)]
    assert dropped.answer == "dropped"


def test_an_accepted_suggestion_is_done_like_any_task() -> None:
    story = suggested()
    story.order("answer_suggestion", suggestion=the_one(story), answer="accept")

    assert story.order("complete_task", task=TASK).accepted
