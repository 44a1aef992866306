from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import pytest

from local.mailbox import LocalMailbox


async def post(mailbox: LocalMailbox, to: str, effect: str | None = None) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "jane@seller.test", to, "Grüße"
    if effect:
        message["X-Dealwright-Effect"] = effect
    message.set_content("Hallo äöü\n")
    await aiosmtplib.send(message, hostname=mailbox.host, port=mailbox.port, start_tls=False)


async def test_messages_are_kept_in_order_and_found_by_recipient() -> None:
    async with LocalMailbox() as mailbox:
        await post(mailbox, "ada@acme.test", "acme-1/cold/1/0/1")
        await post(mailbox, "bob@acme.test")
        assert [letter.recipients[0] for letter in mailbox.messages()] == ["ada@acme.test", "bob@acme.test"]
        (letter,) = mailbox.messages("ada@acme.test")
    assert (letter.subject, letter.text.strip(), letter.effect) == ("Grüße", "Hallo äöü", "acme-1/cold/1/0/1")
    assert letter.sender == "jane@seller.test"


async def test_a_mailbox_goes_on_where_its_file_stopped(tmp_path: Path) -> None:
    file = tmp_path / "mail" / "kept.jsonl"
    async with LocalMailbox(file=file) as mailbox:
        await post(mailbox, "ada@acme.test")
    async with LocalMailbox(file=file) as mailbox:
        await post(mailbox, "bob@acme.test")
        assert [letter.recipients[0] for letter in mailbox.messages()] == ["ada@acme.test", "bob@acme.test"]


async def test_a_port_that_is_taken_is_said_at_once() -> None:
    async with LocalMailbox() as first:
        second = LocalMailbox(port=first.port)
        with pytest.raises(OSError, match="address already in use"):
            await second.start()
