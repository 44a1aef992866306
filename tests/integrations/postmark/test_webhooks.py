from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest

from integrations.kit.mapping.bodies import Unreadable
from integrations.mail.inbound.delivery_reports import delivery_report
from integrations.mail.inbound.incoming import IncomingMail
from integrations.mail.inbound.mail_events import Ignored, MailEvent, Opened, Undelivered, Unwanted
from integrations.postmark.webhooks import read
from tests.integrations.mail.letters import RECEIVED, letter
from tests.integrations.mail.provider_requests import json_request, recorded, request


def read_one(document: object) -> MailEvent:
    (found,) = read(json_request(document), RECEIVED)
    return found


def sample(name: str, **changes: object) -> MailEvent:
    return read_one({**json.loads(recorded("postmark", name)), **changes})


def test_a_message_that_came_in() -> None:
    mail = sample("inbound")
    assert isinstance(mail, IncomingMail)
    assert (mail.author.name, mail.author.address) == ("Displayed From", "from+test@example.org")
    assert mail.recipients == ("test@inbound.example.com", "other@example.com", "cc@example.com")
    assert (mail.message_id, mail.subject, mail.text()) == (
        "CAEPk3R+4Zr@mail.example.org",
        "Test subject",
        "Test body plain",
    )


def test_a_return_path_that_a_sender_forged_is_passed_over() -> None:
    forged = {"Name": "Return-Path", "Value": "<>"}
    mail = sample("inbound", Headers=[{"Name": "Return-Path", "Value": "<ada@acme.test>"}, forged])
    assert isinstance(mail, IncomingMail)
    assert not mail.null_return_path


def test_the_raw_message_counts_where_postmark_gives_it() -> None:
    mail = sample("inbound", RawEmail=letter().decode(), OriginalRecipient="r1@in.seller.test")
    assert isinstance(mail, IncomingMail)
    assert (mail.message_id, mail.recipients[0]) == ("answer-1@acme.test", "r1@in.seller.test")


def test_a_delivery_report_is_read_from_its_attachments() -> None:
    status = b"Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; ada@acme.test\nAction: failed\nStatus: 5.1.1\n"
    attached = {"ContentType": "message/delivery-status", "Content": base64.b64encode(status).decode()}
    mail = sample("inbound", Attachments=[attached, {"ContentType": "message/rfc822", "Content": "no base64"}])
    assert isinstance(mail, IncomingMail)
    found = delivery_report(mail)
    assert found is not None
    assert found.failures[0].address == "ada@acme.test"


def test_a_hard_bounce() -> None:
    found = sample("bounce.hard")
    assert isinstance(found, Undelivered)
    assert (found.kind, found.message.address, found.message.event_id) == (
        "hard",
        "bounce@example.com",
        "bounce-901542550",
    )
    assert found.message.at == datetime(2016, 4, 27, 20, 28, 50, 396393, UTC)


@pytest.mark.parametrize("kind", ["SoftBounce", "Transient", "SpamNotification"])
def test_other_bounces_are_soft(kind: str) -> None:
    found = sample("bounce.hard", Type=kind)
    assert isinstance(found, Undelivered)
    assert found.kind == "soft"


def test_a_bounce_names_the_message_where_postmark_gives_the_report() -> None:
    found = sample("bounce.hard", Content="Received: x\r\nMessage-ID: <abc@seller.test>\r\n")
    assert isinstance(found, Undelivered)
    assert found.message.message_ids == ("abc@seller.test",)


def test_an_automatic_answer_is_no_bounce() -> None:
    assert isinstance(sample("bounce.hard", Type="AutoResponder"), Ignored)


def test_a_complaint_and_a_recipients_own_wish_end_marketing() -> None:
    complaint = sample("bounce.hard", RecordType="SpamComplaint", Type="SpamComplaint")
    wish = sample("subscription_change.unsubscribe")
    assert isinstance(complaint, Unwanted)
    assert isinstance(wish, Unwanted)
    assert (wish.message.address, wish.message.at) == ("john@example.com", datetime(2022, 6, 5, 17, 17, 32, tzinfo=UTC))


@pytest.mark.parametrize(
    "changes", [{"SuppressSending": False}, {"Origin": "Customer"}, {"SuppressionReason": "HardBounce"}]
)
def test_other_changes_of_a_subscription_end_nothing(changes: dict[str, object]) -> None:
    assert isinstance(sample("subscription_change.unsubscribe", **changes), Ignored)


def test_an_opening() -> None:
    found = sample("open")
    assert isinstance(found, Opened)
    assert found.message.address == "recipient@example.com"


def test_a_record_that_says_nothing_is_kept_as_such() -> None:
    assert isinstance(read_one({"RecordType": "Delivery", "MessageID": "1"}), Ignored)


@pytest.mark.parametrize("body", ["", "[]", "{", '{"RecordType": "Bounce"}', '{"FromFull": 1}', "null"])
def test_what_postmark_does_not_send_is_refused(body: str) -> None:
    with pytest.raises(Unreadable):
        read(request(body), RECEIVED)
