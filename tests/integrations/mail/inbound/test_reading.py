from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from integrations.mail.inbound.incoming import Author, IncomingMail, read_mail
from tests.integrations.mail.letters import RECEIVED, letter, sample


def read(raw: bytes, **envelope: object) -> IncomingMail:
    return read_mail(raw, RECEIVED, **envelope)  # type: ignore[arg-type] # of the envelope


def test_who_wrote_to_whom_about_what() -> None:
    mail = read(letter(From="=?utf-8?q?Ad=C3=A1?= <ada@acme.test>", Cc="bob@acme.test, Jane <JANE@seller.test>"))
    assert mail.author == Author("Adá", "ada@acme.test")
    assert mail.recipients == ("jane@seller.test", "bob@acme.test", "JANE@seller.test")
    assert (mail.message_id, mail.subject) == ("answer-1@acme.test", "Re: Acme platform")
    assert mail.text() == "Let us talk.\n"


def test_the_envelope_says_first_to_whom_it_went() -> None:
    mail = read(letter(Delivered_To="list@seller.test"), envelope_recipients=["deals@seller.test"])
    assert mail.recipients == ("deals@seller.test", "list@seller.test", "jane@seller.test")


def test_it_may_answer_what_in_reply_to_names_then_references_from_the_last_on() -> None:
    mail = read(letter(In_Reply_To="<three@x>", References="<one@x>\r\n <two@x>\t<three@x>"))
    assert mail.answered == ("three@x", "two@x", "one@x")


def test_words_beside_an_id_in_reply_to_are_passed_over() -> None:
    assert read(letter(In_Reply_To='Your message of Tuesday <one@x> "hello"')).answered == ("one@x",)


def test_a_message_without_an_id_gets_one_of_its_content() -> None:
    first, again, other = (read(letter(body, Message_ID="")) for body in ("a", "a", "b"))
    assert first.message_id == again.message_id != other.message_id


@pytest.mark.parametrize("id_", ["x" * 400 + "@acme.test", "gr\u00fc\u00dfe@acme.test", "a\x00b@acme.test"])
def test_an_id_that_cannot_be_kept_is_known_by_its_hash(id_: str) -> None:
    assert read(letter(Message_ID=f"<{id_}>")).message_id.startswith("sha256-")


def test_the_null_return_path_is_the_envelopes_or_the_first_one_written() -> None:
    assert read(letter(), envelope_sender="").null_return_path
    assert not read(letter(Return_Path="<>"), envelope_sender="ada@acme.test").null_return_path
    assert read(b"Return-Path: <>\r\n" + letter(Return_Path="<forged@x.test>")).null_return_path
    assert not read(letter()).null_return_path


@pytest.mark.parametrize(
    ("date", "written_at"),
    [
        ("Tue, 04 May 2027 11:58:00 +0200", datetime(2027, 5, 4, 9, 58, tzinfo=UTC)),
        ("Tue, 04 May 2027 09:58:00 (UTC)", datetime(2027, 5, 4, 9, 58, tzinfo=UTC)),
        ("Tue, 04 May 2027 10:02:00 +0000", RECEIVED),  # a clock that is a little ahead
        ("Tue, 04 May 2027 18:00:00 +0000", None),
        ("Thu, 01 Jan 1970 00:00:00 +0000", None),
        ("Tue, 04 May 2027 11:58:00 +9959", None),
        ("Tue, 99 May 20270 99:99:99 +0200", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_its_date_counts_where_it_can_be_right(date: str, written_at: datetime | None) -> None:
    assert read(letter(Date=date)).written_at == written_at


def test_a_message_may_take_days_to_come() -> None:
    mail = read_mail(letter(), RECEIVED + timedelta(days=6))
    assert mail.written_at == datetime(2027, 5, 4, 9, 58, tzinfo=UTC)


def test_a_line_before_the_headers_as_mbox_has_it_is_none_of_them() -> None:
    assert sample("dsn.postfix.failed").headers.fields[0] == ("return-path", "<>")


def test_text_in_another_charset_is_read() -> None:
    mail = read(
        letter("=E4=F6=FC", Content_Type="text/plain; charset=iso-8859-1", Content_Transfer_Encoding="Quoted-Printable")
    )
    assert mail.text() == "äöü"


@pytest.mark.parametrize("charset", ["x-unknown", "idna", "unicode_escape", "base64", '"', "utf-8\x00"])
def test_a_charset_that_is_none_loses_no_message(charset: str) -> None:
    assert read(letter("Yes", Content_Type=f"text/plain; charset={charset}")).text() == "Yes"


def test_the_text_is_that_of_the_plain_parts() -> None:
    body = (
        "--b\r\nContent-Type: text/plain\r\n\r\nYes.\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>Yes.</p>\r\n"
        "--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nQWRh\r\n--b--\r\nNo."
    )
    assert read(letter(body, Content_Type='multipart/alternative; boundary="b"')).text() == "Yes.\nAda"
