"""Conversations that tools record: contact made with those who took part, and once, whoever tells of them."""

from __future__ import annotations

from dealwright import entries as e
from tests.dealwright.story import MONDAY, Story, playbook

RULES = """
stages:
  - {name: one, owner: rep}
ends: [{when: deal_lost, as: lost}]
"""
ANA = {"address": "Ana Lopez <ANA@buyer.example>", "name": "Ana"}
TALK = {"at": "2026-03-02T09:00:00Z", "lasted": "PT30M", "parties": [ANA], "conversation": "c1", "source": "gong"}


def told(*tellings: dict[str, object]) -> list[e.FactTaken]:
    """What the story says of these conversations."""
    story = Story(playbook(RULES), at=MONDAY)
    for telling in tellings:
        story.tell("conversation_recorded", **{**TALK, **telling})
    return [one for one in story.entries if isinstance(one, e.FactTaken)]


def test_a_conversation_is_contact_made_with_the_contacts_who_took_part() -> None:
    story = Story(playbook(RULES), at=MONDAY)
    story.tell("conversation_recorded", **TALK)

    (talk,) = [one for one in story.entries if isinstance(one, e.FactTaken)]
    assert talk.concerns == ("ana",)
    assert story.state.first_human_touch_at == talk.happened_at


def test_a_conversation_among_our_own_people_is_no_contact_made() -> None:
    story = Story(playbook(RULES), at=MONDAY)
    story.tell("conversation_recorded", **{**TALK, "parties": [{**ANA, "ours": True}]})

    assert story.state.first_human_touch_at is None


def test_who_took_part_and_is_unknown_is_named_in_the_story() -> None:
    (talk,) = told({"parties": [ANA, {"address": "bo@buyer.example"}]})

    assert "with people whom the deal does not know: bo@buyer.example" in talk.sentence()


def test_the_same_conversation_told_by_another_tool_counts_once() -> None:
    _, second = told({}, {"conversation": "z9", "source": "chorus", "at": "2026-03-02T09:02:00Z"})

    assert second.no_news == "gong told of it already"


def test_another_conversation_on_the_same_day_counts_as_well() -> None:
    _, second = told({}, {"conversation": "z9", "source": "chorus", "at": "2026-03-02T09:31:00Z"})

    assert second.no_news is None


def test_two_conversations_of_one_tool_at_one_time_are_two() -> None:
    _, second = told({}, {"conversation": "c2"})

    assert second.no_news is None


def test_a_conversation_that_is_told_again_under_its_id_is_known() -> None:
    _, second = told({}, {"title": "another title"})

    assert second.no_news == "known already"
