"""Whatever comes in is read in bounded time, and raises nothing."""

from __future__ import annotations

import base64
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.mail.inbound.incoming import read_mail
from integrations.mail.inbound.meaning import meaning_of
from integrations.mail.inbound.mime import MOST_PARTS, MOST_READ
from tests.integrations.mail.letters import RECEIVED, SAMPLES

SECRET = b"s" * 32
RECORDED = [path.read_bytes() for path in sorted(SAMPLES.glob("*.eml"))]


def read_all(raw: bytes) -> None:
    mail = read_mail(raw, RECEIVED)
    meaning_of(mail, SECRET)
    assert mail.message_id
    assert len(mail.parts) <= MOST_PARTS
    _ = (mail.answered, mail.author, mail.recipients, mail.subject, mail.written_at, mail.text(), mail.null_return_path)


@given(st.binary(max_size=2000))
def test_any_bytes_are_a_message(raw: bytes) -> None:
    read_all(raw)


HEADER = st.sampled_from([
    b"From", b"To", b"Date", b"Message-ID", b"References", b"Content-Type", b"Content-Transfer-Encoding", b"Subject",
    b"Auto-Submitted", b"X-Apple-Criteria", b"X-Failed-Recipients", b"Return-Path", b"Action", b"Final-Recipient",
])  # fmt: skip


@given(st.lists(st.tuples(HEADER, st.binary(max_size=80)), max_size=12), st.binary(max_size=400))
def test_any_values_of_headers_are_read(fields: list[tuple[bytes, bytes]], body: bytes) -> None:
    read_all(b"".join(name + b": " + value + b"\r\n" for name, value in fields) + b"\r\n" + body)


@settings(max_examples=60)
@given(st.sampled_from(RECORDED), st.lists(st.tuples(st.integers(0, 5000), st.binary(max_size=6)), max_size=8))
def test_recorded_messages_may_be_damaged_anywhere(raw: bytes, damages: list[tuple[int, bytes]]) -> None:
    for place, put in damages:
        here = place % len(raw)
        raw = raw[:here] + put + raw[here + len(put) :]
    read_all(raw)


def nested(depth: int) -> bytes:
    opened = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level) for level in range(depth)
    )
    return opened + b"\r\nhello\r\n" + b"".join(b"--b%d--\r\n" % level for level in reversed(range(depth)))


REPORT = (
    b'From: MAILER-DAEMON@x.test\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
)
HOSTILE = {
    "nested deeply": nested(20_000),
    "nested deeply, as a report": REPORT + nested(20_000),
    "a great many parts": b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\n\r\nx\r\n" * 200_000,
    "a great many headers": b"X-A: b\r\n" * 400_000 + b"\r\n",
    "one endless header": b"To: " + b"a@x.test," * 400_000,
    "one endless folded header": b"References: " + b"<a@b>\r\n " * 400_000 + b"\r\n",
    "open brackets": b"From: " + b"(" * 2_000_000 + b"\r\n\r\n",
    "open quotes": b"From: " + b'"' * 2_000_000 + b"\r\n\r\n",
    "endless parameters": b"Content-Type: text/plain" + b";a=b" * 400_000 + b"\r\n\r\n",
    "encoded words without end": b"Subject: " + b"=?utf-8?q?a?= " * 200_000 + b"\r\n\r\n",
    "one blank after another": b"\r\n" * 1_500_000,
    "blanks in a header": b"Subject:" + b" \t" * 1_500_000 + b"x\r\n\r\n",
    "base64 without end": b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.b64encode(b"a" * 3_000_000),
    "a report of ever so many": REPORT
    + b"--b\r\nContent-Type: message/delivery-status\r\n\r\n"
    + b"Final-Recipient: rfc822; a@x.test\r\nAction: failed\r\n\r\n" * 60_000,
    "a report in words without end": REPORT + b"--b\r\n\r\n" + b"550 5.1.1 <a@x.test>... User unknown\r\n" * 60_000,
    "angle brackets": REPORT + b"--b\r\n\r\n" + b"<" * 1_500_000,
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_reading_takes_bounded_time(raw: bytes) -> None:
    began = time.process_time()
    read_all(raw)
    assert time.process_time() - began < 2


def test_what_is_beyond_the_limit_is_not_read() -> None:
    mail = read_mail(b"Subject: a\r\n\r\n" + b"x" * (2 * MOST_READ), RECEIVED)
    assert sum(len(part.content) for part in mail.parts) <= MOST_READ
