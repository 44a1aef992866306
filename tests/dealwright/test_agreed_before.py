"""What a proposal has from the one that was sent before it: what nobody says of it stays as it was agreed."""

from __future__ import annotations

import itertools

import pytest

from tests.dealwright.story import Story, of_stage

NOTHING = of_stage("- {name: hello, on: opted_out, do: [{notify: rep, text: Hello}]}")


def send(story: Story, proposal: str, day: str, amount: str | None = None, discount: str | None = None) -> None:
    costs = {} if amount is None else {"amount": {"amount": amount, "currency": "EUR"}}
    given = {} if discount is None else {"discount": discount}
    story.tell("proposal_sent", proposal=proposal, at=f"{day}T10:00:00Z", **costs, **given)


def terms(story: Story, proposal: str) -> tuple[str, str]:
    one = story.state.proposals[proposal]
    return str(one.amount), str(one.discount)


@pytest.mark.parametrize(
    "sent",
    [
        [("P1", "2026-03-03", "10000", "15"), ("P2", "2026-03-04")],
        [("P1", "2026-03-03", "10000"), ("P1", "2026-03-04", "10000", "15"), ("P2", "2026-03-05")],
        [("P1", "2026-03-02", "20000", "5"), ("P2", "2026-03-03", "10000", "15"), ("P3", "2026-03-04")],
        [("P1", "2026-03-02", "10000"), ("P2", "2026-03-03", None, "15"), ("P3", "2026-03-04")],
    ],
    ids=["of two", "of two versions", "of three", "in parts"],
)
def test_what_is_not_given_stays_as_it_was_agreed_in_whatever_order_proposals_are_told(
    sent: list[tuple[str, ...]],
) -> None:
    found = set[tuple[str, str]]()
    for arrived in itertools.permutations(sent):
        story = Story(NOTHING, at="2026-03-10 10:00")
        for one in arrived:
            send(story, *one)
        found.add(terms(story, sent[-1][0]))

    assert found == {("10,000.00 EUR", "15")}


def test_a_proposal_has_nothing_from_one_that_was_sent_later() -> None:
    story = Story(NOTHING, at="2026-03-10 10:00")
    send(story, "P2", "2026-03-04", "20000", "15")

    send(story, "P1", "2026-03-03", "10000")

    assert terms(story, "P1") == ("10,000.00 EUR", "None")


def test_nor_does_it_once_its_first_sending_is_told_after_its_second() -> None:
    story = Story(NOTHING, at="2026-03-10 10:00")
    send(story, "P2", "2026-03-04", "20000", "15")
    send(story, "P1", "2026-03-05", "10000")

    send(story, "P1", "2026-03-03")

    assert terms(story, "P1") == ("10,000.00 EUR", "None")


def test_what_was_said_of_a_proposal_itself_stays() -> None:
    story = Story(NOTHING, at="2026-03-10 10:00")
    send(story, "P2", "2026-03-04", "20000", "0")

    send(story, "P1", "2026-03-03", "10000", "15")

    assert terms(story, "P2") == ("20,000.00 EUR", "0")


def test_a_proposal_for_which_a_discount_was_asked_before_it_went_out_costs_what_was_agreed() -> None:
    story = Story(NOTHING, at="2026-03-10 10:00")
    send(story, "P1", "2026-03-03", "10000", "5")
    story.tell("discount_requested", percent="15", proposal="P2", at="2026-03-04T09:00:00Z")

    send(story, "P2", "2026-03-04")

    assert terms(story, "P2") == ("10,000.00 EUR", "15")
