from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from integrations.mail.inbound.deal_events import NO_MESSAGE_OF_OURS, deal_events
from integrations.mail.inbound.incoming import read_mail
from integrations.mail.inbound.mail_events import Ignored, MailEvent, Opened, SentMessage, Undelivered, Unwanted
from store import suppression
from store.database import Store
from store.intake import Event, IntakeState
from tests.integrations.mail.letters import RECEIVED, SAMPLES, letter, raw, sample
from tests.integrations.mail.sent_letters import DEAL, EFFECT, builder_of, sent

WRITTEN = datetime(2027, 5, 4, 9, 58, tzinfo=UTC)


async def told(store: Store, message: bytes | MailEvent, **envelope: object) -> Event:
    mail = read_mail(message, RECEIVED, **envelope) if isinstance(message, bytes) else message  # type: ignore[arg-type]
    (event,) = await deal_events(store, "mail", [mail], RECEIVED)
    return event


async def test_a_reply_is_told_to_the_deal_whose_message_it_answers(store: Store) -> None:
    ours = await sent(store)
    event = await told(store, letter(In_Reply_To=ours["Message-ID"]))
    assert (event.state, event.deal_ref, event.fact) == (IntakeState.WAITING, DEAL, "reply_received")
    assert event.payload == {
        "id": "mail:answer-1@acme.test", "source": "mail", "at": "2027-05-04T09:58:00Z", "contact": "ada",
        "address": "ada@acme.test", "sentiment": "other", "message_id": "<answer-1@acme.test>",
    }  # fmt: skip


async def test_the_same_message_is_the_same_event_whenever_it_comes(store: Store) -> None:
    ours = await sent(store)
    message = letter(In_Reply_To=ours["Message-ID"])
    assert await told(store, message) == await told(store, message)


async def test_references_lead_to_the_deal_where_in_reply_to_does_not(store: Store) -> None:
    ours = await sent(store)
    event = await told(store, letter(In_Reply_To="<lost@x>", References=f"{ours['Message-ID']} <lost@x>"))
    assert event.deal_ref == DEAL


async def test_an_address_of_the_touch_leads_to_the_deal_without_any_header(store: Store) -> None:
    ours = await sent(store)
    own = str(ours["Reply-To"]).split(", ")[1]
    assert (await told(store, letter(To=own))).deal_ref == DEAL
    assert (await told(store, letter(), envelope_recipients=[own])).deal_ref == DEAL


async def test_the_address_goes_before_what_the_headers_say(store: Store) -> None:
    first = await sent(store)
    second = await sent(store, "other-2/cold/1/0/1", "other-2")
    own = str(second["Reply-To"]).split(", ")[1]
    assert (await told(store, letter(To=own, In_Reply_To=first["Message-ID"]))).deal_ref == "other-2"


async def test_the_tenth_reply_of_a_thread_finds_the_deal_though_programs_cut_references(store: Store) -> None:
    answered = (await sent(store))["Message-ID"]
    for number in range(10):
        own = f"<reply-{number}@acme.test>"
        event = await told(store, letter(Message_ID=own, In_Reply_To=answered, References=answered))
        assert event.deal_ref == DEAL, number
        answered = own


async def test_a_colleague_of_the_contact_who_answers_is_told_by_address_and_name(store: Store) -> None:
    ours = await sent(store)
    event = await told(store, letter(From="Bob Noyce <bob@acme.test>", In_Reply_To=ours["Message-ID"]))
    assert event.payload["address"] == "bob@acme.test"
    assert event.payload["note"] == "From Bob Noyce <bob@acme.test>"
    assert "contact" not in event.payload


async def test_our_reps_own_answer_is_no_reply_and_carries_the_thread_on(store: Store) -> None:
    ours = await sent(store)
    rep = letter(From="Jane Doe <JANE@seller.test>", Message_ID="<rep@x>", In_Reply_To=ours["Message-ID"])
    assert (await told(store, rep)).last_error == "a colleague of ours wrote it"
    assert (await told(store, letter(In_Reply_To="<rep@x>"))).deal_ref == DEAL


async def test_a_copy_of_our_own_message_is_skipped(store: Store) -> None:
    ours = await sent(store)
    event = await told(store, ours.as_bytes())
    assert (event.state, event.last_error) == (IntakeState.SKIPPED, "this is a message of ours")


async def test_mail_that_answers_no_message_is_kept_and_skipped(store: Store) -> None:
    event = await told(store, letter(Subject="Hello"))
    assert (event.state, event.last_error) == (IntakeState.SKIPPED, NO_MESSAGE_OF_OURS)
    assert event.payload == {"from": "ada@acme.test", "subject": "Hello", "message_id": "answer-1@acme.test"}


