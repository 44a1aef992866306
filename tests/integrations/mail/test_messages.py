from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from dealwright.deal import Person
from integrations.kit.errors import Refused
from integrations.mail.messages import MailMessage, MessageBuilder
from integrations.mail.rendering import Rendered
from integrations.mail.touch_addresses import TouchAddresses
from store.unsubscribe import effect_of
from tests.store.samples import ADA, NOW, email

SECRET = b"s" * 32
BUILDER = MessageBuilder(
    address="deals@seller.test", domain="seller.test", name="Seller", public_url="https://go.seller.test/",
    secret=SECRET,
)  # fmt: skip
TEXT = Rendered(subject="Grüße an Ada", body="Hallo Ada,\n\näöü " + "x" * 200 + "\n")


INBOUND = TouchAddresses(mailbox="in.seller.test", secret=SECRET)
RECEIVING = replace(BUILDER, inbound=INBOUND)


def touch(effect_id: str = "acme-1/cold/1/0/1", **changes: object) -> EmailMessage:
    return BUILDER.to_contact(email(effect_id, **changes), TEXT, NOW)


def test_a_message_goes_from_the_rep_to_the_contact() -> None:
    message = touch()
    assert message["From"] == "Jane Doe <jane@seller.test>"
    assert message["To"] == "Ada Byron <Ada@Acme.test>"
    assert message["Subject"] == "Grüße an Ada"
    assert message.get_content().splitlines() == TEXT.body.splitlines()


def test_a_rep_without_an_address_writes_from_the_installations() -> None:
    assert touch(sender=Person(name="Jane Doe"))["From"] == "Jane Doe <deals@seller.test>"
    assert touch(sender=None)["From"] == "Seller <deals@seller.test>"


def test_a_message_is_dated_in_the_deals_time() -> None:
    at = datetime(2031, 7, 1, 9, 30, tzinfo=timezone(timedelta(hours=2)))
    assert BUILDER.to_contact(email(), TEXT, at)["Date"].datetime == at


def test_the_message_id_is_made_of_the_effect_and_always_the_same() -> None:
    first, again, other = touch(), touch(), touch(effect_id="acme-1/cold/1/2/1")
    assert first["Message-ID"] == again["Message-ID"] == BUILDER.message_id("acme-1/cold/1/0/1")
    assert first["Message-ID"] != other["Message-ID"]
    assert first["Message-ID"].endswith("@seller.test>")
    assert first["X-Dealwright-Effect"] == "acme-1/cold/1/0/1"


def test_a_message_that_continues_another_is_threaded_to_it() -> None:
    first, reply = touch(), touch(effect_id="acme-1/cold/1/2/1", reply_to_effect="acme-1/cold/1/0/1")
    assert reply["In-Reply-To"] == reply["References"] == first["Message-ID"]
    assert first["In-Reply-To"] is None


def test_marketing_carries_a_way_out_for_people_and_for_one_click() -> None:
    message = touch()
    link, by_mail = message["List-Unsubscribe"].split(", ")
    token = link.removeprefix("<https://go.seller.test/unsubscribe/").removesuffix(">")
    assert effect_of(token, SECRET) == "acme-1/cold/1/0/1"
    assert by_mail == f"<mailto:deals@seller.test?subject=unsubscribe%20{token}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_what_is_no_marketing_carries_none() -> None:
    message = touch(marketing=False)
    assert (message["List-Unsubscribe"], message["List-Unsubscribe-Post"]) == (None, None)


def test_without_a_public_address_the_way_out_is_by_mail_alone() -> None:
    builder = MessageBuilder(
        address="deals@seller.test", domain="seller.test", name="Seller", public_url=None, secret=SECRET
    )
    message = builder.to_contact(email(), TEXT, NOW)
    assert message["List-Unsubscribe"].startswith("<mailto:")
    assert message["List-Unsubscribe-Post"] is None
    assert builder.unsubscribe_text("acme-1/cold/1/0/1").startswith("mailto:deals@seller.test?subject=unsubscribe%20")
    assert BUILDER.unsubscribe_text("acme-1/cold/1/0/1") == BUILDER.unsubscribe_url("acme-1/cold/1/0/1")


def lines_of(letter: MailMessage) -> list[str]:
    return letter.as_bytes().partition(b"\r\n\r\n")[0].decode("ascii").split("\r\n")


