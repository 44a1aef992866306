from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from integrations.kit.mapping.bodies import Unreadable
from integrations.mail.inbound.incoming import IncomingMail
from integrations.mail.inbound.mail_events import Ignored, MailEvent, Opened, Undelivered, Unwanted
from integrations.ses.webhooks import InBucket, read
from tests.integrations.mail.letters import RECEIVED, letter
from tests.integrations.mail.provider_requests import json_request, recorded, request

MAIL = {
    "source": "deals@seller.test", "destination": ["ada@acme.test"], "messageId": "ses-1",
    "headers": [
        {"name": "Message-ID", "value": "<abc@seller.test>"},
        {"name": "X-Dealwright-Effect", "value": "acme-1/cold/1/0/1"},
    ],
    "commonHeaders": {"messageId": "<abc@seller.test>"},
}  # fmt: skip


def tell(message: object, **envelope: object) -> Sequence[MailEvent | InBucket]:
    text = message if isinstance(message, str) else json.dumps(message)
    return read(json_request({"Type": "Notification", "MessageId": "sns-1", "Message": text, **envelope}), RECEIVED)


def received(content: str, encoding: str = "UTF8") -> IncomingMail:
    receipt = {"recipients": ["r1@in.seller.test"], "action": {"type": "SNS", "encoding": encoding}}
    (found,) = tell({"notificationType": "Received", "mail": MAIL, "receipt": receipt, "content": content})
    assert isinstance(found, IncomingMail)
    return found


@pytest.mark.parametrize("encoding", ["UTF8", "BASE64"])
def test_a_message_that_came_in(encoding: str) -> None:
    raw = letter()
    mail = received(base64.b64encode(raw).decode() if encoding == "BASE64" else raw.decode(), encoding)
    assert (mail.message_id, mail.recipients[0]) == ("answer-1@acme.test", "r1@in.seller.test")


def test_a_message_in_s3_says_where_it_lies() -> None:
    (found,) = tell(json.loads(recorded("ses", "notification.received.s3")))
    assert isinstance(found, InBucket)
    assert found.bucket == "InboundEmailBucket-KeepPrivate"
    assert (found.key, found.recipients) == (
        "inbound/fqef5sop459utgdf4o9lqbsv7jeo73pejig34301",
        ("inbound@example.com",),
    )


@pytest.mark.parametrize(
    ("bounce_type", "kind"), [("Permanent", "hard"), ("Transient", "soft"), ("Undetermined", "soft")]
)
@pytest.mark.parametrize("name", ["notificationType", "eventType"])
def test_a_bounce_names_its_message_and_effect(name: str, bounce_type: str, kind: str) -> None:
    one = {"emailAddress": "ada@acme.test", "status": "5.1.1", "diagnosticCode": "smtp; 550 unknown"}
    bounce = {"bounceType": bounce_type, "bouncedRecipients": [one], "timestamp": "2027-05-04T09:58:00.000Z"}
    (found,) = tell({name: "Bounce", "mail": MAIL, "bounce": bounce})
    assert isinstance(found, Undelivered)
    assert (found.kind, found.reason) == (kind, "5.1.1 smtp; 550 unknown")
    assert (found.message.message_ids, found.message.effect) == (("abc@seller.test",), "acme-1/cold/1/0/1")
    assert (found.message.event_id, found.message.at) == ("sns-1-0", datetime(2027, 5, 4, 9, 58, tzinfo=UTC))


def test_a_complaint_ends_marketing_unless_it_takes_one_back() -> None:
    complaint = {"complainedRecipients": [{"emailAddress": "ada@acme.test"}]}
    (found,) = tell({"notificationType": "Complaint", "mail": MAIL, "complaint": complaint})
    (taken_back,) = tell({"eventType": "Complaint", "complaint": {**complaint, "complaintFeedbackType": "not-spam"}})
    assert isinstance(found, Unwanted)
    assert isinstance(taken_back, Ignored)


def test_an_opening() -> None:
    (found,) = tell({"eventType": "Open", "mail": MAIL, "open": {"timestamp": "2027-05-04T09:58:00Z"}})
    assert isinstance(found, Opened)


@pytest.mark.parametrize(
    ("message", "envelope"),
    [
        ({"eventType": "Delivery"}, {}),
        ("Successfully validated SNS topic for Amazon SES event publishing.", {}),
        ("You have chosen to subscribe", {"Type": "SubscriptionConfirmation", "SubscribeURL": "https://x.test"}),
    ],
)
def test_what_tells_nothing_is_kept_as_such(message: object, envelope: dict[str, object]) -> None:
    (found,) = tell(message, **envelope)
    assert isinstance(found, Ignored)


@pytest.mark.parametrize("body", ["", "[]", '{"Type": "Notification", "Message": "{"}', '{"Message": 1}'])
def test_what_is_no_message_of_sns_is_refused(body: str) -> None:
    with pytest.raises(Unreadable):
        read(request(body), RECEIVED)


def test_content_that_cannot_be_decoded_is_refused() -> None:
    with pytest.raises(Unreadable):
        received("not base64!", "BASE64")
