"""Whatever strangers write: a mail has the headers, the recipients and the body that were meant, and no others."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import getaddresses

import pytest
from hypothesis import example, given

from dealwright.deal import Account, Person
from integrations.kit.errors import Refused
from integrations.mail.messages import MailMessage, MessageBuilder
from integrations.mail.rendering import Rendered, Templates
from integrations.mail.smtp import SmtpMailer
from tests.integrations.mail.hostile_texts import ENCODED, TEXTS, texts
from tests.simulators.mailbox_server import MailServer
from tests.store.samples import ADA, JANE, NOW, deal, email

BUILDER = MessageBuilder(
    address="deals@seller.test", domain="seller.test", name="Seller", public_url="https://go.seller.test/",
    secret=b"s" * 32,
)  # fmt: skip
EFFECT = "acme-1/cold/1/2/1"
TO_ALL = {
    "from", "to", "subject", "date", "message-id", "x-dealwright-effect", "mime-version", "content-type",
    "content-transfer-encoding",
}  # fmt: skip
TO_CONTACTS = TO_ALL | {"in-reply-to", "references", "list-unsubscribe", "list-unsubscribe-post"}
TEMPLATE = "Subject: {{ deal.title }}\n\n{{ contact.name }}, {{ account.name }}\n{{ deal.title }}\n.\n{{ sender.name }}"


def touch(text: str) -> MailMessage:
    """A touch with a text in every field that a stranger, or the record of a rep, fills."""
    told = deal().model_copy(update={"title": text, "account": Account(id="acme", name=text)})
    effect = email(EFFECT, reply_to_effect="acme-1/cold/1/0/1").model_copy(
        update={"reply_to_message_id": text}
        | {"to": ADA.model_copy(update={"name": text}), "sender": JANE.model_copy(update={"name": text})}
        | {"deal": told}
    )
    rendered = Templates({"templates/cold-1.md": TEMPLATE}).render(effect, unsubscribe_url=None)
    return BUILDER.to_contact(effect, rendered, NOW)


def word(text: str) -> MailMessage:
    """A message to a colleague with a text in every field."""
    return BUILDER.to_colleague(EFFECT, Person(name=text, email="cy@seller.test"), f"Handoff: {text}", text, NOW)


def check_headers(content: bytes, names: set[str], sender: str, recipient: str) -> None:
    """Read a message in both of Python's ways, and find the headers that were meant, each once, for one recipient."""
    plain, modern = message_from_bytes(content), message_from_bytes(content, policy=policy.default)
    for read in (plain, modern):
        found = [name.lower() for name, _ in read.items()]
        assert (len(found), set(found)) == (len(names), names)
    for header, address in (("From", sender), ("To", recipient)):
        assert [one for _, one in getaddresses([plain[header]])] == [address]
        assert [one.addr_spec for one in modern[header].addresses] == [address]
    assert not modern.defects
    assert not modern.is_multipart()
    assert modern["X-Dealwright-Effect"] == EFFECT
    assert modern["Message-ID"].strip() == BUILDER.message_id(EFFECT)


def check_lines(content: bytes) -> None:
    """Lines end as SMTP wants it, and are as long as RFC 5322 and RFC 2047 say."""
    head, _, body = content.partition(b"\r\n\r\n")
    assert b"\r" not in content.replace(b"\r\n", b"")
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert b"\0" not in content
    assert max(map(len, body.split(b"\r\n"))) <= 76
    for line in head.decode("ascii").split("\r\n"):
        assert len(line) <= 78 or line.startswith(("List-Unsubscribe:", " <mailto:"))
        assert line.strip()
    for encoded in re.findall(rb"=\?utf-8\?[qb]\?[^?]*\?=", head):
        assert len(encoded) <= 75
        str(make_header(decode_header(encoded.decode())))


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_a_touch_has_the_headers_and_the_recipient_that_were_meant(text: str) -> None:
    content = touch(text).as_bytes()
    check_headers(content, TO_CONTACTS, "jane@seller.test", "Ada@Acme.test")
    check_lines(content)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_a_word_to_a_colleague_has_the_headers_and_the_recipient_that_were_meant(text: str) -> None:
    content = word(text).as_bytes()
    check_headers(content, TO_ALL, "deals@seller.test", "cy@seller.test")
    check_lines(content)


@given(text=texts())
@example(text=ENCODED)
def test_no_text_at_all_changes_what_a_message_is(text: str) -> None:
    for letter, names, sender, recipient in (
        (touch(text), TO_CONTACTS, "jane@seller.test", "Ada@Acme.test"),
        (word(text), TO_ALL, "deals@seller.test", "cy@seller.test"),
    ):
        check_headers(letter.as_bytes(), names, sender, recipient)
        check_lines(letter.as_bytes())


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (ENCODED, ENCODED),
        (TEXTS["words one after another"], TEXTS["words one after another"]),
        (TEXTS["a word with letters around"], TEXTS["a word with letters around"]),
        (TEXTS["a broken base64"], TEXTS["a broken base64"]),
        ("Acme\r\nBcc: evil@x.example", "Acme Bcc: evil@x.example"),
        ("Acme\u2028Bcc: evil@x.example", "Acme Bcc: evil@x.example"),
        ("Acme\x00\x1b[31mBcc:", "Acme [31mBcc:"),
        ("half \ud800 a letter", "half \ufffd a letter"),
        ("Ж" * 300, "Ж" * 300),
        ("😀é漢" * 40, "😀é漢" * 40),
        ("A" * 3000, "A" * 3000),
        ("Acme platform " * 40, ("Acme platform " * 40).strip()),
        ("", ""),
    ],
)
def test_a_subject_reads_as_it_was_written(text: str, read: str) -> None:
    content = BUILDER.to_contact(email(), Rendered(subject=text, body="x"), NOW).as_bytes()
    assert str(message_from_bytes(content, policy=policy.default)["Subject"]) == read
    assert str(make_header(decode_header(message_from_bytes(content)["Subject"].replace("\r\n", "")))) == read


