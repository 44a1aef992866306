"""Bursts of triggers, and limits of touches."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from dealwright.effects import SendEmail
from tests.dealwright.story import Story, of_stage


def test_marketing_of_several_plays_at_one_moment_leaves_a_business_day_apart() -> None:
    story = Story(
        of_stage(
            """
- {name: a, on: entered, do: [{email: a}]}
- {name: b, on: entered, do: [{email: b}]}
- {name: c, on: entered, do: [{email: c}]}
"""
        )
    )

    assert story.until("2026-03-10 10:00").sent == ["Mon 10:00 a", "Tue 10:00 b", "Wed 10:00 c"]


def test_marketing_of_another_play_waits_until_a_business_day_after_the_last() -> None:
    story = Story(of_stage("[{name: a, on: entered, do: [{email: a}]}, {name: b, on: demo_held, do: [{email: b}]}]"))

    story.until("2026-03-02 11:00").tell("demo_held")

    assert story.until("2026-03-10 10:00").sent == ["Mon 10:00 a", "Tue 10:00 b"]


ASKED = """
approvals: [{name: price, of: proposal.discount, levels: [{up_to: 5, by: []}, {by: [boss]}]}]
"""
QUOTE = (
    "[{name: q, on: discount_requested, steps: [{approval: price}, {email: quote, marketing: false, needs: price}]}]"
)


def test_what_two_runs_have_waited_to_say_is_said_once() -> None:
    story = Story(of_stage(QUOTE, before=ASKED))
    story.tell("discount_requested", percent="20")
    story.until("2026-03-02 11:00").tell("discount_requested", percent="0")

    assert story.sent == ["Mon 11:00 quote"]
    assert story.last(e.StepSkipped).why == "the same message goes to them now"


def test_what_two_runs_tried_to_say_while_mail_was_away_is_said_once() -> None:
    story = Story(of_stage("[{name: q, on: note_added, do: [{email: hello, marketing: false}]}]"))
    story.keep("hello")
    story.tell("note_added", text="one")
    (first,) = story.all(SendEmail)
    story.come_back(first, "not_done", reason="the mail server is away")
    story.wait(minutes=5).tell("note_added", text="two")
    second = story.all(SendEmail)[-1]
    story.come_back(second, "deferred", reason="the mail server is away", until="2026-03-02T10:15:00Z")

    assert story.until("2026-03-02 10:15").sent == ["Mon 10:00 hello", "Mon 10:05 hello", "Mon 10:15 hello"]
    assert story.until("2026-03-03 10:00").sent[3:] == []


def test_the_same_words_at_another_moment_are_another_message() -> None:
    story = Story(of_stage("[{name: q, on: note_added, do: [{email: hello, marketing: false}]}]"))
    story.tell("note_added", text="one")
    story.wait(hours=1).tell("note_added", text="two")

    assert story.sent == ["Mon 10:00 hello", "Mon 11:00 hello"]


LIMITED = "limits: {{touches_per_contact: {{per: 7d, max: 3{more}}}, sends_per_rep: {{per: 1d, max: 5{more}}}}}"


@pytest.mark.parametrize(("more", "caps"), [("", 0), (", service: true", 2)])
def test_only_marketing_is_capped_unless_the_playbook_says_otherwise(more: str, caps: int) -> None:
    plays = "[{name: a, on: entered, do: [{email: a}, {email: b, marketing: false}]}]"
    story = Story(of_stage(plays, before=LIMITED.format(more=more)))

    emails = {email.template: len(email.caps) for email in story.all(SendEmail)}

    assert emails == {"a": 2, "b": caps}


WIDER = "limits: {touches_per_account: {per: 7d, max: 5}, sends_per_mailbox: {per: 1d, max: 40}}"
HELLO = "[{name: a, on: entered, do: [{email: a}]}]"


@pytest.mark.parametrize(
    ("known", "keys"),
    [
        ({}, {"mailbox": "team"}),
        ({"account": {"id": "acme"}}, {"account": "acme", "mailbox": "team"}),
        ({"owners": {"rep": {"name": "Jo", "email": "Jo@Seller.example"}}}, {"mailbox": "jo@seller.example"}),
        ({"owners": {"rep": {"name": "Jo"}}}, {"mailbox": "team"}),
    ],
)
def test_a_message_counts_for_its_account_and_for_the_mailbox_that_it_is_from(
    known: dict[str, object], keys: dict[str, str]
) -> None:
    (email,) = Story(of_stage(HELLO, before=WIDER), at="2026-03-02 10:00", **known).all(SendEmail)

    assert {cap.scope: cap.key for cap in email.caps} == keys
    assert [cap.most for cap in email.caps if cap.scope == "mailbox"] == [40]
