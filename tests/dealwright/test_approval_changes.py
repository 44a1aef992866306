"""Terms that change while people are asked are asked anew."""

from __future__ import annotations

import pytest

from dealwright.effects import RequestApproval
from tests.dealwright.approval_stories import DESK, answer, asked, euros, open_one
from tests.dealwright.story import Story, of_stage


@pytest.mark.parametrize("by_fact", [True, False])
def test_terms_that_change_are_asked_for_anew_with_their_own_chain(by_fact: bool) -> None:
    story = Story(DESK, amount=euros(24_000))
    story.tell("demo_held")
    old = open_one(story)

    if by_fact:
        story.tell("crm_properties_changed", amount=euros(480_000))
    else:
        story.order("amend", known={"amount": euros(480_000)}, why="bigger")

    assert not answer(story, "boss", approval=old).accepted
    assert (open_one(story).chain, open_one(story).terms) == (("expert", "boss"), {"amount": "480000"})
    assert [request.role for request in story.all(RequestApproval)] == ["boss", "expert"]


def test_whoever_names_the_old_terms_is_told_the_new_ones() -> None:
    story = asked("25")
    old = open_one(story)
    story.tell("crm_properties_changed", amount=euros(6000))

    by_name = story.order("decide_approval", by="expert", approval="discount", answer="approve", terms=old.terms)

    assert by_name.text.startswith("Not taken: the terms are now discount 25, amount 6000.")
    assert answer(story, "expert", approval=old).text == (
        "This approval is not open: it was answered, replaced, or never asked for. "
        f"Open are: discount with discount 25, amount 6000 EUR ({open_one(story).id})."
    )


def test_a_yes_to_the_old_terms_is_none_to_the_new() -> None:
    story = asked("25")
    answer(story, "expert")

    story.tell("crm_properties_changed", amount=euros(6000))

    assert (open_one(story).answered, open_one(story).waits_for) == (0, "expert")


def test_terms_that_come_to_need_nobody_are_granted() -> None:
    story = asked("25")

    story.order("amend", known={"proposal": {"discount": "5"}}, why="less will do")

    assert (story.state.approvals, story.told) == ({}, ["rep: Granted"])


def test_a_change_during_a_pause_is_asked_for_when_the_deal_goes_on() -> None:
    story = asked("25")
    old = open_one(story)
    story.order("pause", why="holidays")
    story.tell("crm_properties_changed", amount=euros(6000))

    meanwhile = answer(story, "expert", approval=old)
    story.order("resume")

    assert meanwhile.text == (
        "Not taken: the terms are now discount 25, amount 6000 EUR. They are asked for anew when the pause ends."
    )
    assert open_one(story).terms == {"discount": "25", "amount": "6000"}


def test_unchanged_terms_may_be_answered_during_a_pause() -> None:
    story = asked("20")
    story.order("pause", why="holidays")

    assert answer(story, "boss").text == "discount is granted."


def test_a_playbook_with_other_levels_asks_their_chain() -> None:
    story = asked("25")
    other = of_stage(
        "[{name: ask, on: discount_requested, do: [{approval: discount}]}]",
        before="approvals: [{name: discount, of: proposal.discount, levels: [{by: [boss]}]}]",
    )
    story.offers["next"] = ("another bundle", other)

    story.order("adopt_playbook", playbook="next", why="new rules")

    assert (open_one(story).chain, open_one(story).waits_for) == (("boss",), "boss")


def test_a_question_that_is_asked_again_goes_on_where_it_is() -> None:
    story = asked("25")
    answer(story, "expert")

    story.tell("discount_requested", percent="25.0")

    assert (open_one(story).answered, len(story.all(RequestApproval))) == (1, 2)
