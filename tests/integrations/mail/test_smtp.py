"""Mail over SMTP, against a real server that misbehaves."""

from __future__ import annotations

import asyncio
import traceback
from datetime import timedelta

import pytest

from dealwright.deal import Person
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.mail.messages import MessageBuilder
from integrations.mail.rendering import Rendered
from integrations.mail.smtp import SmtpMailer
from tests.simulators.mailbox_server import Behaviour, MailServer
from tests.store.samples import ADA, NOW, email

BUILDER = MessageBuilder(
    address="deals@seller.test", domain="seller.test", name="Seller", public_url="https://go.seller.test",
    secret=b"s" * 32,
)  # fmt: skip


async def send(
    mail_server: MailServer, recipient: str = "ada@acme.test", body: str = "Hello\n", *, patience: float = 5
) -> None:
    to = ADA.model_copy(update={"email": recipient})
    message = BUILDER.to_contact(email(to=to), Rendered(subject="Grüße", body=body), NOW)
    mailer = SmtpMailer(mail_server.host, mail_server.port, timeout=timedelta(seconds=patience))
    await mailer.send(message, sender=BUILDER.address, recipient=recipient)


async def test_a_message_arrives_as_it_was_written(mail_server: MailServer) -> None:
    body = "Hallo Ada,\n\n.a line that begins with a dot\n" + "äöü " * 60 + "\n"
    await send(mail_server, body=body)
    (letter,) = mail_server.messages()
    assert (letter.sender, letter.recipients) == ("deals@seller.test", ("ada@acme.test",))
    assert (letter.subject, letter.text.splitlines()) == ("Grüße", body.splitlines())
    assert letter.effect == "acme-1/cold/1/0/1"
    assert letter.dated == NOW


async def test_a_long_way_out_arrives_in_one_piece(mail_server: MailServer) -> None:
    await send(mail_server)
    (letter,) = mail_server.messages()
    assert letter.headers["List-Unsubscribe"].startswith(f"<{BUILDER.unsubscribe_url('acme-1/cold/1/0/1')}>, <mailto:")


async def test_an_address_beyond_ascii_is_reached_where_the_server_can(mail_server: MailServer) -> None:
    await send(mail_server, recipient="grüße@acme.test")
    assert [letter.recipients for letter in mail_server.messages()] == [("grüße@acme.test",)]


@pytest.mark.parametrize(
    ("address", "arrives_at"),
    [
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@BÜCHER.example", "ada@xn--bcher-kva.example"),
        ("ada@bu\u0308cher.example", "ada@xn--bcher-kva.example"),
        ("ada@straße.example", "ada@xn--strae-oqa.example"),
        ("ada@例え.テスト", "ada@xn--r8jz45g.xn--zckzah"),
        ("ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"),
    ],
)
async def test_a_domain_beyond_ascii_is_reached_on_any_server(
    mail_server: MailServer, address: str, arrives_at: str
) -> None:
    await mail_server.behave(Behaviour.ASCII_ONLY)
    await send(mail_server, recipient=address)
    (letter,) = mail_server.messages()
    assert letter.recipients == (arrives_at,)
    assert letter.headers["To"] == f"Ada Byron <{arrives_at}>"


async def test_a_sender_of_a_domain_beyond_ascii_writes_from_any_server(mail_server: MailServer) -> None:
    await mail_server.behave(Behaviour.ASCII_ONLY)
    sender = Person(name="Jürgen", email="jurgen.mit@bücher.example")
    message = BUILDER.to_contact(email(sender=sender), Rendered(subject="x", body="x\n"), NOW)
    await SmtpMailer(mail_server.host, mail_server.port).send(
        message, sender="deals@bücher.example", recipient="ada@acme.test"
    )
    (letter,) = mail_server.messages()
    assert letter.sender == "deals@xn--bcher-kva.example"
    assert letter.headers["From"] == "Jürgen <jurgen.mit@xn--bcher-kva.example>"


async def test_a_name_before_the_at_beyond_ascii_is_refused_where_the_server_cannot(mail_server: MailServer) -> None:
    await mail_server.behave(Behaviour.ASCII_ONLY)
    with pytest.raises(Refused, match="takes no address with letters beyond ASCII before the @"):
        await send(mail_server, recipient="grüße@bücher.example")
    assert mail_server.messages() == []


@pytest.mark.parametrize("domain", ["bü cher.example", "bü\u202echer.example", "-bücher.example", "\u0378.example"])
async def test_a_domain_that_dns_cannot_have_is_refused(mail_server: MailServer, domain: str) -> None:
    with pytest.raises(Refused, match="is no e-mail address"):
        await send(mail_server, recipient=f"ada@{domain}")
    assert mail_server.messages() == []


