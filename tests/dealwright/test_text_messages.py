"""Text messages that Dealwright itself sends: to whom, when, how often, and what ends them."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from dealwright.effects import SendSms
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.loading import check_bundle
from dealwright.views.snapshot import snapshot_of
from tests.dealwright.playbook.valid_playbook import PLAYBOOK, TEMPLATES
from tests.dealwright.story import Story, of_stage

ANA = {"id": "ana", "name": "Ana", "email": "ana@buyer.example", "phone": "+1 (415) 555-0100", "timezone": "UTC"}
BEN = {"id": "ben", "name": "Ben", "phone": "+44 20 7946 0958", "timezone": "UTC"}
NUMBER = "+14155550100"


def rules(channels: str = "", steps: str = "{sms: hello, by: machine}") -> Playbook:
    return of_stage(
        f"- {{name: text, on: demo_held, steps: [{steps}, {{task: go_on}}]}}",
        before=f"channels: {{{channels}}}" if channels else "",
    )


def texted(playbook: Playbook | None = None, *, contacts: tuple[dict[str, str], ...] = (ANA,), **more: str) -> Story:
    """A deal whose contacts allowed text messages, and whose play has begun."""
    story = Story(playbook or rules(), contacts=[*contacts], **more)
    for contact in contacts:
        story.tell("channel_allowed", channel="sms", contact=contact["id"])
    story.tell("demo_held")
    return story


def test_it_goes_to_the_number_of_a_contact_who_agreed() -> None:
    story = texted()

    (sent,) = story.all(SendSms)
    assert (sent.template, sent.to.id, sent.address, sent.first) == ("hello", "ana", NUMBER, True)
    assert "go_on" in story.tasks


def test_the_story_tells_it_as_a_touch_of_the_machine() -> None:
    story = texted()

    (started,) = (one for one in story.noted(e.EffectStarted) if one.does == "send_sms")
    assert (started.channel, started.touch_by, started.address) == ("sms", "machine", NUMBER)
    assert snapshot_of(story.state).first_touch_at == story.now


def test_who_never_agreed_gets_none() -> None:
    story = Story(rules(), contacts=[ANA])
    story.tell("demo_held")

    assert story.all(SendSms) == []
    assert story.last(e.StepSkipped).why == "the contact has not allowed text messages"


def test_without_by_machine_a_person_is_asked() -> None:
    story = texted(rules(steps="{sms: hello}"))

    assert (story.all(SendSms), "hello" in story.tasks) == ([], True)


def test_a_number_without_its_country_is_none_and_somebody_is_told() -> None:
    story = texted(contacts=({**ANA, "phone": "030 1234567"},))

    assert story.all(SendSms) == []
    assert "no-number" in story.state.attention


def test_it_goes_to_the_next_contact_when_the_first_refused() -> None:
    story = Story(rules(), contacts=[ANA, BEN])
    for contact in ("ana", "ben"):
        story.tell("channel_allowed", channel="sms", contact=contact)
    story.tell("channel_refused", channel="sms", address=NUMBER)
    story.tell("demo_held")

    (sent,) = story.all(SendSms)
    assert sent.to.id == "ben"


def test_stop_holds_for_the_number_whoever_has_it() -> None:
    story = texted()
    story.tell("channel_refused", channel="sms", address="+1 415 555 0100")
    story.order("amend", known={"contacts": [{**BEN, "phone": ANA["phone"]}]}, why="Ana left, and gave Ben her phone")
    story.tell("channel_allowed", channel="sms", contact="ben")
    story.wait(days=2).tell("demo_held", demo="another")

    assert len(story.all(SendSms)) == 1
    assert story.last(e.StepSkipped).why == "the contact refused text messages"


def test_start_takes_stop_back() -> None:
    story = Story(rules(), contacts=[ANA])
    story.tell("channel_refused", channel="sms", address=NUMBER)
    story.wait(minutes=1).tell("channel_allowed", channel="sms", address=NUMBER)
    story.tell("demo_held")

    assert len(story.all(SendSms)) == 1


def test_stop_calls_off_what_is_on_its_way() -> None:
    story = Story(rules(), contacts=[ANA])
    story.keep("send_sms")
    story.tell("channel_allowed", channel="sms", contact="ana")
    story.tell("demo_held")
    story.wait(minutes=1).tell("channel_refused", channel="sms", address=NUMBER)

    (sent,) = story.all(SendSms)
    assert story.withdrawn == [sent.id]


def test_whoever_opted_out_of_marketing_gets_none() -> None:
    story = Story(rules(), contacts=[ANA])
    story.tell("channel_allowed", channel="sms", contact="ana")
    story.tell("opted_out", contact="ana")
    story.tell("demo_held")

    assert story.all(SendSms) == []


def test_stop_does_not_end_mail() -> None:
    story = Story(rules(steps="{email: hello}"), contacts=[ANA])
    story.tell("channel_refused", channel="sms", address=NUMBER)
    story.tell("demo_held")

    assert story.sent == ["Mon 10:00 hello"]


def test_a_number_at_which_nothing_arrives_gets_no_more_of_them_and_mail_goes_on() -> None:
    story = texted(
        rules(steps="{sms: hello, by: machine}, {after: 2d, sms: again, by: machine}, {after: 1d, email: hi}")
    )
    (sent,) = story.all(SendSms)
    story.tell("sms_undelivered", kind="hard", touch=sent.id)
    story.wait(days=5)

    assert len(story.all(SendSms)) == 1
    assert story.sent == ["Thu 10:00 hi"]


@pytest.mark.parametrize("whose", [{}, {"contact": "ana"}])
def test_a_text_message_that_did_not_arrive_says_nothing_of_mail(whose: dict[str, str]) -> None:
    story = texted(rules(steps="{email: hello}, {sms: hello, by: machine}, {after: 1d, email: hi}"))

    story.tell("sms_undelivered", kind="hard", **whose)
    story.wait(days=3)

    assert [*story.state.silenced] == [NUMBER]
    assert story.sent == ["Mon 10:00 hello", "Tue 10:00 hi"]


@pytest.mark.parametrize("whose", [{}, {"contact": "ana"}])
def test_mail_that_bounced_says_nothing_of_text_messages(whose: dict[str, str]) -> None:
    story = texted(rules(steps="{email: hello}, {sms: hello, by: machine}, {after: 2d, sms: again, by: machine}"))

    story.tell("email_bounced", kind="hard", **whose)

    assert [*story.state.silenced] == ["ana@buyer.example"]


def test_a_text_message_that_did_not_arrive_silences_nothing_where_no_number_is_known() -> None:
    story = Story(rules(steps="{email: hello}"), contacts=[{"id": "cy", "name": "Cy", "email": "cy@buyer.example"}])
    story.tell("demo_held")

    story.tell("sms_undelivered", kind="hard")

    assert not story.state.silenced


def test_a_phone_that_is_off_ends_nothing() -> None:
    story = texted(rules(steps="{sms: hello, by: machine}, {after: 2d, sms: again, by: machine}"))
    story.tell("sms_undelivered", kind="soft", address=NUMBER)

    assert len(story.wait(days=3).all(SendSms)) == 2


def test_it_waits_for_the_hours_of_the_channel_on_the_contacts_clock() -> None:
    playbook = rules('sms: {hours: "Mon-Fri 12:00-14:00"}')
    story = texted(playbook, contacts=({**ANA, "timezone": "Asia/Tokyo"},))

    assert story.all(SendSms) == []
    (sent,) = story.until("2026-03-03 03:00").all(SendSms)  # noon there
    assert str(sent.not_after) == "2026-03-03 05:00:00+00:00"


def test_without_hours_of_its_own_it_comes_in_hours_of_business() -> None:
    story = texted(at="2026-03-01 03:00")  # a Sunday

    assert story.all(SendSms) == []
    assert len(story.until("2026-03-02 09:00").all(SendSms)) == 1


def test_the_channels_limit_holds_and_goes_along_for_all_deals() -> None:
    steps = "{sms: hello, by: machine}, {after: 1d, sms: again, by: machine}"
    story = texted(rules("sms: {limit: {per: 7d, max: 1}}", steps))

    (sent,) = story.all(SendSms)
    assert [(cap.scope, cap.key, cap.most) for cap in sent.caps] == [("sms", "ana@buyer.example", 1)]
    assert len(story.until("2026-03-09 09:55").all(SendSms)) == 1
    assert len(story.until("2026-03-10 10:00").all(SendSms)) == 2


def test_what_may_have_gone_out_counts_for_the_channels_limit() -> None:
    steps = "{sms: hello, by: machine}, {after: 2d, sms: again, by: machine}"
    story = Story(rules("sms: {limit: {per: 7d, max: 1}}", steps), contacts=[ANA])
    story.keep("send_sms")
    story.tell("channel_allowed", channel="sms", contact="ana")
    story.tell("demo_held")
    story.come_back(story.all(SendSms)[0], "uncertain", reason="no answer")

    story.wait(days=4)
    assert [one.template for one in story.all(SendSms)] == ["hello"]
    story.wait(days=5)
    assert [one.template for one in story.all(SendSms)] == ["hello", "again"]


def test_messages_wait_until_the_contact_is_back() -> None:
    story = Story(rules(), contacts=[ANA])
    story.tell("channel_allowed", channel="sms", contact="ana")
    story.tell("reply_received", sentiment="out_of_office", returns_on="2026-03-06", contact="ana")
    story.tell("demo_held")

    assert story.until("2026-03-05 12:00").all(SendSms) == []
    assert len(story.until("2026-03-06 12:00").all(SendSms)) == 1


def test_a_reply_by_text_message_stops_the_play_and_finds_its_contact() -> None:
    steps = "[{sms: a, by: machine}, {after: 2d, sms: b, by: machine}]"
    story = texted(of_stage(f"- {{name: text, on: demo_held, until: reply_received, steps: {steps}}}"))
    story.tell("reply_received", sentiment="other", channel="sms", address=NUMBER, note="Call me")
    story.wait(days=5)

    assert len(story.all(SendSms)) == 1
    assert (story.last(e.FactTaken).contact, story.state.runs) == ("ana", {})


def test_what_handed_nothing_over_is_made_anew_of_what_is_known_then() -> None:
    story = Story(rules(), contacts=[ANA])
    story.keep("send_sms")
    story.tell("channel_allowed", channel="sms", contact="ana")
    story.tell("demo_held")
    (first,) = story.all(SendSms)
    story.come_back(first, "not_done", reason="away")
    story.order("amend", known={"contacts": [{**ANA, "phone": "+44 20 7946 0958"}]}, why="a new number")
    story.wait(minutes=20)

    assert [one.address for one in story.all(SendSms)] == [NUMBER, "+442079460958"]
    assert {one.id for one in story.all(SendSms)} == {first.id}


TEXT = 'Hi {{ contact.name }}, {{ sender.name if sender else "the team" }} here.'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (TEXT, None),
        ("Hi {{ contact.name }}", "it does not say who writes: a number alone tells nobody"),
        (f"Subject: Hi\n\n{TEXT}", "a text message has no subject"),
        (f"{TEXT} {'far too long ' * 40}", "its text has 4 segments even without what is filled in"),
        (" ", "the message is empty"),
    ],
)  # fmt: skip
def test_its_template_is_checked(text: str, problem: str | None) -> None:
    playbook = PLAYBOOK.replace("email: ", "sms: hello, by: machine}\n          - {email: ", 1)
    files = {"playbook.yaml": playbook, **TEMPLATES, "templates/hello.sms.md": text}
    found = [one.problem for one in check_bundle(files)]

    assert (problem in found) if problem else not [one for one in found if "sms" in one or "text message" in one]
