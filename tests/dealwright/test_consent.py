"""Who is meant by what people report, and which address gets which mail from then on."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from dealwright.effects import SendEmail
from dealwright.views.snapshot import snapshot_of
from tests.dealwright.story import ANA, Story, moment, of_stage

NEWS = of_stage("""
- name: news
  on: note_added
  steps:
    - {email: one}
    - {after: 1bd, email: two}
""")
REMINDER = of_stage("[{name: remind, on: demo_booked, do: [{email: reminder, marketing: false}]}]")
BEN = {"id": "ben", "name": "Ben", "email": "ben@buyer.example", "timezone": "UTC"}


def told_to(story: Story) -> list[str | None]:
    """The addresses that messages went to."""
    return [email.to.email for email in story.all(SendEmail)]


def points(story: Story) -> list[str]:
    """What asks for attention."""
    return list(story.state.attention.values())


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


# --- one that leads to nobody is no success -----------------------------------------------------------------


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


# --- and is settled once they are known ---------------------------------------------------------------------

EVE = {"id": "eve", "name": "Eve", "email": "eve@buyer.example", "timezone": "UTC"}
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
    story.order("acknowledge", point="reply_received:eve", why="it was spam")

    story.tell("contacts_learned", contacts=[EVE])

    assert story.noted(e.PersonRecognised) == []


def test_an_opt_out_counts_though_somebody_took_its_point_off() -> None:
    story = Story(NEWS)
    story.tell("opted_out", contact="eve")
    story.order("acknowledge", point="opted_out:eve", why="nobody here")

    story.tell("contacts_learned", contacts=[EVE])

    assert "eve@buyer.example" in story.state.silenced


# --- one address in two alphabets ---------------------------------------------------------------------------

LETTERS, PUNYCODE = "Zoë@Bücher.example", "zoë@xn--bcher-kva.example"


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


# --- a deal that is over is told of it ----------------------------------------------------------------------


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


def test_a_reply_that_names_nobody_asks_for_nothing() -> None:
    story = Story(NEWS, contacts=[])

    story.tell("reply_received", sentiment="other")

    assert points(story) == []


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


# --- a bounce is held against the address it was about ------------------------------------------------------


def test_a_corrected_address_starts_clean() -> None:
    story = Story(NEWS, contacts=[{**ANA, "email": "ana@buyr.example"}])
    story.tell("email_bounced", contact="ana")

    story.tell("contacts_learned", contacts=[ANA])
    story.tell("note_added", text="anything")

    assert told_to(story) == ["ana@buyer.example"]


@pytest.mark.parametrize("named", [{}, {"contact": "ana"}, {"address": "ana@buyr.example"}])
def test_a_bounce_that_comes_after_the_correction_is_held_against_the_old_address(named: dict[str, str]) -> None:
    story = Story(NEWS, contacts=[{**ANA, "email": "ana@buyr.example"}])
    story.tell("note_added", text="anything")
    story.tell("contacts_learned", contacts=[ANA])

    story.tell("email_bounced", **named)
    story.wait(days=3)

    assert told_to(story) == ["ana@buyr.example", "ana@buyer.example"]
    assert story.noted(e.FactTaken)[-1].addresses == ("ana@buyr.example",)


def test_a_bounce_that_names_the_message_is_held_against_the_address_it_went_to() -> None:
    story = Story(NEWS)
    story.tell("note_added", text="anything")
    first = story.all(SendEmail)[0].id
    story.tell("contacts_learned", contacts=[{**ANA, "email": "ana.lopez@buyer.example"}])
    story.wait(days=3)

    story.tell("email_bounced", touch=first)

    assert story.last(e.FactTaken).addresses == ("ana@buyer.example",)


def test_a_bounce_that_happened_before_the_second_address_was_written_to_is_of_the_first() -> None:
    story = Story(NEWS)
    story.tell("note_added", text="anything")
    story.tell("contacts_learned", contacts=[{**ANA, "email": "ana.lopez@buyer.example"}])
    story.wait(days=3)

    story.tell("email_bounced", at="2026-03-02T12:00:00Z")

    assert story.last(e.FactTaken).addresses == ("ana@buyer.example",)


def test_a_message_that_never_left_is_not_what_bounced() -> None:
    story = Story(NEWS)
    story.tell("note_added", text="anything")
    story.tell("contacts_learned", contacts=[{**ANA, "email": "ana.lopez@buyer.example"}])
    story.keep("two")
    story.until("2026-03-03 10:00")
    story.come_back(story.all(SendEmail)[-1], "deferred", until="2026-03-20T10:00:00Z")

    story.tell("email_bounced", contact="ana")

    assert story.last(e.FactTaken).addresses == ("ana@buyer.example",)


def test_a_bounced_address_gets_no_service_mail_either() -> None:
    story = Story(REMINDER)
    story.tell("email_bounced")

    story.tell("demo_booked", starts_at="2026-03-05T10:00:00Z")

    assert {skipped.why for skipped in story.noted(e.StepSkipped)} == {"the contact's address bounced"}


def test_after_a_bounce_the_next_contact_with_an_address_is_written_to() -> None:
    story = Story(NEWS, contacts=[ANA, {"id": "cleo", "name": "Cleo"}, BEN])
    story.tell("email_bounced", contact="ana")

    story.tell("note_added", text="anything")

    assert told_to(story) == ["ben@buyer.example"]


def test_a_first_contact_without_an_address_does_not_stand_in_the_way_of_the_next() -> None:
    story = Story(NEWS, contacts=[{"id": "cleo", "name": "Cleo"}, BEN])

    story.tell("note_added", text="anything")

    assert told_to(story) == ["ben@buyer.example"]


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


def test_a_bounce_calls_off_service_mail_to_its_address_too() -> None:
    story = Story(REMINDER)
    story.keep("reminder")
    story.tell("demo_booked", starts_at="2026-03-05T10:00:00Z")

    story.tell("email_bounced", address="ANA@buyer.example")

    assert story.withdrawn == [story.all(SendEmail)[0].id]


def test_two_contacts_with_one_address_are_silenced_together() -> None:
    story = Story(NEWS, contacts=[{**BEN, "email": "Team@buyer.example"}, {**ANA, "email": "team@buyer.example"}])
    story.tell("opted_out", contact="ana")

    story.tell("note_added", text="anything")

    assert story.sent == []
