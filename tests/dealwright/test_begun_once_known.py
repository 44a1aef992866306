"""A reply of somebody unknown starts plays: the deal's own at once, those of each contact once it is known whose."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from tests.dealwright.story import Story, playbook

RULES = playbook("""
ends: [{when: deal_lost, as: lost}]
plays:
  - {name: read, on: {reply_received: interested}, do: [{task: read}]}
  - {name: follow, on: {reply_received: interested}, for_each: {contact: {}}, do: [{task: follow}]}
stages:
  - name: selling
    owner: rep
    plays:
      - name: thank
        on: {reply_received: interested}
        for_each: {contact: {}}
        until: {reply_received: not_interested}
        do: [{task: thank}]
  - {name: closing, owner: rep}
""")
EVE = {"id": "eve", "name": "Eve", "email": "eve@buyer.example"}
ANSWER = {"sentiment": "interested", "address": "Eve@buyer.example"}


def answered() -> Story:
    """Somebody whom the deal does not know has answered."""
    story = Story(RULES)
    story.tell("reply_received", **ANSWER)
    return story


def known(story: Story) -> list[str]:
    """Eve is a contact by now: of which runs there were, and for whom."""
    story.wait(hours=2).tell("contacts_learned", contacts=[EVE])
    return sorted(f"{one.play} {one.contact or ''}".strip() for one in story.noted(e.PlayStarted))


def test_plays_for_each_contact_begin_for_them_as_if_they_had_been_known() -> None:
    assert set(answered().tasks) == {"read"}
    assert known(answered()) == ["follow eve", "read", "thank eve"]


def test_they_begin_once() -> None:
    story = answered()
    known(story)

    assert known(story) == ["follow eve", "read", "thank eve"]


def test_what_ends_a_play_and_was_told_of_them_since_keeps_it_from_beginning() -> None:
    story = answered().wait(hours=1)
    story.tell("reply_received", **{**ANSWER, "sentiment": "not_interested"})

    assert known(story) == ["follow eve", "read"]


def test_a_stages_plays_begin_by_nothing_that_was_told_before_it_was_entered() -> None:
    story = answered().wait(hours=1)
    story.order("move_to_stage", stage="closing", why="they are quick")
    story.order("move_to_stage", stage="selling", why="they are not")

    assert known(story) == ["follow eve", "read"]


@pytest.mark.parametrize("over_at_first", [True, False])
def test_nothing_begins_by_what_was_told_before_the_deal_was_opened_again(*, over_at_first: bool) -> None:
    story = Story(RULES)
    answer = story.fact("reply_received", **ANSWER)
    lost = story.fact("deal_lost")
    story.tell_at_once(*((lost, answer) if over_at_first else (answer, lost)))
    story.wait(hours=1).order("reopen", why="a budget after all")

    assert not [run for run in known(story) if run.endswith("eve")]
