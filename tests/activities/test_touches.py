"""Messages from a deal to a contact: from template to mailbox, through the ledger, over real SMTP."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.late_results import confirm_by_signal
from activities.ledger import Ledger
from activities.outreach import Outreach
from dealwright.contract import EffectRequest
from dealwright.effects import Effect, Notify, Outcome, SendEmail
from dealwright.playbook.source.bundle import bundle_hash
from integrations.mail.messages import MessageBuilder
from integrations.mail.smtp import SmtpMailer
from store import bundles, journal, ledger, suppression, unsubscribe
from store.database import Store
from store.ledger import LedgerState
from tests.simulators.mailbox_server import Behaviour, MailServer
from tests.store.samples import ADA, BOB, NOW, email, story

TEMPLATES = {
    "templates/cold-1.md": "Subject: A word for {{ account.name }}\n\n{{ contact.name }}: {{ unsubscribe_url }}\n",
    "templates/again.md": "Subject: Something else for {{ account.name }}\n\nStill there?\n",
    "templates/broken.md": "Subject: x\n\nHello {{ contact.nmae }}\n",
}


class Deal:
    """A deal that sends touches, on a clock of its own."""

    def __init__(self, store: Store, mail_server: MailServer, secret: bytes, bundle: str) -> None:
        head = MessageBuilder(
            address="deals@seller.test", domain="seller.test", name="Seller", public_url="https://go.seller.test",
            secret=secret,
        )  # fmt: skip
        mailer = SmtpMailer(mail_server.host, mail_server.port)
        self.outreach = Outreach(Ledger(store, confirm_by_signal), store, mailer, head)
        self.bundle = bundle

    def touch(self, effect_id: str = "acme-1/cold/1/0/1", **changes: object) -> SendEmail:
        return email(effect_id, bundle=self.bundle, **changes)

    async def send(self, effect: Effect | None = None, *, at: datetime = NOW) -> Outcome:
        environment = ActivityEnvironment()
        environment.info = replace(environment.info, started_time=at)
        sent = effect or self.touch()
        request = EffectRequest(deal_id=sent.id.partition("/")[0], effect=sent, entries=story())
        return await environment.run(self.outreach.send_email, request)


@pytest.fixture
async def deal(store: Store, mail_server: MailServer) -> Deal:
    bundle = await bundles.publish(store, "b2b-saas", TEMPLATES)
    return Deal(store, mail_server, await unsubscribe.secret(store), bundle)


async def test_a_touch_reaches_its_contact_once(deal: Deal, mail_server: MailServer, store: Store) -> None:
    first, again = await deal.send(), await deal.send()
    assert first == again
    (letter,) = mail_server.messages()
    assert (first.status, first.reference) == ("done", letter.headers["Message-ID"])
    assert (letter.recipients, letter.subject) == (("Ada@Acme.test",), "A word for Acme GmbH")
    assert (letter.effect, letter.dated) == ("acme-1/cold/1/0/1", NOW)
    assert len(await journal.story(store, "acme-1")) == 3


async def test_the_link_in_a_message_leads_back_to_its_contact(
    deal: Deal, mail_server: MailServer, store: Store
) -> None:
    await deal.send()
    (letter,) = mail_server.messages()
    token = letter.text.strip().rpartition("/")[2]
    message = await unsubscribe.message_of(store, token)
    assert message is not None
    assert (message.deal_id, message.contact, message.recipient) == ("acme-1", "ada", "ada@acme.test")


async def test_a_message_is_dated_and_recorded_in_the_deals_own_time(deal: Deal, mail_server: MailServer) -> None:
    at = NOW.replace(year=2031)
    assert (await deal.send(at=at)).at == at
    assert [letter.dated for letter in mail_server.messages()] == [at]


async def test_without_its_mail_server_a_touch_waits_and_goes_out_once(
    deal: Deal, mail_server: MailServer, store: Store
) -> None:
    await mail_server.behave(Behaviour.ABSENT)
    for _ in range(3):
        with pytest.raises(ApplicationError, match=r"Nothing was handed over; trying again") as away:
            await deal.send()
        assert not away.value.non_retryable
    await mail_server.behave(Behaviour.ACCEPT)
    assert (await deal.send()).status == "done"
    assert len(mail_server.messages()) == 1
    row = await ledger.row(store, "acme-1/cold/1/0/1")
    assert row is not None
    assert row.attempts == 4


@pytest.mark.parametrize("behaviour", [Behaviour.BUSY, Behaviour.FULL])
async def test_a_server_that_says_not_now_is_asked_again(
    deal: Deal, mail_server: MailServer, behaviour: Behaviour
) -> None:
    await mail_server.behave(behaviour)
    with pytest.raises(ApplicationError, match="45"):
        await deal.send()
    await mail_server.behave(Behaviour.ACCEPT)
    assert (await deal.send()).status == "done"
    assert len(mail_server.messages()) == 1


@pytest.mark.parametrize("behaviour", [Behaviour.UNKNOWN_RECIPIENT, Behaviour.REJECT])
async def test_a_server_that_says_never_is_not_asked_again(
    deal: Deal, mail_server: MailServer, behaviour: Behaviour
) -> None:
    await mail_server.behave(behaviour)
    refused = await deal.send()
    assert refused.status == "failed"
    assert refused.reason is not None
    assert "the mail server answered 55" in refused.reason
    await mail_server.behave(Behaviour.ACCEPT)
    assert await deal.send() == refused
    assert mail_server.messages() == []


@pytest.mark.parametrize(("behaviour", "arrived"), [(Behaviour.KEEP_AND_HANG_UP, 1), (Behaviour.LOSE_AND_HANG_UP, 0)])
async def test_a_message_without_an_answer_is_uncertain_and_never_sent_again(
    deal: Deal, mail_server: MailServer, behaviour: Behaviour, arrived: int
) -> None:
    await mail_server.behave(behaviour)
    assert (await deal.send()).status == "uncertain"
    await mail_server.behave(Behaviour.ACCEPT)
    assert (await deal.send()).status == "uncertain"
    assert len(mail_server.messages()) == arrived


async def test_an_attempt_that_is_cancelled_in_the_middle_leaves_its_touch_uncertain(
    deal: Deal, mail_server: MailServer, store: Store
) -> None:
    await mail_server.behave(Behaviour.KEEP_AND_WAIT)
    attempt = asyncio.create_task(deal.send())
    await mail_server.has_kept(1)
    attempt.cancel()
    with pytest.raises(asyncio.CancelledError):
        await attempt
    await mail_server.behave(Behaviour.ACCEPT)
    row = await ledger.row(store, "acme-1/cold/1/0/1")
    assert row is not None
    assert row.state is LedgerState.HANDING_OVER
    assert (await deal.send()).status == "uncertain"
    assert len(mail_server.messages()) == 1


async def test_a_mistake_in_the_template_is_a_refusal_that_names_the_line(deal: Deal, mail_server: MailServer) -> None:
    outcome = await deal.send(deal.touch(template="broken"))
    assert outcome.status == "failed"
    assert outcome.reason is not None
    assert outcome.reason.startswith("templates/broken.md, line 3: ")
    assert mail_server.messages() == []


async def test_a_contact_without_an_address_is_a_refusal(deal: Deal) -> None:
    outcome = await deal.send(deal.touch(to=ADA.model_copy(update={"email": None})))
    assert (outcome.status, outcome.reason) == ("failed", "Ada Byron has no e-mail address")


async def test_a_bundle_that_is_not_there_yet_is_waited_for(deal: Deal, mail_server: MailServer, store: Store) -> None:
    files = {"templates/cold-1.md": "Subject: x\n\nlater\n"}
    effect = email(bundle=bundle_hash(files))
    with pytest.raises(ApplicationError, match="publish the very files"):
        await deal.send(effect)
    await bundles.publish(store, "later", files)
    assert (await deal.send(effect)).status == "done"
    assert len(mail_server.messages()) == 1


async def test_who_followed_the_link_gets_no_further_touch(deal: Deal, mail_server: MailServer, store: Store) -> None:
    await deal.send()
    await suppression.suppress(store, "ada@acme.test", "unsubscribed by link", NOW, "acme-1")
    assert (await deal.send(deal.touch("acme-2/cold/1/0/1"))).status == "skipped"
    assert len(mail_server.messages()) == 1


FIRST, SECOND, THIRD = "acme-1/cold/1/0/1", "acme-1/cold/1/1/1", "acme-1/cold/1/2/1"


async def test_a_reply_carries_on_the_conversation_under_its_subject(deal: Deal, mail_server: MailServer) -> None:
    await deal.send()
    await deal.send(deal.touch(SECOND, template="again", reply_to_effect=FIRST))
    await deal.send(deal.touch(THIRD, template="again", reply_to_effect=SECOND))
    first, second, third = mail_server.messages()
    ids = [letter.headers["Message-ID"] for letter in (first, second)]
    assert [letter.subject for letter in (first, second, third)] == [
        "A word for Acme GmbH", "Re: A word for Acme GmbH", "Re: A word for Acme GmbH",
    ]  # fmt: skip
    assert (second.headers["In-Reply-To"], second.headers["References"]) == (ids[0], ids[0])
    assert (third.headers["In-Reply-To"], third.headers["References"]) == (ids[1], " ".join(ids))


async def test_where_the_contact_wrote_it_is_her_message_that_is_answered(deal: Deal, mail_server: MailServer) -> None:
    await deal.send()
    await deal.send(deal.touch(SECOND, reply_to_effect=FIRST, reply_to_message_id="<abc.1@mail.acme.test>"))
    await deal.send(deal.touch(THIRD, reply_to_effect=SECOND))
    first, second, third = mail_server.messages()
    hers = "<abc.1@mail.acme.test>"
    assert second.headers["In-Reply-To"] == hers
    assert second.headers["References"] == f"{first.headers['Message-ID']} {hers}"
    assert third.headers["In-Reply-To"] == second.headers["Message-ID"]
    assert third.headers["References"] == f"{second.headers['References']} {second.headers['Message-ID']}"


@pytest.mark.parametrize(
    "written",
    ["no id", "<a@b> <c@d>", "<a@b>\r\nBcc: e@x.test", "=?utf-8?q?a=40b?=@c.test", "<ä@b.test>", f"<{'a' * 900}@b.c>"],
)
async def test_what_is_no_message_id_is_answered_by_our_own(deal: Deal, mail_server: MailServer, written: str) -> None:
    await deal.send()
    await deal.send(deal.touch(SECOND, reply_to_effect=FIRST, reply_to_message_id=written))
    first, second = mail_server.messages()
    assert second.headers["In-Reply-To"] == second.headers["References"] == first.headers["Message-ID"]


@pytest.mark.parametrize(
    "changes",
    [
        {"to": BOB, "reply_to_effect": FIRST},
        {"to": ADA.model_copy(update={"email": "ada@elsewhere.test"}), "reply_to_effect": FIRST},
        {"reply_to_effect": "acme-1/cold/1/7/1"},
        {"reply_to_effect": "acme-2/cold/1/0/1"},
        {"reply_to_effect": None, "reply_to_message_id": "<abc@acme.test>"},
    ],
    ids=["another contact", "another address", "never sent", "another deal's", "nothing to reply to"],
)
async def test_without_an_earlier_message_to_the_same_address_a_reply_is_a_message_of_its_own(
    deal: Deal, mail_server: MailServer, changes: dict[str, object]
) -> None:
    await deal.send()
    await deal.send(deal.touch("acme-2/cold/1/0/1"))
    await deal.send(deal.touch(SECOND, template="again", **changes))
    reply = mail_server.messages()[-1]
    assert reply.subject == "Something else for Acme GmbH"
    assert {"In-Reply-To", "References"}.isdisjoint(reply.headers)


async def test_a_long_conversation_names_its_first_message_and_the_last_ones(
    deal: Deal, mail_server: MailServer
) -> None:
    for number in range(30):
        earlier = f"acme-1/cold/1/{number - 1}/1" if number else None
        await deal.send(deal.touch(f"acme-1/cold/1/{number}/1", reply_to_effect=earlier))
    letters = mail_server.messages()
    named = letters[-1].headers["References"].split()
    ids = [letter.headers["Message-ID"] for letter in letters]
    assert (named[0], named[1:], len(named)) == (ids[0], ids[-20:-1], 20)


async def test_a_message_that_would_read_otherwise_than_meant_is_refused_before_it_is_handed_over(
    store: Store, mail_server: MailServer
) -> None:
    head = MessageBuilder(
        address="deals@seller.test", domain="x\r\nBcc: e@x.test", name="S", public_url="https://s.test", secret=b"s"
    )
    sender = Outreach(Ledger(store, confirm_by_signal), store, SmtpMailer(mail_server.host, mail_server.port), head)
    deal = Deal(store, mail_server, b"s", await bundles.publish(store, "b2b-saas", TEMPLATES))
    deal.outreach = sender
    refused = await deal.send()
    assert (refused.status, mail_server.messages()) == ("failed", [])
    assert refused.reason is not None
    assert refused.reason.startswith("the message would not arrive as it was meant")


async def test_an_effect_of_another_kind_is_refused_for_good(deal: Deal) -> None:
    notice = Notify(id="acme-1/n", at=NOW, summary="Tell", role="sdr", text="x")
    with pytest.raises(ApplicationError, match="'notify' was given to the activity for SendEmail") as mixed_up:
        await deal.send(notice)
    assert mixed_up.value.non_retryable
