"""What follows from what a contact answered: later, somebody else, never again."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from dealwright.deal import Contact
from dealwright.effects import SendEmail
from tests.dealwright.consent_stories import BEN, NEWS, points, told_to
from tests.dealwright.story import ANA, Story, of_stage, playbook

BO = {"name": "Bo Lin", "email": "bo@buyer.example"}

SLEEPS = playbook("""
stages:
  - name: nurture
    owner: rep
    leave_when: {task_done: write_again}
    plays:
      - {name: back, on: {after: deal.back_on}, do: [{task: write_again, due: 1bd}]}
  - name: selling
    owner: rep
""")


def contacts(story: Story) -> list[str]:
    return [one.id for one in (story.state.deal.contacts if story.state.deal else None) or ()]


def contact(story: Story, id_: str) -> Contact:
    assert story.state.deal is not None
    return next(one for one in story.state.deal.contacts or () if one.id == id_)


def reply(story: Story, sentiment: str, **more: object) -> None:
    story.tell("reply_received", sentiment=sentiment, **more)


# --- not now ------------------------------------------------------------------------------------------------


def test_who_says_not_now_is_come_back_to_on_the_day_that_they_name() -> None:
    story = Story(SLEEPS)

    reply(story, "not_now", back_on="2026-06-08")

    assert "write_again" not in story.until("2026-06-05 18:00").tasks
    assert "write_again" in story.until("2026-06-08 09:00").tasks


def test_another_day_moves_what_is_reckoned_from_the_first() -> None:
    story = Story(SLEEPS)
    reply(story, "not_now", back_on="2026-06-08")

    reply(story, "not_now", back_on="2026-09-01")

    assert "write_again" not in story.until("2026-08-31 18:00").tasks
    assert "write_again" in story.until("2026-09-01 09:00").tasks


@pytest.mark.parametrize("sentiment", ["interested", "not_interested", "unsubscribe"])
def test_nobody_waits_for_that_day_once_they_have_said_otherwise(sentiment: str) -> None:
    story = Story(SLEEPS)
    reply(story, "not_now", back_on="2026-06-08")

    reply(story, sentiment)

    assert story.state.deal is not None
    assert story.state.deal.back_on is None
    assert "write_again" not in story.until("2026-07-01 18:00").tasks


def test_a_not_now_that_comes_in_after_a_later_yes_is_overtaken() -> None:
    story = Story(SLEEPS, at="2026-03-05 10:00")
    reply(story, "interested", at="2026-03-04T10:00:00Z")

    reply(story, "not_now", back_on="2026-06-08", at="2026-03-03T10:00:00Z")

    assert story.state.deal is not None
    assert story.state.deal.back_on is None


def test_a_not_now_without_a_day_leaves_the_one_that_was_named() -> None:
    story = Story(SLEEPS)
    reply(story, "not_now", back_on="2026-06-08")

    reply(story, "not_now")

    assert "write_again" in story.until("2026-06-08 09:00").tasks


def test_a_day_to_come_back_on_is_no_reason_of_the_deals_end() -> None:
    story = Story(SLEEPS)
    reply(story, "not_now", back_on="2026-06-08")

    assert story.state.told_reason is None


def test_somebody_may_correct_the_day_by_hand() -> None:
    story = Story(SLEEPS)

    assert story.order("amend", why="they called", known={"back_on": "2026-04-07"}).accepted

    assert "write_again" in story.until("2026-04-07 09:00").tasks


# --- the wrong person ---------------------------------------------------------------------------------------


def test_whom_the_wrong_person_names_takes_their_place() -> None:
    story = Story(NEWS, contacts=[ANA, BEN])

    reply(story, "wrong_person", contact="ana", refers_to=BO)
    story.tell("note_added", text="anything")

    assert told_to(story) == ["bo@buyer.example"]
    assert contacts(story) == ["bo@buyer.example", "ben"]


def test_the_wrong_person_gets_nothing_more_although_nobody_else_is_named() -> None:
    story = Story(NEWS, contacts=[ANA, BEN])

    reply(story, "wrong_person", address="ana@buyer.example")
    story.tell("note_added", text="anything")

    assert told_to(story) == ["ben@buyer.example"]


def test_a_contact_whom_the_wrong_person_names_by_address_stays_who_they_are() -> None:
    story = Story(NEWS, contacts=[ANA, BEN])

    reply(story, "wrong_person", contact="ana", refers_to={"email": "Ben@buyer.example"})

    assert contacts(story) == ["ben"]
    assert contact(story, "ben").name == "Ben"


def test_a_message_on_its_way_in_a_conversation_is_a_new_one_for_the_other_person() -> None:
    story = Story(
        of_stage("[{name: news, on: note_added, steps: [{email: one}, {after: 1bd, email: two, reply: true}]}]")
    )
    story.tell("note_added", text="anything")

    reply(story, "wrong_person", refers_to=BO)
    story.until("2026-03-03 18:00")

    last = story.all(SendEmail)[-1]
    assert (last.template, last.to.email, last.reply_to_effect) == ("two", "bo@buyer.example", None)


def test_what_is_told_later_of_the_wrong_person_brings_them_back() -> None:
    story = Story(NEWS, contacts=[ANA, BEN]).until("2026-03-05 10:00")
    reply(story, "wrong_person", contact="ana", at="2026-03-03T10:00:00Z")

    story.tell("contacts_learned", contacts=[ANA], at="2026-03-04T10:00:00Z")

    assert contacts(story) == ["ben", "ana"]


def test_who_is_known_better_since_then_does_not_leave_by_an_older_reply() -> None:
    story = Story(NEWS, contacts=[ANA, BEN]).until("2026-03-05 10:00")
    story.tell("contacts_learned", contacts=[{**ANA, "role": "champion"}], at="2026-03-04T10:00:00Z")

    reply(story, "wrong_person", contact="ana", at="2026-03-03T10:00:00Z")

    assert contacts(story) == ["ana", "ben"]


def test_a_reply_from_before_the_deal_was_opened_takes_nobody_away_who_was_named_then() -> None:
    story = Story(NEWS)

    reply(story, "wrong_person", contact="ana", at="2026-03-01T10:00:00Z")

    assert contacts(story) == ["ana"]


def test_an_opt_out_of_somebody_who_has_left_as_the_wrong_person_silences_their_address() -> None:
    story = Story(NEWS, contacts=[ANA, BEN])
    reply(story, "wrong_person", contact="ana")

    story.tell("opted_out", address="ana@buyer.example")

    assert "ana@buyer.example" in story.state.silenced
    assert points(story) == []


# --- a referral ---------------------------------------------------------------------------------------------


def test_a_referral_adds_whom_it_names_and_the_deal_goes_on_with_both() -> None:
    story = Story(NEWS)

    reply(story, "referral", refers_to=BO)
    story.tell("note_added", text="anything")

    assert contacts(story) == ["ana", "bo@buyer.example"]
    assert told_to(story) == ["ana@buyer.example"]


def test_whoever_was_named_knows_by_whom() -> None:
    story = Story(NEWS)

    reply(story, "referral", refers_to=BO)

    assert contact(story, "bo@buyer.example").referred_by == "Ana"


def test_whoever_was_named_by_address_may_be_taken_out_again() -> None:
    story = Story(NEWS)
    reply(story, "referral", refers_to=BO)

    story.order("amend", why="they left", known={"contacts": [ANA]})

    assert contacts(story) == ["ana"]


def test_a_reply_that_names_nobody_by_an_empty_reference_is_refused() -> None:
    story = Story(NEWS)

    reply(story, "referral", refers_to={"role": "buyer"})

    assert (
        story.last(e.FactRefused).error == "refers_to: Nobody is named. Write a name, an email or the id of a contact."
    )


# --- unsubscribe --------------------------------------------------------------------------------------------


def test_a_reply_that_unsubscribes_is_an_opt_out_in_one_fact() -> None:
    story = Story(
        of_stage("[{name: news, on: note_added, until: opted_out, steps: [{email: one}, {after: 1bd, email: two}]}]")
    )
    story.tell("note_added", text="anything")

    reply(story, "unsubscribe", id="r-1")

    assert story.until("2026-03-10 10:00").sent == ["Mon 10:00 one"]
    assert [(one.fact, one.id) for one in story.noted(e.FactTaken)] == [
        ("note_added", None), ("reply_received", "r-1"), ("opted_out", "r-1:opted-out"),
    ]  # fmt: skip


def test_a_colleague_who_unsubscribes_ends_nothing_of_the_others() -> None:
    story = Story(NEWS, contacts=[ANA, BEN])

    reply(story, "unsubscribe", contact="ben")
    story.tell("note_added", text="anything")

    assert told_to(story) == ["ana@buyer.example"]
    assert [*story.state.opted_out] == ["ben"]


def test_whoever_unsubscribes_after_the_deals_end_is_heard() -> None:
    story = Story(NEWS)
    story.order("close", outcome="lost", why="no budget")

    reply(story, "unsubscribe", address="ana@buyer.example")

    assert "ana@buyer.example" in story.state.silenced


# --- out of office ------------------------------------------------------------------------------------------


def test_an_automatic_reply_without_a_day_holds_messages_for_three_business_days() -> None:
    story = Story(NEWS)

    reply(story, "out_of_office")
    story.tell("note_added", text="anything")

    assert story.until("2026-03-05 18:00").sent == ["Thu 10:00 one"]


def test_a_playbook_says_how_long_somebody_is_away_who_names_no_day() -> None:
    story = Story(of_stage("[{name: news, on: note_added, steps: [{email: one}]}]", before="absence: 1bd"))

    reply(story, "out_of_office")
    story.tell("note_added", text="anything")

    assert story.until("2026-03-06 18:00").sent == ["Tue 10:00 one"]


def test_an_automatic_reply_without_a_day_changes_nothing_of_a_day_that_is_known() -> None:
    story = Story(NEWS)
    reply(story, "out_of_office", returns_on="2026-03-12")

    reply(story, "out_of_office")
    story.tell("note_added", text="anything")

    assert story.until("2026-03-12 12:00").sent == ["Thu 09:00 one"]


# --- which word a playbook has for it -------------------------------------------------------------------------


def test_a_playbook_that_does_not_speak_of_an_answer_hears_it_as_another_one() -> None:
    story = Story(of_stage("[{name: read, on: {reply_received: other}, do: [{task: read_it}]}]"))

    reply(story, "not_now", back_on="2026-06-08")

    assert [*story.tasks] == ["read_it"]


def test_a_playbook_that_speaks_of_an_answer_hears_it_as_what_it_is() -> None:
    plays = """
    - {name: read, on: {reply_received: other}, do: [{task: read_it}]}
    - {name: later, on: {reply_received: not_now}, do: [{task: come_back}]}
    """
    story = Story(of_stage("\n".join(line[4:] for line in plays.strip("\n").splitlines())))

    reply(story, "not_now")

    assert [*story.tasks] == ["come_back"]


def test_a_play_that_waits_for_any_reply_starts_once_by_an_answer_heard_as_another_one() -> None:
    story = Story(of_stage("[{name: read, on: [reply_received, {reply_received: other}], do: [{task: read_it}]}]"))

    reply(story, "wrong_person")

    assert sum(isinstance(one, e.PlayStarted) for one in story.entries) == 1


# --- read by somebody -----------------------------------------------------------------------------------------


def test_whoever_reads_a_mail_may_say_better_what_it_says() -> None:
    story = Story(SLEEPS)
    reply(story, "other", id="mail:1", message_id="<1@buyer.example>")

    reply(story, "not_now", id="read:1", message_id="<1@buyer.example>", back_on="2026-06-08")

    assert "reply_received:not_now" in story.state.happened


def test_the_same_mail_is_judged_once() -> None:
    story = Story(SLEEPS)
    reply(story, "not_now", id="read:1", message_id="<1@buyer.example>")

    reply(story, "interested", id="read:2", message_id="<1@buyer.example>")
    reply(story, "other", id="mail:1", message_id="<1@buyer.example>")

    assert [one.no_news for one in story.noted(e.FactTaken)] == [None, "known already", "known already"]


def test_a_mail_that_is_told_again_brings_nobody_back_who_has_left() -> None:
    story = Story(SLEEPS)
    mail = {"message_id": "<1@buyer.example>", "at": "2026-03-02T09:00:00Z", "refers_to": {"email": ANA["email"]}}
    reply(story, "other", id="mail:1", **mail)
    reply(story, "wrong_person", refers_to={"id": "bo", "name": "Bo", "email": "bo@buyer.example"})

    reply(story, "other", id="crm:7", **mail)

    assert story.state.deal is not None
    assert [one.id for one in story.state.deal.contacts or ()] == ["bo"]


def test_another_judgement_of_the_same_mail_forgets_no_day() -> None:
    story = Story(SLEEPS)
    reply(story, "not_now", id="read:1", message_id="<1@buyer.example>", back_on="2026-06-08")

    reply(story, "interested", id="read:2", message_id="<1@buyer.example>")

    assert story.state.deal is not None
    assert str(story.state.deal.back_on) == "2026-06-08"