@pytest.mark.parametrize(
    "name",
    [
        "Ana <evil@x.example>", "Byron, Ada", "Team: a@x.example;", 'Ada "the" Byron', "Ada \\ Byron", "Ada (Countess)",
        "ada@x.example", "Ада", ENCODED, "Dr. Ada", "O'Neil", "\\" * 80, "Ada Byron of Acme " * 20,
    ],
)  # fmt: skip
def test_a_name_reads_as_it_was_written(name: str) -> None:
    content = BUILDER.to_contact(email(to=ADA.model_copy(update={"name": name})), Rendered(subject="x", body="x"), NOW)
    ((phrase, address),) = getaddresses([message_from_bytes(content.as_bytes())["To"].replace("\r\n", "")])
    assert str(make_header(decode_header(phrase))) == name.strip()
    assert address == "Ada@Acme.test"


@pytest.mark.parametrize(
    "body",
    [
        ".\n", "..\n.\nMAIL FROM:<x@y.test>\n", "Bcc: evil@x.example\n\nx\n",
        "--=_part\nContent-Type: text/html\n\nx\n",
        f"{ENCODED}\n", "=0D=0A.=0D=0A\n", "x" * 5000 + "\n", "Ж" * 3000 + "\n", "From here\n", "trailing \t\n \n",
        "a NUL \x00 and \x1a, \x0b, \x0c, \x85, \u2028\n", "\n\n\n",
    ],
)  # fmt: skip
def test_a_body_reads_as_it_was_written(body: str) -> None:
    content = BUILDER.to_contact(email(), Rendered(subject="x", body=body), NOW).as_bytes()
    check_lines(content)
    read = message_from_bytes(content, policy=policy.default)
    assert read.get_content().replace("\r\n", "\n") == body


def test_line_ends_of_any_kind_are_line_ends_in_the_body() -> None:
    content = BUILDER.to_contact(email(), Rendered(subject="x", body="a\rb\r\nc\n\rd"), NOW).as_bytes()
    assert message_from_bytes(content, policy=policy.default).get_content() == "a\r\nb\r\nc\r\n\r\nd\r\n"


@pytest.mark.parametrize(
    "address",
    [
        "ada@acme.test, evil@x.example", "ada@acme.test\r\nBcc: evil@x.example", "<ada@acme.test>", "Ada <a@acme.test>",
        "=?utf-8?q?evil=40x.example=2c?=@acme.test", "ada@=?utf-8?q?x.example?=", "a..b@acme.test", ".ada@acme.test",
        "ada.@acme.test", "ada@acme..test", "ada@-acme.test", "ada\u202e@acme.test", "a\u200bda@acme.test",
        "ada@ac\u2028me.test", "ada\x00@acme.test", "ada\ud800@acme.test", '"ada, x"@acme.test', "ada(x)@acme.test",
        "ada@[127.0.0.1]", "team:ada@acme.test;", "@x.example:ada@acme.test", f"{'a' * 65}@acme.test",
    ],
)  # fmt: skip
def test_what_would_be_other_or_more_addresses_is_refused(address: str) -> None:
    rendered = Rendered(subject="x", body="x")
    with pytest.raises(Refused, match="no e-mail address"):
        BUILDER.to_contact(email(to=ADA.model_copy(update={"email": address})), rendered, NOW)
    with pytest.raises(Refused, match="no e-mail address"):
        BUILDER.to_contact(email(sender=JANE.model_copy(update={"email": address})), rendered, NOW)
    with pytest.raises(Refused, match="no e-mail address"):
        BUILDER.to_colleague(EFFECT, Person(name="Cy", email=address), "x", "x", NOW)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("domain", "seller.test>\r\nBcc: <evil@x.example"),
        ("domain", "=?utf-8?q?x?="),
        ("public_url", "https://go.seller.test/>\r\nBcc: <evil@x.example"),
        ("public_url", "https://go.seller.test/" + "x" * 1000),
        ("public_url", "https://gö.seller.test"),
    ],
)
def test_a_message_that_would_read_otherwise_than_meant_is_refused(setting: str, value: str) -> None:
    builder = MessageBuilder(**{**vars(BUILDER), setting: value})
    with pytest.raises(Refused, match="would not arrive as it was meant"):
        builder.to_contact(email(), Rendered(subject="x", body="x"), NOW)


async def test_over_smtp_each_hostile_text_reaches_its_recipient_and_nobody_else(mail_server: MailServer) -> None:
    mailer = SmtpMailer(mail_server.host, mail_server.port)
    for text in TEXTS.values():
        letter = touch(text)
        await mailer.send(letter, sender=BUILDER.address, recipient=letter.recipient)
    arrived = mail_server.messages()
    assert len(arrived) == len(TEXTS)
    for kept in arrived:
        assert kept.recipients == ("Ada@Acme.test",)
        assert {name.lower() for name in kept.headers} == TO_CONTACTS
