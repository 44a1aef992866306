"""A finished deal passes opt-outs, bounces and absences on to all deals."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from tests.dealwright.consent_stories import BEN, NEWS, points
from tests.dealwright.story import ANA, Story


def closed(*contacts: dict[str, str]) -> Story:
    story = Story(NEWS, contacts=contacts or [ANA])
    story.order("close", outcome="lost", why="they said no")
    return story


@pytest.mark.parametrize(
    ("named", "addresses"),
    [
        ({}, ("ana@buyer.example",)),
        ({"contact": "ana"}, ("ana@buyer.example",)),
        ({"address": "Ana@Buyer.example"}, ("ana@buyer.example",)),
        ({"contact": "ben"}, ("ben@buyer.example",)),
        ({"address": "eve@buyer.example"}, ("eve@buyer.example",)),
    ],
)
@pytest.mark.parametrize("fact", ["opted_out", "email_bounced"])
def test_a_closed_deal_passes_it_on_to_all_deals_at_once(
    fact: str, named: dict[str, str], addresses: tuple[str, ...]
) -> None:
    story = closed(ANA, BEN)

    story.tell(fact, **named)

    assert (story.last(e.FactTaken).addresses, story.decision.report_now) == (addresses, True)


def test_a_closed_deal_asks_for_attention_when_an_opt_out_leads_to_nobody() -> None:
    story = closed()

    story.tell("opted_out", contact="eve")

    assert points(story) == ["Opted out: this deal knows nobody as eve. Find out who it is; nobody was silenced by it"]


def test_a_deal_that_is_reopened_remembers_the_opt_out() -> None:
    story = closed()
    story.tell("opted_out", address="ANA@buyer.example")

    story.order("reopen", why="they are back")
    story.tell("note_added", text="anything")

    assert story.sent == []


def test_a_closed_deal_is_told_of_an_absence_for_the_others() -> None:
    story = closed()

    story.tell("reply_received", sentiment="out_of_office", returns_on="2026-03-12")

    assert (story.last(e.TouchesHeld).addresses, story.decision.report_now) == (("ana@buyer.example",), True)
