"""Mail over HTTP, from each provider's envelope to the deal."""

from __future__ import annotations

import json
import shutil
from asyncio.subprocess import PIPE, create_subprocess_exec
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from textwrap import dedent
from uuid import uuid4

import httpx2
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from typing_extensions import override

import gateway.webhooks.sources
from gateway.api import create_app
from integrations.kit.proof.schemes import verifier_for
from integrations.mail.messages import MailMessage
from integrations.mail.smtp import SmtpMailer
from local.mail_services import (
    LOGIN,
    MAILGUN_KEY,
    mailgun_event,
    mailgun_mail,
    postmark_mail,
    postmark_record,
    raw_mail,
    sendgrid_mail,
    sendgrid_public_key,
    sendgrid_signed_mail,
)
from local.mailbox import LocalMailbox
from store import intake
from store.database import Store
from store.intake import IntakeRow, IntakeState
from tests.gateway.conftest import OPTIONS, Api, served
from tests.gateway.fake_deals import FakeDealClient
from tests.integrations.kit.proof.signers import TOPIC, amazon, sns_message
from tests.integrations.mail.letters import letter
from tests.integrations.mail.sent_letters import DEAL, TEXT, builder_of, sent
from tests.store.samples import email

Sent = tuple[str, bytes, Mapping[str, str]]
"""A request: the source, the body, the headers."""


def as_ses(raw: bytes) -> Sent:
    told = {"notificationType": "Received", "mail": {"destination": ["in@seller.test"]}, "content": raw.decode()}
    body = json.dumps(sns_message(datetime.now(UTC), Message=json.dumps(told))).encode()
    return "ses", body, {"Content-Type": "text/plain; charset=UTF-8"}


WAYS: Mapping[str, Callable[[bytes], Sent]] = {
    "mail": raw_mail,
    "postmark": partial(postmark_mail, sender="x@y.test", recipient="in@seller.test"),
    "sendgrid_parse": sendgrid_mail,
    "sendgrid": sendgrid_signed_mail,
    "mailgun_routes": partial(mailgun_mail, recipient="in@s.test"),
    "ses": as_ses,
}
SECRETS = {
    "mail": (LOGIN,), "postmark": (LOGIN,), "sendgrid_parse": (LOGIN,), "sendgrid": (sendgrid_public_key(),),
    "mailgun": (MAILGUN_KEY,), "mailgun_routes": (MAILGUN_KEY,), "ses": (TOPIC,),
}  # fmt: skip


@dataclass
class Gateway:
    """The gateway with its store; one for all tests, each of which has messages of its own."""

    api: Api
    store: Store

    async def post(self, sent_: Sent) -> httpx2.Response:
        source, body, headers = sent_
        return await self.api.post(f"/webhooks/{source}", content=body, headers=headers)

    async def our_message(self) -> str:
        """The Message-ID of a message that just went out."""
        return str((await sent(self.store, f"acme-1/cold/{uuid4().hex}/0/1"))["Message-ID"])

    async def rows(self, name: str) -> list[IntakeRow]:
        """What the intake has of a message or an event."""
        return [row for row in await intake.recent(self.store) if name in str(row.payload.get("id"))]


@pytest.fixture(scope="module")
async def running(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Gateway]:
    store = Store.open(f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path_factory.mktemp('mail') / 'deals.db')}")
    deals = await FakeDealClient.make()
    with pytest.MonkeyPatch.context() as patched:  # Amazon's certificate comes from the network
        patched.setattr(gateway.webhooks.sources, "verifier_for", partial(verifier_for, web=amazon))
        app = create_app(replace(OPTIONS, webhook_secrets=SECRETS), deals, store)
    async with served(app) as api:
        yield Gateway(api, store)
    await store.close()