async def test_a_reply_of_nobody_is_kept_and_refused(store: Store) -> None:
    ours = await sent(store)
    event = await told(store, letter(From="undisclosed", In_Reply_To=ours["Message-ID"]))
    assert (event.state, event.last_error) == (IntakeState.REFUSED, "it does not say who wrote it")


async def test_an_absence_notice_says_who_is_away_and_until_when(store: Store) -> None:
    ours = await sent(store)
    notice = letter(
        In_Reply_To=ours["Message-ID"], X_Apple_Action="VACATION",
        X_Apple_Criteria="{kind=VACATION,endDate=2027-05-14T21:59:59Z}",
    )  # fmt: skip
    event = await told(store, notice)
    assert (event.payload["sentiment"], event.payload["returns_on"]) == ("out_of_office", "2027-05-15")
    assert event.payload["contact"] == "ada"


async def test_a_notice_from_another_address_speaks_for_the_mailbox_that_was_written_to(store: Store) -> None:
    bounces = (await builder_of(store)).return_path(EFFECT)
    await sent(store)
    notice = letter(From="a.byron@group.test", To=bounces, Auto_Submitted="auto-replied")
    event = await told(store, notice)
    assert (event.payload["contact"], event.payload["address"]) == ("ada", "ada@acme.test")


def report_on(message_id: str, action: str = "failed", status: str = "5.1.1") -> bytes:
    body = "\r\n".join([
        "--r", "Content-Type: text/plain", "", "Sorry.", "--r", "Content-Type: message/delivery-status", "",
        "Reporting-MTA: dns; mx.acme.test", "", "Final-Recipient: rfc822; ada@acme.test", f"Action: {action}",
        f"Status: {status}", "", "--r", "Content-Type: text/rfc822-headers", "", f"Message-ID: {message_id}", "--r--",
    ])  # fmt: skip
    type_ = 'multipart/report; report-type=delivery-status; boundary="r"'
    return letter(body, From="MAILER-DAEMON@acme.test", Content_Type=type_, Auto_Submitted="auto-replied")


async def test_a_delivery_report_is_a_bounce_and_no_absence(store: Store) -> None:
    ours = await sent(store)
    event = await told(store, report_on(ours["Message-ID"]))
    assert (event.deal_ref, event.fact) == (DEAL, "email_bounced")
    assert event.payload == {
        "id": "mail:answer-1@acme.test", "source": "mail", "at": "2027-05-04T09:58:00Z", "kind": "hard",
        "touch": EFFECT, "address": "ada@acme.test", "note": "5.1.1",
    }  # fmt: skip


async def test_a_report_to_the_return_path_needs_no_id(store: Store) -> None:
    await sent(store)
    bounces = (await builder_of(store)).return_path(EFFECT)
    event = await told(store, raw("ndr.office365.no_delivery_status"), envelope_recipients=[bounces])
    assert (event.fact, event.payload["kind"], event.payload["touch"]) == ("email_bounced", "hard", EFFECT)


async def test_a_delayed_message_has_not_bounced(store: Store) -> None:
    ours = await sent(store)
    event = await told(store, report_on(ours["Message-ID"], "delayed", "4.4.1"))
    assert event.state is IntakeState.SKIPPED


async def test_mail_to_the_address_for_it_unsubscribes(store: Store) -> None:
    ours = await sent(store)
    address = str(ours["List-Unsubscribe"]).removeprefix("<mailto:").partition("?")[0]
    event = await told(store, letter("", To=address, Subject="anything"))
    assert (event.deal_ref, event.fact) == (DEAL, "opted_out")
    assert (event.payload["id"], event.payload["contact"]) == (f"unsubscribe:{EFFECT}", "ada")
    assert await suppression.suppressed(store, "ada@acme.test") is not None


async def test_the_subject_of_the_link_unsubscribes_where_all_mail_has_one_address(store: Store) -> None:
    ours = await sent(store)
    subject = str(ours["List-Unsubscribe"]).partition("subject=")[2].removesuffix(">").replace("%20", " ")
    event = await told(store, letter("", To="deals@seller.test", Subject=subject))
    assert (event.deal_ref, event.fact) == (DEAL, "opted_out")


@pytest.mark.parametrize("subject", ["unsubscribe", "unsubscribe made-up.token", "Please unsubscribe me"])
async def test_words_unsubscribe_nobody(store: Store, subject: str) -> None:
    ours = await sent(store)
    event = await told(store, letter("Unsubscribe me!", Subject=subject, In_Reply_To=ours["Message-ID"]))
    assert event.fact == "reply_received"
    assert await suppression.suppressed(store, "ada@acme.test") is None


