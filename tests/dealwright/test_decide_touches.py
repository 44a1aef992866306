"""When a message leaves, to whom, and when it does not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dealwright import entries as e
from dealwright.effects import SendEmail
from tests.dealwright.story import ANA, Story, moment, of_stage, playbook

HELLO = of_stage("[{name: hello, on: entered, do: [{email: hello}]}]")
NEWS = of_stage("[{name: news, on: note_added, steps: [{email: one}, {after: 1d, email: two}]}]")


def of(country: str | None = None, timezone: str | None = None, **more: object) -> dict[str, object]:
    return {"contacts": [{**ANA, "timezone": timezone, "country": country, **more}]}


def test_a_message_waits_for_the_contacts_morning() -> None:
    story = Story(HELLO, at="2026-03-02 10:00", **of(timezone="America/New_York"))

    assert story.until("2026-03-03 10:00").sent == ["Mon 14:00 hello"]


def test_a_message_waits_over_the_weekend() -> None:
    assert Story(HELLO, at="2026-03-06 17:00").until("2026-03-10 10:00").sent == ["Mon 09:00 hello"]


def test_a_message_waits_over_the_contacts_holidays() -> None:
    good_friday = Story(HELLO, at="2026-04-03 10:00", **of(country="DE", timezone="Europe/Berlin"))

    assert good_friday.until("2026-04-10 10:00").sent == ["Tue 07:00 hello"]


def test_a_holiday_elsewhere_holds_nothing_up() -> None:
    assert Story(HELLO, at="2026-04-03 10:00", **of(country="US", timezone="UTC")).sent == ["Fri 10:00 hello"]


def test_without_a_zone_of_its_own_a_contact_keeps_to_the_owners_hours() -> None:
    owners = {"rep": {"name": "Ren", "timezone": "Asia/Tokyo"}}

    story = Story(HELLO, at="2026-03-02 20:00", owners=owners, **of())

    assert story.until("2026-03-04 10:00").sent == ["Tue 00:00 hello"]


def test_a_message_may_go_out_until_the_contacts_day_closes() -> None:
    assert Story(HELLO).all(SendEmail)[0].not_after == moment("2026-03-02 17:00")


def test_a_window_that_was_missed_is_not_used_late() -> None:
    story = Story(HELLO, at="2026-03-02 08:00")

    story.oversleep("2026-03-02 19:00")

    assert story.sent == []
    assert story.until("2026-03-04 10:00").sent == ["Tue 09:00 hello"]


def test_whoever_opts_out_gets_no_more_marketing() -> None:
    story = Story(NEWS)
    story.tell("opted_out")

    story.tell("note_added", text="anything")
    story.until("2026-03-20 10:00")

    assert story.sent == []
    assert {entry.why for entry in story.noted(e.StepSkipped)} == {"the contact opted out"}


def test_whoever_opts_out_between_two_messages_gets_no_second_one() -> None:
    story = Story(NEWS)
    story.tell("note_added", text="anything")

    story.tell("opted_out")
    story.until("2026-03-20 10:00")

    assert story.sent == ["Mon 10:00 one"]


def test_service_messages_still_go_out() -> None:
    story = Story(of_stage("[{name: remind, on: demo_booked, do: [{email: reminder, marketing: false}]}]"))
    story.tell("opted_out")

    story.tell("demo_booked", starts_at="2026-03-05T10:00:00Z")

    assert story.sent == ["Mon 10:00 reminder"]


def test_a_hard_bounce_silences_and_a_soft_one_does_not() -> None:
    soft, hard = Story(NEWS), Story(NEWS)

    soft.tell("email_bounced", kind="soft")
    hard.tell("email_bounced", kind="hard")
    for story in (soft, hard):
        story.tell("note_added", text="anything")

    assert (soft.sent, hard.sent) == (["Mon 10:00 one"], [])


def test_another_contacts_opt_out_silences_only_that_one() -> None:
    story = Story(NEWS, contacts=[ANA, {"id": "bob", "name": "Bob"}])
    story.tell("opted_out", contact="bob")

    story.tell("note_added", text="anything")

    assert story.sent == ["Mon 10:00 one"]


def test_an_opt_out_is_written_down_with_the_address_that_other_deals_must_hear_of() -> None:
    story = Story(NEWS, contacts=[ANA, {"id": "bob", "name": "Bob", "email": "bob@buyer.example"}])
    addresses = []
    for contact in (None, "bob", "eve"):
        story.tell("opted_out", contact=contact)
        addresses.append(story.last(e.FactTaken).address)

    assert addresses == ["ana@buyer.example", "bob@buyer.example", None]


def test_nothing_is_sent_while_a_contact_is_away() -> None:
    story = Story(NEWS)
    story.tell("reply_received", sentiment="out_of_office", returns_on="2026-03-12")

    story.tell("note_added", text="anything")

    assert story.until("2026-03-12 12:00").sent == ["Thu 09:00 one"]


def test_later_steps_shift_with_a_message_that_had_to_wait() -> None:
    story = Story(NEWS)
    story.tell("reply_received", sentiment="out_of_office", returns_on="2026-03-12")
    story.tell("note_added", text="anything")

    assert story.until("2026-03-20 12:00").sent == ["Thu 09:00 one", "Fri 09:00 two"]


def test_without_an_address_nothing_is_sent_and_the_story_says_why() -> None:
    story = Story(HELLO, contacts=[{"id": "ana", "name": "Ana"}])

    assert story.sent == []
    assert story.last(e.StepSkipped).why == "no contact with an address is known"


def test_a_reply_continues_the_message_that_went_out_last() -> None:
    story = Story(of_stage("[{name: two, on: entered, steps: [{email: one}, {after: 1h, email: two, reply: true}]}]"))
    story.wait(hours=2)

    first, second = story.all(SendEmail)
    assert (first.reply_to_effect, second.reply_to_effect) == (None, first.id)


REPLYING = of_stage(
    "[{name: two, on: entered, steps: [{email: one}, {after: 4h, email: two, reply: true}]},"
    " {name: news, on: note_added, do: [{email: news, marketing: false}]}]"
)
BEN = {"id": "ben", "name": "Ben", "email": "ben@buyer.example"}


def reply_in(story: Story) -> SendEmail:
    return story.wait(hours=6).all(SendEmail)[-1]


def test_a_reply_to_whoever_took_the_contacts_place_is_a_message_of_its_own() -> None:
    story = Story(REPLYING)
    story.order("amend", by="Sam", why="Ana left", known={"contacts": [BEN]})

    reply = reply_in(story)
    assert (reply.to.id, reply.reply_to_effect, reply.reply_to_message_id) == ("ben", None, None)


def test_a_reply_to_another_address_of_the_contact_is_a_message_of_its_own() -> None:
    story = Story(REPLYING)
    story.tell("contacts_learned", contacts=[{**ANA, "email": "ana@new.example"}])

    assert reply_in(story).reply_to_effect is None


def test_an_address_is_the_same_however_it_is_written() -> None:
    story = Story(REPLYING)
    story.tell("contacts_learned", contacts=[{**ANA, "email": " Ana@Buyer.Example "}])

    assert reply_in(story).reply_to_effect == story.all(SendEmail)[0].id


def test_a_reply_continues_what_went_to_the_same_contact_and_not_what_went_out_last() -> None:
    story = Story(REPLYING)
    story.order("amend", by="Sam", why="Ana left", known={"contacts": [BEN]})
    story.tell("note_added", text="ben is told the news")
    story.order("amend", by="Sam", why="Ana is back", known={"contacts": [ANA]})

    assert reply_in(story).reply_to_effect == story.all(SendEmail)[0].id


def test_where_the_contact_wrote_her_message_is_answered() -> None:
    story = Story(REPLYING)
    story.tell("reply_received", contact="ana", message_id="<new@buyer.example>")

    reply = reply_in(story)
    assert (reply.reply_to_effect, reply.reply_to_message_id) == (story.all(SendEmail)[0].id, "<new@buyer.example>")


def test_an_older_message_of_hers_that_arrives_late_is_not_answered_instead() -> None:
    story = Story(REPLYING)
    story.wait(hours=1)
    story.tell("reply_received", contact="ana", message_id="<new@buyer.example>")
    story.tell("reply_received", contact="ana", message_id="<old@buyer.example>", at="2026-03-02T08:30:00Z")

    assert reply_in(story).reply_to_message_id == "<new@buyer.example>"


def test_what_she_wrote_before_our_last_message_is_behind_us() -> None:
    story = Story(REPLYING)
    story.tell("reply_received", contact="ana", message_id="<new@buyer.example>")
    story.wait(minutes=10)
    story.tell("note_added", text="news")

    assert reply_in(story).reply_to_message_id is None


def test_a_machine_that_says_she_is_away_is_not_answered() -> None:
    story = Story(REPLYING)
    story.tell("reply_received", contact="ana", message_id="<auto@buyer.example>", sentiment="out_of_office")

    assert reply_in(story).reply_to_message_id is None


def test_what_another_contact_wrote_is_not_answered() -> None:
    story = Story(REPLYING, contacts=[ANA, BEN])
    story.tell("reply_received", contact="ben", message_id="<ben@buyer.example>")

    assert reply_in(story).reply_to_message_id is None


def test_a_message_carries_the_limits_that_the_ledger_counts() -> None:
    limits = "limits: {touches_per_contact: {per: 7d, max: 3}, sends_per_rep: {per: 1d, max: 80}}"
    story = Story(
        of_stage("[{name: hello, on: entered, do: [{email: hello}]}]", before=limits),
        owners={"rep": {"name": "Ren", "email": "ren@seller.example"}},
    )

    contact, rep = story.all(SendEmail)[0].caps
    assert (contact.scope, contact.key, contact.per, contact.most) == (
        "contact",
        "ana@buyer.example",
        timedelta(days=7),
        3,
    )
    assert (rep.scope, rep.key, rep.per, rep.most) == ("rep", "ren@seller.example", timedelta(days=1), 80)


def test_a_message_goes_to_whoever_is_the_first_contact_then() -> None:
    story = Story(NEWS)
    story.tell("contacts_learned", contacts=[{**ANA, "email": "ana@new.example"}])

    story.tell("note_added", text="anything")

    assert story.all(SendEmail)[0].to.email == "ana@new.example"


def test_two_marketing_messages_of_one_play_never_go_out_at_one_moment() -> None:
    story = Story(of_stage("[{name: both, on: entered, do: [{email: one}, {email: two}]}]"))

    assert story.until("2026-03-20 10:00").sent == ["Mon 10:00 one", "Tue 10:00 two"]


def test_a_sender_is_whoever_holds_the_role() -> None:
    rules = playbook("""
