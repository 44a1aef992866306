"""In whatever order facts about a thing come in, the same is known of it afterwards."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import pytest

from dealwright.facts import FACTS, AboutThing
from dealwright.facts.things import Record
from dealwright.facts.turns import turn
from tests.dealwright.knowledge_stories import DEMOS, deal
from tests.dealwright.story import Story

Told: TypeAlias = tuple[str, dict[str, object]]
_BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)
_EARLY, _LATE = "2026-03-04T09:30:00Z", "2026-03-20T10:00:00Z"

MEETINGS: tuple[Told, ...] = (
    ("meeting_booked", {"starts_at": _EARLY}),
    ("meeting_booked", {"starts_at": _LATE}),
    ("meeting_held", {}),
    ("meeting_missed", {}),
    ("meeting_cancelled", {}),
    ("meeting_cancelled", {"starts_at": _EARLY}),
)
PROPOSALS: tuple[Told, ...] = (
    ("proposal_sent", {"discount": "5"}),
    ("proposal_sent", {"amount": {"amount": "10", "currency": "EUR"}}),
    ("discount_requested", {"percent": "15"}),
    ("proposal_opened", {}),
    ("proposal_accepted", {}),
    ("proposal_declined", {}),
    ("proposal_expired", {}),
    ("proposal_withdrawn", {}),
)
TERMS: tuple[Told, ...] = (
    ("contract_signed", {"starts_on": "2026-04-01", "ends_on": "2027-03-31"}),
    ("contract_signed", {"starts_on": "2026-04-01", "ends_on": "2027-06-30"}),
    ("contract_amended", {"ends_on": "2026-12-31"}),
    ("contract_cancelled", {}),
)


def known_after(facts: list[tuple[datetime, Told]]) -> Record | None:
    """What is known of one thing after facts that come in in this order."""
    record: Record | None = None
    taught: dict[str, datetime] = {}
    counted: set[str] = set()
    for at, (name, payload) in facts:
        kind = FACTS[name]
        assert issubclass(kind, AboutThing)
        fact = kind.model_validate({**payload, kind.thing if kind.thing != "contract" else "term": "1", "at": at})
        turned = turn(fact, record, taught, at, first_told=name not in counted)
        record, taught = turned.record, taught | dict.fromkeys(turned.taught, at)
        if turned.no_news is None:
            counted.add(name)
    return record


@pytest.mark.parametrize(("menu", "length"), [(MEETINGS, 4), (PROPOSALS, 3), (TERMS, 4)])
def test_the_order_of_arrival_changes_nothing_of_what_became_of_a_thing(menu: tuple[Told, ...], length: int) -> None:
    """But for one: a proposal that is sent again with the same terms may be the same sending, told by two systems."""
    for told in itertools.product(menu, repeat=length):
        if any(told.count(one) > 1 for one in told if one[0] == "proposal_sent"):
            continue
        in_order = [(_BEGIN + timedelta(days=number), one) for number, one in enumerate(told)]
        expected = known_after(in_order)
        for arrived in itertools.permutations(in_order):
            assert known_after(list(arrived)) == expected, f"{told} came in as {[one for _, one in arrived]}"


def test_a_booking_that_is_told_after_the_cancellation_that_followed_it_brings_nothing_back() -> None:
    story = Story(DEMOS)
    story.tell("demo_booked", demo="d", starts_at="2026-02-20T10:00:00Z", at="2026-02-10T09:00:00Z")
    story.tell("demo_held", demo="d", at="2026-02-20T11:00:00Z")
    story.tell("demo_cancelled", demo="d", at="2026-03-01T09:00:00Z")  # it was held already

    story.tell("demo_booked", demo="d", starts_at="2026-03-20T10:00:00Z", at="2026-02-25T09:00:00Z")

    assert deal(story).demo is not None
    assert (deal(story).demo.status, "reminder" in " ".join(story.until("2026-03-20 12:00").sent)) == (  # type: ignore[union-attr]
        "cancelled", False,
    )  # fmt: skip


def test_when_a_demo_was_not_held_after_all_what_else_was_told_of_it_holds() -> None:
    story = Story(DEMOS)
    story.tell("demo_booked", demo="d", starts_at="2026-03-01T10:00:00Z", at="2026-02-20T09:00:00Z")
    story.tell("demo_held", demo="d", at="2026-03-01T11:00:00Z")
    story.tell("demo_cancelled", demo="d", at="2026-03-01T12:00:00Z")  # it was held already

    story.tell("fact_retracted", retracts="demo_held", about="d")

    assert deal(story).demo is not None
    assert deal(story).demo.status == "cancelled"  # type: ignore[union-attr]


def test_what_was_taken_back_is_not_remembered_against_a_booking_that_is_told_later() -> None:
    story = Story(DEMOS)
    story.tell("demo_booked", demo="d", starts_at="2026-02-20T10:00:00Z", at="2026-02-10T09:00:00Z")
    story.tell("demo_held", demo="d", at="2026-02-20T11:00:00Z")
    story.tell("demo_cancelled", demo="d", at="2026-03-01T09:00:00Z")
    story.tell("fact_retracted", retracts="demo_cancelled", about="d", at="2026-03-01T10:00:00Z")

    story.tell("demo_booked", demo="d", starts_at="2026-03-20T10:00:00Z", at="2026-02-25T09:00:00Z")

    assert deal(story).demo is not None
    assert deal(story).demo.status == "booked"  # type: ignore[union-attr]


def test_what_a_person_set_is_not_undone_by_what_was_told_before() -> None:
    story = Story(DEMOS)
    story.tell("proposal_sent", proposal="p", discount="5", at="2026-02-20T09:00:00Z")
    story.tell("proposal_accepted", proposal="p", at="2026-02-25T09:00:00Z")
    assert story.order("amend", known={"proposal": {"id": "p", "status": "declined"}}, why="misread").accepted

    story.tell("proposal_sent", proposal="p", discount="8", at="2026-02-23T09:00:00Z")

    assert deal(story).proposal is not None
    assert deal(story).proposal.status == "declined"  # type: ignore[union-attr]


@pytest.mark.parametrize("other", ["before", "after"])
def test_a_proposal_that_was_not_sent_takes_no_other_one_back_also_when_that_is_told_first_of_all(other: str) -> None:
    at = {"before": "2026-02-19T09:00:00Z", "after": "2026-02-21T09:00:00Z"}[other]
    story = Story(DEMOS)

    story.tell("fact_retracted", retracts="proposal_sent", about="p2", at="2026-02-25T09:00:00Z")
    story.tell("proposal_sent", proposal="p1", at=at)
    story.tell("proposal_sent", proposal="p2", at="2026-02-20T09:00:00Z")

    assert list(story.state.proposals) == ["p1"]
    assert deal(story).proposal is not None
    assert deal(story).proposal.status == "sent"  # type: ignore[union-attr]


def test_a_demo_that_was_not_booked_takes_no_other_one_back_also_when_that_is_told_first_of_all() -> None:
    story = Story(DEMOS)

    story.tell("fact_retracted", retracts="demo_booked", about="d2", at="2026-02-25T09:00:00Z")
    story.tell("demo_booked", demo="d1", starts_at="2026-03-20T10:00:00Z", at="2026-02-20T09:00:00Z")

    assert deal(story).demo is not None
    assert deal(story).demo.status == "booked"  # type: ignore[union-attr]
