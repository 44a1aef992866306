"""What comes back about messages to colleagues tells no deal anything; an address that is gone gets no more of them."""

from __future__ import annotations

import pytest

from dealwright.deal import Person
from integrations.kit.personal_message import PersonalMessage
from integrations.mail.inbound.deal_events import OF_A_COLLEAGUE
from integrations.mail.inbound.mail_events import SentMessage, Undelivered
from integrations.mail.messages import MailMessage
from integrations.mail.personal import PersonalMail
from store import suppression
from store.database import Store
from store.intake import IntakeState
from tests.integrations.mail.inbound.test_deal_events import report_on, told
from tests.integrations.mail.letters import letter
from tests.integrations.mail.sent_letters import builder_of
from tests.store.samples import NOW

MAX = Person(name="Max Boss", email="max@seller.test")


class Outbox:
    """A mail server that takes everything."""

    def __init__(self) -> None:
        self.sent: list[tuple[MailMessage, str]] = []

    async def send(self, message: MailMessage, *, sender: str, recipient: str) -> None:
        assert recipient == MAX.email
        self.sent.append((message, sender))


async def told_of_work(store: Store) -> tuple[MailMessage, str]:
    """A message that went to Max, and where its bounces go."""
    outbox = Outbox()
    message = PersonalMessage(id="work/1", at=NOW, subject="Task: Call Ada", items=())
    delivery = await PersonalMail(store, outbox, await builder_of(store)).tell(MAX, message)
    await delivery.send()
    return outbox.sent[0]


@pytest.mark.parametrize("status", ["5.1.1", "4.2.2"])
async def test_a_report_that_an_address_is_gone_keeps_more_from_going_there(store: Store, status: str) -> None:
    sent, _ = await told_of_work(store)
    event = await told(
        store, report_on(sent["Message-ID"], status=status).replace(b"ada@acme.test", b"max@seller.test")
    )
    assert (event.deal_ref, event.fact, event.state, event.last_error) == (
        None,
        "",
        IntakeState.SKIPPED,
        OF_A_COLLEAGUE,
    )
    assert await suppression.has_bounced(store, "max@seller.test") is (status == "5.1.1")


async def test_a_provider_may_tell_it_too(store: Store) -> None:
    await told_of_work(store)
    about = SentMessage(event_id="e1", address="max@seller.test", at=None)
    event = await told(store, Undelivered(message=about, kind="hard"))
    assert (event.deal_ref, event.last_error) == (None, OF_A_COLLEAGUE)
    assert await suppression.has_bounced(store, "max@seller.test")


async def test_an_answer_by_mail_answers_no_question_of_a_deal(store: Store) -> None:
    sent, bounces = await told_of_work(store)
    for answer in (letter(In_Reply_To=sent["Message-ID"]), letter(To=bounces)):
        event = await told(store, answer)
        assert (event.deal_ref, event.last_error) == (None, OF_A_COLLEAGUE)
    assert not await suppression.has_bounced(store, "max@seller.test")
