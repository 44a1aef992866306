"""Who answers an approval while the one who is asked is not there, or does not answer in time."""

from __future__ import annotations

from dealwright.effects import RequestApproval
from tests.dealwright.story import Story, playbook

MAX = {"name": "Max", "email": "max@seller.example"}
TEXT = """
playbook: tiny
roles: {rep: {}, manager: {reports_to: ceo}, cfo: {stand_in: ceo}, ceo: {}, finance: {}}
approvals:
  - name: discount
    of: proposal.discount
    levels: [{by: [manager, cfo]}]
    stand_in: {manager: finance}
    answer_within: 4bh
stages:
  - {name: selling, owner: rep, plays: [{name: ask, on: discount_requested, do: [{approval: discount}]}]}
"""


def asked(**owners: dict[str, str]) -> Story:
    story = Story(playbook(TEXT), owners=owners)
    story.tell("discount_requested", percent="20")
    return story


def waiting(story: Story) -> list[str]:
    return [one.waits_for for one in story.state.approvals.values()]


def first(story: Story) -> str:
    return next(iter(story.state.approvals))


def say(story: Story, by: str, answer: str = "approve") -> str:
    terms = {"discount": "20"}
    return story.order("decide_approval", by=by, approval=first(story), answer=answer, terms=terms).text


def test_whoever_is_there_is_asked_alone() -> None:
    assert waiting(asked(manager=MAX)) == ["manager"]


def test_the_stand_in_is_asked_too_while_nobody_holds_the_role() -> None:
    story = asked()

    assert [request.role for request in story.all(RequestApproval)] == ["manager", "finance"]


def test_the_stand_in_is_asked_once_an_answer_is_late() -> None:
    story = asked(manager=MAX).until("2026-03-02 14:00")

    assert (waiting(story), story.told) == (["manager", "finance"], ["ceo: Overdue: approval discount (manager)"])


def test_the_stand_in_answers_for_the_whole_seat() -> None:
    story = asked(manager=MAX, cfo={"name": "Cora"}).until("2026-03-02 14:00")

    text = say(story, "finance")

    assert (text, waiting(story)) == ("Approved; now cfo is asked.", ["cfo"])


def test_who_was_late_may_answer_still() -> None:
    story = asked(manager=MAX, cfo={"name": "Cora"}).until("2026-03-02 14:00")

    say(story, "max@seller.example")

    assert waiting(story) == ["cfo"]


def test_a_stand_in_may_refuse() -> None:
    story = asked(manager=MAX).until("2026-03-02 14:00")

    assert say(story, "finance", "refuse") == "discount is refused."
    assert story.state.approvals == {}


def test_nobody_stands_in_before_the_answer_is_late() -> None:
    assert say(asked(manager=MAX), "finance") == "Not taken: it waits for manager, which finance does not hold."


def test_a_role_says_who_stands_in_for_it_in_every_approval() -> None:
    story = asked(manager=MAX)
    say(story, "manager")

    assert waiting(story) == ["cfo", "ceo"]


def test_a_stand_in_is_guarded_like_an_approver() -> None:
    story = asked(manager=MAX, finance={"name": "Fin", "email": "fin@seller.example"})

    verdict = story.order("reassign", by="rep", role="finance", to={"name": "Rep"}, why="mine now")

    assert not verdict.accepted