@pytest.mark.parametrize("fact", ["reply_received", "email_bounced", "opted_out"])
async def test_a_message_that_comes_by_two_ways_is_told_alike(store: Store, fact: str) -> None:
    """With other content under the id that it has, it would have the deal ask for attention."""
    ours = await sent(store)
    unsubscribe = str(ours["List-Unsubscribe"]).removeprefix("<mailto:").partition("?")[0]
    message = {
        "reply_received": letter(In_Reply_To=ours["Message-ID"]), "email_bounced": report_on(ours["Message-ID"]),
        "opted_out": letter("", To=unsubscribe),
    }[fact]  # fmt: skip
    mail = read_mail(message, RECEIVED)
    ways = [await deal_events(store, way, [mail], RECEIVED) for way in ("postmark", "mailgun_routes")]
    assert [event.source for (event,) in ways] == ["postmark", "mailgun_routes"]
    assert [event.fact for (event,) in ways] == [fact, fact]
    assert ways[0][0].payload == ways[1][0].payload


async def test_a_report_of_spam_opts_out(store: Store) -> None:
    ours = await sent(store)
    body = f"--f\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {ours['Message-ID']}\r\n\r\nHello\r\n--f--\r\n"
    type_ = 'multipart/report; report-type=feedback-report; boundary="f"'
    event = await told(store, letter(body, From="abuse@isp.test", Content_Type=type_))
    assert (event.deal_ref, event.fact, event.payload["contact"]) == (DEAL, "opted_out", "ada")


async def test_a_read_receipt_tells_nothing(store: Store) -> None:
    ours = await sent(store)
    type_ = 'multipart/report; report-type=disposition-notification; boundary="f"'
    event = await told(store, letter("", Content_Type=type_, In_Reply_To=ours["Message-ID"]))
    assert event.state is IntakeState.SKIPPED


ABOUT = SentMessage(event_id="e-1", address="Ada@Acme.test", at=WRITTEN)


async def test_a_providers_bounce_names_the_touch_by_its_message_id(store: Store) -> None:
    ours = await sent(store)
    ids = (ours["Message-ID"].strip("<>"),)
    event = await told(store, Undelivered(message=replace(ABOUT, message_ids=ids), kind="hard"))
    assert (event.deal_ref, event.fact, event.payload["touch"]) == (DEAL, "email_bounced", EFFECT)


async def test_a_providers_event_without_an_id_is_about_the_last_message_to_the_address(store: Store) -> None:
    await sent(store)
    event = await told(store, Unwanted(message=ABOUT, how="unsubscribed"))
    assert (event.deal_ref, event.fact, event.payload["contact"]) == (DEAL, "opted_out", "ada")


async def test_an_address_that_no_deal_knows_gets_no_more_mail_all_the_same(store: Store) -> None:
    event = await told(store, Unwanted(message=replace(ABOUT, address="eve@x.test"), how="marked it as spam"))
    assert event.state is IntakeState.SKIPPED
    assert await suppression.suppressed(store, "eve@x.test") is not None


async def test_a_message_that_was_opened_is_told_by_its_touch(store: Store) -> None:
    await sent(store)
    event = await told(store, Opened(message=replace(ABOUT, effect=EFFECT)))
    assert (event.fact, event.payload["touch"]) == ("email_opened", EFFECT)


async def test_an_address_alone_does_not_say_which_message_was_opened(store: Store) -> None:
    await sent(store)
    event = await told(store, Opened(message=ABOUT))
    assert (event.deal_ref, event.fact, "touch" in event.payload) == (DEAL, "email_opened", False)


async def test_what_should_have_told_something_is_refused(store: Store) -> None:
    assert (await told(store, Ignored(event_id="e-1", why="in S3", amiss=True))).state is IntakeState.REFUSED


async def test_what_tells_nothing_is_kept_with_its_reason(store: Store) -> None:
    event = await told(store, Ignored(event_id="e-1", why="delivered", shown={"to": "x"}))
    assert (event.state, event.last_error, event.payload) == (IntakeState.SKIPPED, "delivered", {"to": "x"})


@pytest.mark.parametrize("name", sorted(path.stem for path in SAMPLES.glob("*.eml")))
async def test_recorded_messages_of_strangers_are_kept_and_skipped(store: Store, name: str) -> None:
    event = await told(store, sample(name))
    assert event.state is IntakeState.SKIPPED
