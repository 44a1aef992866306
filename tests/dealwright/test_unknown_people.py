"""Facts about somebody unknown ask for attention, and are settled once that person is known."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from tests.dealwright.consent_stories import EVE, NEWS, points, told_to
from tests.dealwright.story import ANA, Story


def test_an_opt_out_of_an_address_that_nobody_has_is_kept_for_all_deals_and_asks_for_attention() -> None:
    story = Story(NEWS)

    story.tell("opted_out", address="Eve@buyer.example")
    story.tell("note_added", text="anything")

    assert story.noted(e.FactTaken)[0].addresses == ("eve@buyer.example",)
    assert told_to(story) == ["ana@buyer.example"]
    assert points(story) == [
        (
            "Opted out: this deal knows nobody as Eve@buyer.example. Find out who it is; "
            "the address gets no marketing from any deal"
        )
    ]


def test_an_opt_out_of_a_contact_whom_nobody_knows_asks_for_attention() -> None:
    story = Story(NEWS)

    story.tell("opted_out", contact="eve")

    assert points(story) == ["Opted out: this deal knows nobody as eve. Find out who it is; nobody was silenced by it"]


def test_an_opt_out_from_a_deal_without_contacts_asks_for_attention() -> None:
    story = Story(NEWS, contacts=[])

    story.tell("opted_out")

    assert "a person without a name" in points(story)[0]


@pytest.mark.parametrize("kind", ["hard", "soft"])
@pytest.mark.parametrize("named", [{"address": "eve@buyer.example"}, {"contact": "eve"}, {"touch": "other/x/1/1/1"}])
def test_a_bounce_that_leads_to_nobody_asks_for_attention(kind: str, named: dict[str, str]) -> None:
    story = Story(NEWS)

    story.tell("email_bounced", kind=kind, **named)
    story.tell("note_added", text="anything")

    assert (story.sent, len(points(story))) == (["Mon 10:00 one"], 1)


def test_a_reply_from_nobody_known_asks_for_attention() -> None:
    story = Story(NEWS)

    story.tell("reply_received", sentiment="other", address="eve@buyer.example")

    assert points(story) == ["Reply received: this deal knows nobody as eve@buyer.example. Find out who it is"]


NAMED = [{"address": "Eve@Buyer.example"}, {"contact": "eve"}, {"contact": "eve", "address": "eve@home.example"}]


@pytest.mark.parametrize("named", NAMED)
@pytest.mark.parametrize("fact", ["opted_out", "email_bounced", "reply_received"])
@pytest.mark.parametrize("how", ["learned", "amended"])
def test_a_point_about_somebody_unknown_goes_once_they_are_known(fact: str, named: dict[str, str], how: str) -> None:
    story = Story(NEWS)
    story.tell(fact, **named)
    assert len(points(story)) == 1

    if how == "learned":
        story.tell("contacts_learned", contacts=[EVE])
    else:
        story.order("amend", why="found her", known={"contacts": [ANA, EVE]})

    assert points(story) == []
    assert story.noted(e.PersonRecognised)[0].contact == "eve"


def test_it_goes_while_the_deal_is_paused_as_well() -> None:
    story = Story(NEWS)
    story.tell("opted_out", contact="eve")
    story.order("pause", why="holidays")

    story.tell("contacts_learned", contacts=[EVE])

    assert points(story) == []


@pytest.mark.parametrize("who", [{**EVE, "id": "bob", "email": "bob@buyer.example"}, {"id": "bob", "name": "Eve"}])
def test_a_point_about_somebody_unknown_stays_while_others_become_known(who: dict[str, str]) -> None:
    story = Story(NEWS)
    story.tell("opted_out", contact="eve", address="eve@buyer.example")

    story.tell("contacts_learned", contacts=[who])

    assert len(points(story)) == 1


def test_whoever_opted_out_before_they_were_known_gets_no_marketing_from_any_deal() -> None:
    story = Story(NEWS)
    story.tell("opted_out", contact="eve", at="2026-03-01T10:00:00Z")

    story.tell("contacts_learned", contacts=[EVE])

    known = story.last(e.PersonRecognised)
    assert (known.addresses, f"{known.opted_out_at:%d %b}") == (("eve@buyer.example",), "01 Mar")
    assert story.decision.report_now
    assert "eve@buyer.example" in story.state.silenced


@pytest.mark.parametrize("fact", ["email_bounced", "reply_received"])
def test_nothing_else_silences_whoever_becomes_known(fact: str) -> None:
    story = Story(NEWS)
    story.tell(fact, contact="eve")

    story.tell("contacts_learned", contacts=[EVE])

    assert (story.last(e.PersonRecognised).addresses, story.state.silenced) == ((), {})


def test_a_point_that_somebody_took_off_is_not_settled_again() -> None:
    story = Story(NEWS)
    story.tell("reply_received", contact="eve")
    story.order("acknowledge", point="reply_received:eve", why="we know who that is")

    story.tell("contacts_learned", contacts=[EVE])

    settled = [one.point for one in story.noted(e.AttentionSettled)]
    assert settled.count("reply_received:eve") == 1


def test_an_opt_out_counts_though_somebody_took_its_point_off() -> None:
    story = Story(NEWS)
    story.tell("opted_out", contact="eve")
    story.order("acknowledge", point="opted_out:eve", why="nobody here")

    story.tell("contacts_learned", contacts=[EVE])

    assert "eve@buyer.example" in story.state.silenced


def test_a_reply_that_names_nobody_asks_for_nothing() -> None:
    story = Story(NEWS, contacts=[])

    story.tell("reply_received", sentiment="other")

    assert points(story) == []