@pytest.mark.parametrize(
    "subject",
    ["Предложение для вашей компании: платформа на пятьдесят мест", "漢" * 90, "😀" * 60, "é" * 58, "e\u0301" * 100],
)
def test_a_long_subject_is_folded_into_words_and_lines_that_mail_allows(subject: str) -> None:
    letter = BUILDER.to_contact(email(), Rendered(subject=subject, body="x"), NOW)
    words = re.findall(r"=\?[^?]+\?[bq]\?[^?]*\?=", letter.as_bytes().decode())
    assert len(words) > 1
    assert max(map(len, words)) <= 75
    assert max(len(line) for line in lines_of(letter) if "=?" in line) <= 76
    assert letter["Subject"] == subject


@pytest.mark.parametrize("length", [10, 40, 55, 60, 100, 500])
def test_a_link_of_any_length_stays_whole_on_one_line(length: int) -> None:
    builder = MessageBuilder(
        address="deals@seller.test", domain="seller.test", name="S", public_url=f"https://{'x' * length}.test",
        secret=SECRET,
    )  # fmt: skip
    letter = builder.to_contact(email(), TEXT, NOW)
    link = f"<{builder.unsubscribe_url('acme-1/cold/1/0/1')}>"
    assert [line for line in lines_of(letter) if link in line]
    assert letter["List-Unsubscribe"].split(", ")[0] == link


def test_a_link_longer_than_a_line_can_be_is_refused() -> None:
    builder = MessageBuilder(
        address="deals@seller.test", domain="seller.test", name="S", public_url=f"https://{'x' * 1000}.test",
        secret=SECRET,
    )  # fmt: skip
    with pytest.raises(Refused, match="longer than 998"):
        builder.to_contact(email(), TEXT, NOW)


def test_no_line_is_longer_than_78_where_it_can_be_folded() -> None:
    long = "acme-" + "x" * 60
    letter = BUILDER.to_contact(email(f"{long}/cold/1/0/1", reply_to_effect=f"{long}/cold/1/1/1"), TEXT, NOW)
    assert letter["X-Dealwright-Effect"] == f"{long}/cold/1/0/1"
    for line in lines_of(letter):
        assert len(line) <= 78 or " " not in line.partition(": ")[2].strip()


def test_a_colleague_gets_no_way_out() -> None:
    cy = Person(name="Cy", email="cy@seller.test")
    message = BUILDER.to_colleague("acme-1/h", cy, "Handoff:\n Acme", "Hello\n", NOW)
    assert message["To"] == "Cy <cy@seller.test>"
    assert message["Subject"] == "Handoff: Acme"
    assert message["List-Unsubscribe"] is None


@pytest.mark.parametrize(
    "address", [None, "", "ada", "ada@", "@acme.test", "ada@acme.test\r\nBcc: x@y.test", "a b@c.d"]
)
def test_an_address_that_is_none_is_refused(address: str | None) -> None:
    with pytest.raises(Refused, match="address"):
        touch(to=ADA.model_copy(update={"email": address}))


def test_a_name_cannot_smuggle_a_header_in() -> None:
    message = touch(to=ADA.model_copy(update={"name": "Ada\r\nBcc: eve@evil.test"}))
    read = message_from_bytes(message.as_bytes(), policy=policy.default)
    assert read["Bcc"] is None
    assert [address.addr_spec for address in read["To"].addresses] == ["Ada@Acme.test"]


def test_answers_go_to_the_rep_and_to_the_messages_own_address() -> None:
    message = RECEIVING.to_contact(email(), TEXT, NOW)
    assert message["Reply-To"] == f"jane@seller.test, {INBOUND.of('acme-1/cold/1/0/1', 'reply')}"
    assert message["From"] == "Jane Doe <jane@seller.test>"


def test_a_message_in_the_name_of_the_mailbox_itself_has_one_address_for_answers() -> None:
    inbound = replace(INBOUND, mailbox="deals@seller.test")
    message = replace(RECEIVING, inbound=inbound).to_contact(email(sender=None), TEXT, NOW)
    assert message["Reply-To"] == inbound.of("acme-1/cold/1/0/1", "reply")


def test_bounces_go_to_the_messages_own_address() -> None:
    assert BUILDER.return_path("acme-1/cold/1/0/1") == "deals@seller.test"
    assert RECEIVING.return_path("acme-1/cold/1/0/1") == INBOUND.of("acme-1/cold/1/0/1", "bounce")


def test_unsubscriptions_by_mail_go_to_the_messages_own_address() -> None:
    message = RECEIVING.to_contact(email(), TEXT, NOW)
    address = INBOUND.of("acme-1/cold/1/0/1", "unsubscribe")
    assert f"<mailto:{address}?subject=unsubscribe%20" in message["List-Unsubscribe"]


def test_an_installation_that_receives_no_mail_sends_no_addresses_of_its_own() -> None:
    assert touch()["Reply-To"] is None