@pytest.mark.parametrize("way", WAYS)
async def test_a_reply_reaches_its_deal_whoever_brings_it(running: Gateway, way: str) -> None:
    reply = letter(In_Reply_To=await running.our_message(), Message_ID=f"<{way}@acme.test>")
    request = WAYS[way](reply)
    assert (await running.post(request)).status_code == 200
    (row,) = await running.rows(f"mail:{way}@acme.test")
    assert (row.source, row.deal_ref, row.fact) == (request[0], DEAL, "reply_received")


@pytest.mark.parametrize("way", WAYS)
async def test_a_request_that_proves_nothing_is_refused(running: Gateway, way: str) -> None:
    source, body, headers = WAYS[way](letter(Message_ID=f"<unproven-{way}@acme.test>"))
    bare = {name: text for name, text in headers.items() if name == "Content-Type"}
    broken = body.replace(b"signature=", b"signature=0").replace(b'"Signature": "', b'"Signature": "0')
    assert (await running.post((source, broken, bare))).status_code == 401
    assert await running.rows(f"unproven-{way}") == []


async def test_events_of_mailgun_reach_their_deal(running: Gateway) -> None:
    event = {
        "id": "ev-1", "event": "failed", "severity": "permanent", "recipient": "ada@acme.test",
        "message": {"headers": {"message-id": (await running.our_message()).strip("<>")}},
    }  # fmt: skip
    answer = await running.post(mailgun_event(event))
    assert answer.status_code == 200
    (row,) = await running.rows("mail:ev-1")
    assert (row.deal_ref, row.fact, row.payload["kind"]) == (DEAL, "email_bounced", "hard")


async def test_a_message_that_comes_again_is_kept_once(running: Gateway) -> None:
    reply = letter(In_Reply_To=await running.our_message(), Message_ID="<twice@acme.test>")
    for _ in range(2):
        assert (await running.post(raw_mail(reply))).status_code == 200
    assert len(await running.rows("twice@acme.test")) == 1


async def test_what_mailgun_signed_counts_for_one_body_only(running: Gateway) -> None:
    ours, token = await running.our_message(), uuid4().hex
    reply = letter(In_Reply_To=ours, Message_ID="<signed@acme.test>")
    forged = letter(In_Reply_To=ours, Message_ID="<forged@acme.test>", From="Eve <eve@x.test>")
    assert (await running.post(mailgun_mail(reply, recipient="in@s.test", token=token))).status_code == 200
    assert (await running.post(mailgun_mail(forged, recipient="in@s.test", token=token))).status_code == 200
    assert len(await running.rows("signed@acme.test")) == 1
    assert [row.state for row in await running.rows("forged@acme.test")] == [IntakeState.REFUSED]


async def test_a_message_with_a_large_attachment_is_taken(running: Gateway) -> None:
    body = "Yes.\r\n" + "x" * (3 * 1024 * 1024)
    large = letter(body, In_Reply_To=await running.our_message(), Message_ID="<large@acme.test>")
    assert (await running.post(postmark_mail(large, sender="x@y.test", recipient="in@seller.test"))).status_code == 200
    assert (await running.post(raw_mail(large))).status_code == 413  # what hands on raw mail cuts it off
    assert len(await running.rows("large@acme.test")) == 1


async def test_what_cannot_be_read_leaves_a_trace(running: Gateway) -> None:
    answer = await running.post(("postmark", b"[]", postmark_record({}).headers))
    assert answer.status_code == 422
    refused = await intake.recent(running.store, state=IntakeState.REFUSED, source="postmark")
    assert refused[0].last_error == "the body is no record of Postmark"


DOCUMENTATION = Path(__file__).parents[2] / "docs" / "integrations" / "mail.md"


