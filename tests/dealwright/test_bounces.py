"""A bounce is held against the address that it was about."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from dealwright.effects import SendEmail
from tests.dealwright.consent_stories import BEN, NEWS, REMINDER, told_to
from tests.dealwright.story import ANA, Story


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


def test_a_bounce_calls_off_service_mail_to_its_address_too() -> None:
    story = Story(REMINDER)
    story.keep("reminder")
    story.tell("demo_booked", starts_at="2026-03-05T10:00:00Z")

    story.tell("email_bounced", address="ANA@buyer.example")

    assert story.withdrawn == [story.all(SendEmail)[0].id]
