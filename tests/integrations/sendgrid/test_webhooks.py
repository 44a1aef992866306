from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from integrations.kit.mapping.bodies import Unreadable
from integrations.mail.inbound.incoming import IncomingMail
from integrations.mail.inbound.mail_events import Ignored, MailEvent, Opened, Undelivered, Unwanted
from integrations.sendgrid.webhooks import read
from tests.integrations.mail.letters import RECEIVED, letter
from tests.integrations.mail.provider_requests import json_request, multipart, recorded, request

FIELDS: dict[str, str] = json.loads(recorded("sendgrid", "inbound_parse.fields"))


def event(name: str, **changes: object) -> MailEvent:
    (one,) = json.loads(recorded("sendgrid", f"events.{name}"))
    (found,) = read(json_request([{**one, **changes}]), RECEIVED)
    return found


def incoming(fields: dict[str, str], files: dict[str, bytes] | None = None) -> IncomingMail:
    (found,) = read(multipart(fields, files), RECEIVED)
    assert isinstance(found, IncomingMail)
    return found


def test_a_message_that_sendgrid_took_apart() -> None:
    mail = incoming(FIELDS)
    assert (mail.message_id, mail.author.address) == ("CAEPk3R+4Zr@mail.example.org", "from+test@example.org")
    assert mail.recipients == ("test@inbound.example.com", "other@example.com", "cc@example.com")
    assert (mail.envelope_sender, mail.text()) == ("envelope-from@example.org", "Test body plain")


@pytest.mark.parametrize("as_file", [True, False])
def test_a_raw_message(as_file: bool) -> None:
    rest = {"envelope": '{"to": ["r1@in.seller.test"], "from": ""}'}
    mail = incoming(rest, {"email": letter()}) if as_file else incoming({**rest, "email": letter().decode()})
    assert (mail.message_id, mail.recipients[0], mail.null_return_path) == (
        "answer-1@acme.test",
        "r1@in.seller.test",
        True,
    )


def test_a_bounce_names_the_message_by_its_own_id() -> None:
    found = event("bounce")
    assert isinstance(found, Undelivered)
    assert (found.kind, found.message.at) == ("hard", datetime(2016, 4, 19, 19, 47, 30, tzinfo=UTC))
    assert found.message.message_ids == ("wrfRRvF7Q0GgwUo2CvDmEA@ismtpd0006p1sjc2.sendgrid.net",)
    assert found.message.event_id == "lC0Rc-FuQmKbnxCWxX1jRQ"


def test_a_blocked_message_is_a_soft_bounce() -> None:
    found = event("bounce", type="blocked")
    assert isinstance(found, Undelivered)
    assert found.kind == "soft"


@pytest.mark.parametrize("kind", ["spamreport", "unsubscribe", "group_unsubscribe"])
def test_complaints_and_unsubscriptions_end_marketing(kind: str) -> None:
    assert isinstance(event("bounce", event=kind), Unwanted)


def test_an_opening_counts_unless_a_machine_made_it() -> None:
    assert isinstance(event("open"), Opened)
    assert isinstance(event("open", sg_machine_open=True), Ignored)


def test_a_deferral_tells_nothing() -> None:
    assert isinstance(event("deferred"), Ignored)


@pytest.mark.parametrize("body", ["", "{}", "[1]", '[{"event": "bounce"}]', json.dumps([{}] * 1001)])
def test_what_is_no_list_of_events_is_refused(body: str) -> None:
    with pytest.raises(Unreadable):
        read(request(body), RECEIVED)


@pytest.mark.parametrize("fields", [{}, {"envelope": "{"}, {"envelope": '{"to": 1}', "headers": "x"}])
def test_a_form_without_a_message_is_refused(fields: dict[str, str]) -> None:
    with pytest.raises(Unreadable):
        read(multipart({"a": "b", **fields}), RECEIVED)