@pytest.mark.skipif(shutil.which("curl") is None, reason="the program calls curl")
@pytest.mark.parametrize(("password", "code"), [(LOGIN, 0), ("mail-service:another-password-of-nobody", 75)])
async def test_the_program_of_the_docs_hands_a_message_on(
    running: Gateway, tmp_path: Path, password: str, code: int
) -> None:
    user, _, secret = password.partition(":")
    (tmp_path / "netrc").write_text(f"machine 127.0.0.1 login {user} password {secret}\n")
    written = dedent(DOCUMENTATION.read_text().partition("```sh\n")[2].partition("```")[0])
    program = written.replace("/etc/dealwright.netrc", str(tmp_path / "netrc"))
    program = program.replace("https://deals.example.com", str(running.api.base_url).rstrip("/"))
    ours = await sent(running.store, f"acme-1/cold/{uuid4().hex}/0/1")
    own, id_ = str(ours["Reply-To"]).split(", ")[1], uuid4().hex
    large = letter("Yes.\r\n" + "x" * (3 * 1024 * 1024), Message_ID=f"<{id_}@acme.test>")
    process = await create_subprocess_exec("sh", "-c", program, "to-dealwright", "ada@acme.test", own, stdin=PIPE)
    await process.communicate(large)
    assert process.returncode == code
    assert [row.deal_ref for row in await running.rows(id_)] == ([DEAL] if code == 0 else [])


class RawMailbox(LocalMailbox):
    """A mailbox that keeps the very bytes, with the envelope."""

    def __init__(self) -> None:
        super().__init__()
        self.raw: list[tuple[bytes, str, tuple[str, ...]]] = []

    @override
    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.original_content or b""
        self.raw.append((content, envelope.mail_from or "", tuple(envelope.rcpt_tos)))
        return await super().handle_DATA(server, session, envelope)


async def test_a_conversation_of_ten_replies_stays_with_its_deal(running: Gateway) -> None:
    """Over SMTP to the buyer and back, and in over HTTP. The buyer's program keeps no References."""
    earlier = answered = None
    async with RawMailbox() as mailbox:
        post_office = SmtpMailer("127.0.0.1", mailbox.port)
        for turn in range(10):
            effect = f"ten-replies/cold/1/{turn}/1"
            letter_ = await sent(running.store, effect, "ten-replies")
            if earlier is not None:
                builder, touch = await builder_of(running.store), email(effect, reply_to_message_id=answered)
                letter_ = builder.to_contact(touch, TEXT, datetime.now(UTC), earlier)
            earlier = letter_.conversation
            bounces = (await builder_of(running.store)).return_path(effect)
            await post_office.send(letter_, sender=bounces, recipient=letter_.recipient)
            answer = _answer(mailbox.raw[-1][0], turn, answered)
            answered = str(answer["Message-ID"])
            # Every third time the buyer writes to the message's own address, else to the rep alone.
            await post_office.send(answer, sender="ada@acme.test", recipient=answer.recipient)
            raw, sender, recipients = mailbox.raw[-1]
            handed_on = raw_mail(raw, sender=sender, recipient=",".join(recipients))
            assert (await running.post(handed_on)).status_code == 200
    rows = await running.rows("mail:turn-")
    told = [(row.deal_ref, row.fact, row.payload["contact"]) for row in rows]
    assert told == [("ten-replies", "reply_received", "ada")] * 10


def _answer(received: bytes, turn: int, before: str | None) -> MailMessage:
    """What the buyer answers: to our message, or to what was said before in the thread."""
    ours: EmailMessage = message_from_bytes(received, policy=policy.default)
    rep, own = str(ours["Reply-To"]).split(", ")
    answer = MailMessage(policy=policy.SMTP)
    answer["From"], answer["To"] = "Ada Byron <ada@acme.test>", own if turn % 3 == 0 else rep
    answer["Subject"], answer["Message-ID"] = ours["Subject"], f"<turn-{turn}@acme.test>"
    if turn % 3:
        answer["In-Reply-To"] = before if turn % 2 and before else ours["Message-ID"]
    answer.set_content("Tell me more.")
    answer.content = EmailMessage.as_bytes(answer, policy=policy.SMTP)
    answer.recipient = own if turn % 3 == 0 else rep
    return answer