@pytest.mark.parametrize("behaviour", [Behaviour.BUSY, Behaviour.UNKNOWN_RECIPIENT])
async def test_what_a_server_says_is_told_without_the_address(mail_server: MailServer, behaviour: Behaviour) -> None:
    await mail_server.behave(behaviour)
    recipient = ADA.email or ""
    with pytest.raises((NotHandedOver, Refused)) as failure:
        await send(mail_server, recipient=recipient)
    told = "".join(traceback.format_exception(failure.value))
    assert "<address>" in told
    assert recipient not in told


async def test_a_login_is_told_nowhere(mail_server: MailServer) -> None:
    message = BUILDER.to_contact(email(), Rendered(subject="x", body="x\n"), NOW)
    for login in (("deals@seller.test", "s3cret"), ("deals", "s3crét"), ("d\udc80", "s3cret")):
        mailer = SmtpMailer(mail_server.host, mail_server.port, login=login)
        with pytest.raises(NotHandedOver) as failure:
            await mailer.send(message, sender=BUILDER.address, recipient="ada@acme.test")
        told = "".join(traceback.format_exception(failure.value))
        assert "s3cr" not in told
        assert "deals@seller" not in told


@pytest.mark.parametrize(
    ("behaviour", "error", "reason"),
    [
        (Behaviour.ABSENT, NotHandedOver, "does not take us"),
        (Behaviour.BUSY, NotHandedOver, "450 4.2.0 Greylisted"),
        (Behaviour.FULL, NotHandedOver, "452 4.3.1"),
        (Behaviour.UNKNOWN_RECIPIENT, Refused, "550 5.1.1 No such user"),
        (Behaviour.REJECT, Refused, "554 5.7.1"),
    ],
)
async def test_what_the_server_says_is_understood_and_nothing_arrives(
    mail_server: MailServer, behaviour: Behaviour, error: type[Exception], reason: str
) -> None:
    await mail_server.behave(behaviour)
    with pytest.raises(error, match=reason):
        await send(mail_server)
    assert mail_server.messages() == []


@pytest.mark.parametrize(("behaviour", "arrived"), [(Behaviour.KEEP_AND_HANG_UP, 1), (Behaviour.LOSE_AND_HANG_UP, 0)])
async def test_a_connection_that_ends_without_the_answer_leaves_it_unknown(
    mail_server: MailServer, behaviour: Behaviour, arrived: int
) -> None:
    await mail_server.behave(behaviour)
    with pytest.raises(Unanswered, match="did not answer after the message"):
        await send(mail_server)
    assert len(mail_server.messages()) == arrived


async def test_an_answer_that_takes_too_long_leaves_it_unknown(mail_server: MailServer) -> None:
    await mail_server.behave(Behaviour.KEEP_AND_WAIT)
    with pytest.raises(Unanswered):
        await send(mail_server, patience=0.3)
    assert len(mail_server.messages()) == 1


async def test_a_server_that_says_nothing_got_nothing(mail_server: MailServer) -> None:
    await mail_server.behave(Behaviour.SILENT)
    with pytest.raises(NotHandedOver):
        await send(mail_server, patience=0.3)
    assert mail_server.messages() == []


async def test_a_server_that_knows_no_login_got_nothing(mail_server: MailServer) -> None:
    message = BUILDER.to_contact(email(), Rendered(subject="x", body="x\n"), NOW)
    mailer = SmtpMailer(mail_server.host, mail_server.port, login=("deals", "secret"))
    with pytest.raises(NotHandedOver, match="does not take us"):
        await mailer.send(message, sender=BUILDER.address, recipient="ada@acme.test")
    assert mail_server.messages() == []


async def test_a_server_that_knows_no_tls_gets_nothing_in_the_clear(mail_server: MailServer) -> None:
    message = BUILDER.to_contact(email(), Rendered(subject="x", body="x\n"), NOW)
    mailer = SmtpMailer(mail_server.host, mail_server.port, security="starttls")
    with pytest.raises(NotHandedOver):
        await mailer.send(message, sender=BUILDER.address, recipient="ada@acme.test")
    assert mail_server.messages() == []


async def test_many_messages_at_once_all_arrive(mail_server: MailServer) -> None:
    await asyncio.gather(*(send(mail_server, recipient=f"contact{n}@acme.test") for n in range(20)))
    assert len({letter.recipients for letter in mail_server.messages()}) == 20