stages:
  - name: one
    owner: rep
    plays: [{name: hi, on: entered, do: [{email: a}, {email: b, owner: expert, marketing: false}]}]
""")
    story = Story(rules, owners={"rep": {"name": "Ren"}, "expert": {"name": "Exa"}})

    assert [email.sender.name for email in story.all(SendEmail) if email.sender] == ["Ren", "Exa"]


LETTER = of_stage("[{name: letter, on: demo_held, do: [{email: hello}]}]")


def test_an_opt_out_calls_off_what_was_decided_at_the_same_moment() -> None:
    story = Story(LETTER)

    story.tell_at_once(story.fact("demo_held"), story.fact("opted_out"))

    assert story.sent == []


def test_an_opt_out_calls_off_what_is_on_its_way() -> None:
    story = Story(LETTER)
    story.keep("send_email")
    story.tell("demo_held")

    assert len(story.tell("opted_out").withdraw) == 1


@pytest.mark.parametrize(("sent", "told"), [(True, "boss: sent"), (False, "boss: left out")])
def test_plays_hear_what_became_of_an_uncertain_message(sent: bool, told: str) -> None:
    plays = """
- {name: write, on: entered, do: [{after: 1h, email: hello}]}
- {name: after, on: {email_sent: hello}, do: [{notify: boss, text: sent}]}
- {name: else, on: {step_skipped: hello}, do: [{notify: boss, text: left out}]}
"""
    story = Story(of_stage(plays))
    story.keep("hello")
    email = story.wait(hours=1).all(SendEmail)[-1]
    story.come_back(email, "uncertain", reason="no answer")

    story.order("resolve_touch", effect=email.id, sent=sent, why="asked them")

    assert story.told == [told]
