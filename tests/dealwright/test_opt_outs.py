"""Which address an opt-out silences, and what it calls off."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from dealwright.effects import SendEmail
from dealwright.views.snapshot import snapshot_of
from tests.dealwright.consent_stories import BEN, EVE, NEWS, REMINDER, points, told_to
from tests.dealwright.story import ANA, Story, moment

LETTERS, PUNYCODE = "Zoë@Bücher.example", "zoë@xn--bcher-kva.example"


# --- an opt-out finds whom it means -------------------------------------------------------------------------


@pytest.mark.parametrize("named", ["ana@buyer.example", " Ana@Buyer.Example ", "Ana Lopez <ana@buyer.example>"])
def test_an_opt_out_that_names_an_address_silences_the_contact_who_has_it(named: str) -> None:
    story = Story(NEWS)

    story.tell("opted_out", address=named)
    story.tell("note_added", text="anything")

    assert (story.sent, points(story)) == ([], [])


def test_an_opt_out_that_names_an_address_is_written_down_with_the_contact_who_has_it() -> None:
    story = Story(NEWS, contacts=[ANA, BEN])

    story.tell("opted_out", address="BEN@buyer.example")

    assert story.last(e.FactTaken).contact == "ben"


def test_an_opt_out_with_the_address_in_the_place_of_the_contact_is_understood() -> None:
    story = Story(NEWS)

    story.tell("opted_out", contact="ana@buyer.example")
    story.tell("note_added", text="anything")

    assert (story.sent, points(story)) == ([], [])


def test_an_opt_out_by_an_address_that_the_deal_has_written_to_before_silences_the_contact() -> None:
    story = Story(NEWS)
    story.tell("note_added", text="anything")
    story.tell("contacts_learned", contacts=[{**ANA, "email": "ana.lopez@buyer.example"}])

    story.tell("opted_out", address="ana@buyer.example")
    story.wait(days=7)

    assert (story.sent, points(story)) == (["Mon 10:00 one"], [])
    assert story.last(e.FactTaken).addresses == ("ana@buyer.example", "ana.lopez@buyer.example")


def test_an_opt_out_by_an_address_that_was_never_written_to_and_changed_since_silences_the_contact() -> None:
    story = Story(NEWS)
    story.tell("contacts_learned", contacts=[{**ANA, "email": "ana.lopez@buyer.example"}])

    story.tell("opted_out", address="ana@buyer.example")
    story.tell("note_added", text="anything")

    assert (story.sent, points(story)) == ([], [])


def test_an_opt_out_of_a_contact_who_left_the_deal_silences_their_address_only() -> None:
    story = Story(NEWS)
    story.order("amend", why="she left", known={"contacts": [BEN]})

    story.tell("opted_out", contact="ana")
    story.tell("note_added", text="anything")

    assert (told_to(story), points(story)) == (["ben@buyer.example"], [])
    assert story.noted(e.FactTaken)[-2].addresses == ("ana@buyer.example",)


def test_an_opt_out_with_a_contact_and_another_address_silences_both() -> None:
    story = Story(NEWS, contacts=[ANA, BEN])

    story.tell("opted_out", contact="ana", address="ben@buyer.example")
    story.tell("note_added", text="anything")

    assert (story.sent, points(story)) == ([], [])


@pytest.mark.parametrize(("has", "named"), [(LETTERS, PUNYCODE), (PUNYCODE, LETTERS), (LETTERS, "ZOË@BÜCHER.EXAMPLE")])
@pytest.mark.parametrize("known_first", [True, False])
def test_an_opt_out_holds_for_an_international_address_however_it_is_written(
    has: str, named: str, *, known_first: bool
) -> None:
    zoe = {**ANA, "email": has}
    story = Story(NEWS, contacts=[zoe] if known_first else [])
    story.tell("opted_out", address=named)
    if not known_first:
        story.tell("contacts_learned", contacts=[zoe])

    story.tell("note_added", text="anything")

    assert (story.sent, "opted" in str(points(story))) == ([], False)
    assert story.noted(e.FactTaken)[0].addresses == ("zoë@xn--bcher-kva.example",)


def test_a_bounce_in_punycode_silences_the_address_in_letters() -> None:
    story = Story(REMINDER, contacts=[{**ANA, "email": LETTERS}])
    story.tell("email_bounced", address=PUNYCODE)

    story.tell("demo_booked", starts_at="2026-03-20T10:00:00Z")

    assert story.sent == []


# --- two contacts who turn out to be one --------------------------------------------------------------------


def merged(story: Story, email: str) -> None:
    """Whoever keeps the contacts finds that Ben is Ana, who has this address."""
    story.order("amend", why="one person, found twice", known={"contacts": [{**ANA, "email": email}]})


@pytest.mark.parametrize("named", [{"contact": "ben"}, {"address": "ben@buyer.example"}])
def test_an_opt_out_of_one_of_two_merged_contacts_stays_with_the_address(named: dict[str, str]) -> None:
    story = Story(NEWS, contacts=[ANA, BEN])
    story.tell("opted_out", **named)

    merged(story, "Ben@Buyer.example")
    story.tell("note_added", text="anything")

    assert story.sent == []


def test_an_opt_out_of_the_contact_who_is_left_stays_with_them_at_the_others_address() -> None:
    story = Story(NEWS, contacts=[ANA, BEN])
    story.tell("opted_out", contact="ana")

    merged(story, "ben@buyer.example")
    story.tell("note_added", text="anything")

    assert story.sent == []


@pytest.mark.parametrize("named", [{"contact": "ben"}, {"address": "ben@buyer.example"}])
def test_an_opt_out_that_names_the_merged_contact_means_the_address_that_they_had(named: dict[str, str]) -> None:
    story = Story(NEWS, contacts=[ANA, BEN])
    merged(story, "ben@buyer.example")

    story.tell("opted_out", **named)
    story.tell("note_added", text="anything")

    assert (story.sent, points(story)) == ([], [])
    assert story.noted(e.FactTaken)[0].addresses == ("ben@buyer.example",)


def test_the_bounce_of_one_merged_address_leaves_the_other_one() -> None:
    story = Story(REMINDER, contacts=[ANA, BEN])
    story.tell("email_bounced", contact="ben", address="ben@buyer.example")

    merged(story, "ana@buyer.example")
    story.tell("demo_booked", starts_at="2026-03-20T10:00:00Z")

    assert told_to(story) == ["ana@buyer.example"]


# --- and the snapshot says what holds -----------------------------------------------------------------------


def test_a_snapshot_lists_only_contacts_whom_something_keeps_from_messages() -> None:
    story = Story(NEWS, contacts=[ANA, BEN, EVE])
    assert snapshot_of(story.state).held_contacts == ()

    story.tell("opted_out", contact="ben")
    story.tell("email_bounced", address="eve@buyer.example")
    story.tell("reply_received", contact="ana", sentiment="out_of_office", returns_on="2026-03-12")

    assert [held.model_dump(mode="json") for held in snapshot_of(story.state, now=story.now).held_contacts] == [
        {"id": "ana", "marketing": True, "mail": True, "away_until": "2026-03-12T00:00:00Z"},
        {"id": "ben", "marketing": False, "mail": True, "away_until": None},
        {"id": "eve", "marketing": False, "mail": False, "away_until": None},
    ]


def test_a_snapshot_lists_nobody_who_is_back() -> None:
    story = Story(NEWS)
    story.tell("reply_received", sentiment="out_of_office", returns_on="2026-03-12")

    assert snapshot_of(story.state, now=moment("2026-03-12 00:00")).held_contacts == ()


# --- what was said before the contact was known holds -------------------------------------------------------


@pytest.mark.parametrize("named", [{"address": "ben@buyer.example"}, {"contact": "ben"}])
def test_whoever_opted_out_before_they_became_known_gets_no_marketing(named: dict[str, str]) -> None:
    story = Story(NEWS, contacts=[])
    story.tell("opted_out", **named)

    story.tell("contacts_learned", contacts=[BEN])
    story.tell("note_added", text="anything")

    assert story.sent == []


def test_whoever_opted_out_stays_silent_at_an_address_learned_later() -> None:
    story = Story(NEWS)
    story.tell("opted_out", contact="ana")

    story.tell("contacts_learned", contacts=[{**ANA, "email": "ana.lopez@buyer.example"}])
    story.tell("note_added", text="anything")

    assert story.sent == []


# --- what is on its way, or waits ---------------------------------------------------------------------------


def test_an_opt_out_calls_off_marketing_to_its_address_and_nothing_else() -> None:
    story = Story(NEWS, contacts=[ANA, BEN])
    story.keep("one")
    story.tell("note_added", text="anything")

    story.tell("opted_out", contact="ben")
    assert story.withdrawn == []
    story.tell("opted_out", contact="ana")
    assert story.withdrawn == [story.all(SendEmail)[0].id]


def test_an_opt_out_calls_off_what_is_on_its_way_to_an_address_the_contact_no_longer_has() -> None:
    story = Story(NEWS)
    story.keep("one")
    story.tell("note_added", text="anything")
    story.tell("contacts_learned", contacts=[{**ANA, "email": "ana.lopez@buyer.example"}])

    story.tell("opted_out", address="ana@buyer.example")

    assert story.withdrawn == [story.all(SendEmail)[0].id]


def test_two_contacts_with_one_address_are_silenced_together() -> None:
    story = Story(NEWS, contacts=[{**BEN, "email": "Team@buyer.example"}, {**ANA, "email": "team@buyer.example"}])
    story.tell("opted_out", contact="ana")

    story.tell("note_added", text="anything")

    assert story.sent == []
