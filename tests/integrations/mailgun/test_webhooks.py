from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from integrations.kit.mapping.bodies import Unreadable
from integrations.mail.inbound.incoming import IncomingMail
from integrations.mail.inbound.mail_events import Ignored, MailEvent, Opened, Undelivered, Unwanted
from integrations.mailgun.webhooks import read, read_route, token_of
from tests.integrations.mail.letters import RECEIVED, letter
from tests.integrations.mail.provider_requests import form_request, json_request, multipart, recorded, request

FIELDS: dict[str, str] = json.loads(recorded("mailgun", "inbound.fields"))


def event(**data: object) -> MailEvent:
    given = {
        "id": "ev-1", "timestamp": 1521472262.908181, "recipient": "ada@acme.test",
        "message": {"headers": {"message-id": "abc@seller.test"}}, **data,
    }  # fmt: skip
    (found,) = read(json_request({"signature": {"token": "t"}, "event-data": given}), RECEIVED)
    return found


def route(fields: dict[str, str]) -> IncomingMail:
    (found,) = read_route(form_request(fields), RECEIVED)
    assert isinstance(found, IncomingMail)
    return found


def test_a_message_that_mailgun_took_apart() -> None:
    mail = route(FIELDS)
    assert (mail.message_id, mail.author.address) == ("CAEPk3R+4Zr@mail.example.org", "from+test@example.org")
    assert mail.recipients == ("test@inbound.example.com", "other@example.com")
    assert mail.text() == "Test body plain"


def test_a_raw_message_also_with_its_files_as_multipart() -> None:
    (mail,) = read_route(multipart({"recipient": "r1@in.seller.test", "sender": ""}, {"body-mime": letter()}), RECEIVED)
    assert isinstance(mail, IncomingMail)
    assert (mail.message_id, mail.null_return_path) == ("answer-1@acme.test", True)


@pytest.mark.parametrize(("severity", "kind"), [("permanent", "hard"), ("temporary", "soft")])
def test_a_failure_is_a_bounce(severity: str, kind: str) -> None:
    found = event(event="failed", severity=severity, **{"delivery-status": {"code": 550, "message": "no such user"}})
    assert isinstance(found, Undelivered)
    assert (found.kind, found.reason) == (kind, "550 no such user")
    assert found.message.message_ids == ("abc@seller.test",)
    assert found.message.at == datetime(2018, 3, 19, 15, 11, 2, 908181, UTC)


@pytest.mark.parametrize("kind", ["complained", "unsubscribed"])
def test_complaints_and_unsubscriptions_end_marketing(kind: str) -> None:
    assert isinstance(event(event=kind), Unwanted)


def test_an_opening_counts_unless_a_machine_made_it() -> None:
    assert isinstance(event(event="opened"), Opened)
    assert isinstance(event(event="opened", **{"client-info": {"bot": "apple"}}), Ignored)


def test_other_events_tell_nothing() -> None:
    assert isinstance(event(event="delivered"), Ignored)


def test_the_token_is_found_in_both_kinds_of_requests() -> None:
    assert token_of(form_request(FIELDS)) == f"token-{FIELDS['token']}"
    assert token_of(json_request({"signature": {"token": "abc"}})) == "token-abc"


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"event-data": {"event": 1}}'])
def test_what_mailgun_does_not_send_is_refused(body: str) -> None:
    with pytest.raises(Unreadable):
        read(request(body), RECEIVED)


@pytest.mark.parametrize("fields", [{"a": "b"}, {"message-headers": "{"}, {"message-headers": "1"}])
def test_a_form_without_a_message_is_refused(fields: dict[str, str]) -> None:
    with pytest.raises(Unreadable):
        read_route(form_request(fields), RECEIVED)
