from __future__ import annotations

import pytest

from integrations.mail.inbound.delivery_reports import DeliveryReport, delivery_report
from integrations.mail.inbound.incoming import read_mail
from tests.integrations.mail.letters import RECEIVED, letter, sample


def report(name: str) -> DeliveryReport:
    found = delivery_report(sample(name))
    assert found is not None
    return found


def failures(name: str) -> list[tuple[str, str, str]]:
    return [(one.address, one.action, one.kind) for one in report(name).failures]


def test_a_report_says_who_did_not_get_it_and_why() -> None:
    assert failures("dsn.postfix.failed") == [("kijitora@2jo.example.jp", "failed", "hard")]
    assert report("dsn.postfix.failed").failures[0].reason == '5.1.1 X-Postfix; unknown user: "kijitora"'


def test_a_report_gives_back_the_id_of_the_message() -> None:
    assert report("dsn.postfix.failed").message_ids[0] == "20150213024813.DE9FF20C16@2jo.example.jp"


def test_an_exact_code_in_the_diagnosis_counts_where_the_status_says_little() -> None:
    assert failures("dsn.amazonses.failed") == [("shironeko@example.co.jp", "failed", "hard")]


def test_a_message_that_is_delayed_has_not_bounced() -> None:
    delayed = report("dsn.sendmail.delayed")
    assert [one.action for one in delayed.failures] == ["delayed"]
    assert delayed.about(delayed.failures[0].address) is None


def test_an_indented_boundary_hides_no_recipient() -> None:
    mixed = report("dsn.mixed_failed_and_delayed.broken_boundary")
    assert failures("dsn.mixed_failed_and_delayed.broken_boundary") == [
        ("kijitora@nyaan.example.com", "failed", "hard"),
        ("sabatora@cat.example.net", "delayed", "soft"),
        ("mikeneko@neko.example.or.jp", "failed", "hard"),
    ]
    assert mixed.about("sabatora@cat.example.net") is None
    assert mixed.about("MIKENEKO@neko.example.or.jp") == mixed.failures[2]


def test_office_365_leaves_out_the_part_for_programs() -> None:
    told = report("ndr.office365.no_delivery_status")
    assert [(one.action, one.kind, one.reason) for one in told.failures] == [("failed", "hard", "5.1.10")]
    assert told.message_ids[0] == "FFFFFFFF.EEEEEEEE@example.ed.jp"


def test_gmail_writes_its_report_for_people() -> None:
    assert failures("bounce.gmail.plain_text") == [("kijitora@example.co.jp", "failed", "soft")]  # 5.7.0
    assert report("bounce.gmail.plain_text").message_ids[0].startswith("CBA48452-")


@pytest.mark.parametrize(
    ("status", "diagnosis", "kind"),
    [
        ("5.1.1", "", "hard"),
        ("5.2.1", "mailbox disabled", "hard"),
        ("5.2.2", "over quota", "soft"),
        ("5.3.4", "message too big", "soft"),
        ("5.7.1", "blocked as spam", "soft"),
        ("4.4.1", "no answer", "soft"),
        ("5.0.0", "smtp; 550 5.7.26 not authenticated", "soft"),
        ("5.0.0", "smtp; 550 user unknown", "hard"),
        ("", "smtp; 550 user unknown", "hard"),
        ("", "smtp; 552 over quota", "soft"),
        ("", "", "hard"),
    ],
)
def test_only_what_is_wrong_with_the_address_makes_a_hard_bounce(status: str, diagnosis: str, kind: str) -> None:
    found = delivery_report(read_mail(dsn("failed", status, diagnosis), RECEIVED))
    assert found is not None
    assert [one.kind for one in found.failures] == [kind]


def test_a_report_of_success_tells_of_no_failure() -> None:
    found = delivery_report(read_mail(dsn("delivered", "2.0.0", ""), RECEIVED))
    assert found is not None
    assert found.about("ada@acme.test") is None


def test_a_forwarders_report_is_about_the_message_all_the_same() -> None:
    found = delivery_report(read_mail(dsn("failed", "5.1.1", ""), RECEIVED))
    assert found is not None
    assert found.about("ada@her-alias.test") == found.failures[0]


def test_a_person_who_quotes_a_report_sends_none() -> None:
    quoted = "> Delivery has failed to these recipients:\r\n> ada@acme.test\r\n> 550 5.1.1 User unknown\r\n"
    assert delivery_report(read_mail(letter(quoted, In_Reply_To="<one@x>"), RECEIVED)) is None


@pytest.mark.parametrize(
    "name",
    ["apple.vacation_dates", "exchange.no_auto_submitted", "minimal_utf8", "rfc3834"],
)
def test_an_absence_notice_is_no_report(name: str) -> None:
    assert delivery_report(sample(f"auto_reply.{name}")) is None


def dsn(action: str, status: str, diagnosis: str) -> bytes:
    body = "\r\n".join([
        "--r", "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx.acme.test", "",
        "Final-Recipient: rfc822; ada@acme.test", f"Action: {action}", f"Status: {status}",
        f"Diagnostic-Code: {diagnosis}", "", "--r--", "",
    ])  # fmt: skip
    type_ = 'multipart/report; report-type=delivery-status; boundary="r"'
    return letter(body, From="MAILER-DAEMON@acme.test", Content_Type=type_, Return_Path="<>")
