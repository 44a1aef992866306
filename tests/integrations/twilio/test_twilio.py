"""Twilio on this machine: messages that go out once, what comes back of them, and calls."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from pydantic import SecretStr

from dealwright.deal import Contact, Deal
from dealwright.effects import SendSms
from integrations.kit.delivery import Absent, Delivery, Found, Idempotency, Unsure
from integrations.kit.errors import NotHandedOver, Refused, Unanswered
from integrations.kit.inbound import InboundResult
from integrations.kit.mapping.answers import Reply
from integrations.kit.mapping.events import reply_to
from integrations.kit.proof.request import InvalidSignature, WebhookRequest
from integrations.kit.proof.schemes import verifier_for
from integrations.kit.simulator.process import RunningSimulator
from integrations.registry import shipped_mappings
from integrations.twilio.inbound import TwilioWebhooks
from integrations.twilio.messages import TwilioMessages
from integrations.twilio.polling import TwilioPolling
from integrations.twilio.settings import TwilioConnection
from local.webhook_receiver import WebhookReceiver, webhook_receiver
from store import suppression
from store.contact_tables import deal_contacts
from store.database import Store
from store.intake import Event, IntakeState
from tests.simulators.forked import running_simulator
from tests.store.databases import database_url, migrated_sqlite, store
from tests.store.samples import NOW

__all__ = ["database_url", "migrated_sqlite", "store"]

TOKEN, OURS, ANA = "twilio-auth-token-local", "+14155550199", "+14155550100"
_MAPPING = shipped_mappings()["twilio"]


@pytest.fixture
def database() -> str:
    """SQLite: what differs between databases is tested where the store is."""
    return "sqlite"


@pytest.fixture(scope="module")
async def receiver() -> AsyncIterator[WebhookReceiver]:
    async with webhook_receiver() as receiving:
        yield receiving


@pytest.fixture(scope="module")
async def process(receiver: WebhookReceiver) -> AsyncIterator[RunningSimulator]:
    async with running_simulator("integrations.twilio.simulator", target=receiver.url) as running:
        await running.switch(hold=True)
        yield running


@pytest.fixture
async def twilio(process: RunningSimulator, receiver: WebhookReceiver) -> AsyncIterator[RunningSimulator]:
    """An account that behaves; other tests have left messages in it."""
    await process.deliver()
    receiver.requests.clear()
    receiver.urls.clear()
    yield process
    await process.switch(only="", lose_request=0, lose_response=0, server_error=0, quota_spent=0, expire_token=0)


@pytest.fixture
async def connection(twilio: RunningSimulator) -> TwilioConnection:
    block: dict[str, Any] = dict((await twilio.connection()).block)
    return TwilioConnection.model_validate(
        {**block, "auth_token": SecretStr(TOKEN), "webhook_secrets": [SecretStr(TOKEN)]}
    )


@pytest.fixture
async def messages(connection: TwilioConnection, store: Store) -> AsyncIterator[TwilioMessages]:
    sending = TwilioMessages(connection, store)
    yield sending
    await sending.close()


@pytest.fixture
async def polling(connection: TwilioConnection, store: Store) -> AsyncIterator[TwilioPolling]:
    reading = TwilioPolling(connection, store)
    yield reading
    await reading.close()


def text(name: str, number: str = ANA) -> SendSms:
    return SendSms(
        id=f"acme-1/text/1/1/{name}", at=NOW, summary="Text", template="hello", bundle="b", deal=Deal(id="acme-1"),
        to=Contact(id="ana", name="Ana", phone=number),
    )  # fmt: skip


async def ready(messages: TwilioMessages, name: str, body: str = "Hello", number: str = ANA) -> Delivery:
    return await messages.send("acme-1", text(name, number), f"{body} {name}")


async def found(delivery: Delivery) -> object:
    assert delivery.find is not None
    return await delivery.find()


async def outbound(twilio: RunningSimulator, body: str) -> list[dict[str, Any]]:
    state: Any = await twilio.state()
    return [one for one in state["messages"].values() if one["body"] == body]


async def taken_in(receiver: WebhookReceiver, store: Store, place: int = -1) -> InboundResult:
    headers, body = receiver.requests[place]
    url = receiver.urls[place]
    request = WebhookRequest("POST", url, headers, body, dict(parse_qsl(urlsplit(url).query)))
    await verifier_for("twilio", _MAPPING.auth, [TOKEN]).check(request, NOW)
    return await TwilioWebhooks(None)(request, _MAPPING.with_settings({}, {}), store)


async def know(store: Store, number: str, *deals: str) -> None:
    async with store.writing() as writing:
        for deal_id in deals:
            await writing.execute(store.insert_new(deal_contacts), {"deal_id": deal_id, "address": number})


def told(event: Event) -> dict[str, Any]:
    return {name: value for name, value in event.payload.items() if name not in {"id", "at", "source"}}


async def test_a_message_goes_out_with_whom_to_call_back(messages: TwilioMessages, twilio: RunningSimulator) -> None:
    delivery = await ready(messages, "one")
    reference = await delivery.send()

    (sent,) = await outbound(twilio, "Hello one")
    assert (sent["to"], sent["sender"], f"message:{sent['sid']}") == (ANA, OURS, reference)
    assert dict(parse_qsl(urlsplit(sent["callback"]).query)) == {"effect": "acme-1/text/1/1/one", "deal": "acme-1"}
    assert delivery.idempotency is Idempotency.MARKER


async def test_what_twilio_posts_is_answered_with_nothing_to_do(
    twilio: RunningSimulator, receiver: WebhookReceiver, store: Store
) -> None:
    await twilio.change(do="text", **{"from": ANA}, body="Thank you")
    await twilio.deliver()

    taken = await taken_in(receiver, store)
    headers, body = receiver.requests[-1]
    answer = reply_to(_MAPPING.with_settings({}, {}), WebhookRequest("POST", receiver.urls[-1], headers, body, {}))
    assert [event.fact for event in taken.events] == ["reply_received"]
    assert answer == Reply(200, "text/xml", b"<Response/>")


async def test_a_message_whose_answer_was_lost_is_found_by_its_words(
    messages: TwilioMessages, twilio: RunningSimulator
) -> None:
    await twilio.switch(lose_response=1)
    delivery = await ready(messages, "lost")
    with pytest.raises(Unanswered):
        await delivery.send()

    (sent,) = await outbound(twilio, "Hello lost")
    assert await found(delivery) == Found(f"message:{sent['sid']}")


async def test_a_message_that_never_came_is_not_found(messages: TwilioMessages, twilio: RunningSimulator) -> None:
    await twilio.switch(lose_request=1)
    delivery = await ready(messages, "never")
    with pytest.raises(Unanswered):
        await delivery.send()

    assert await found(delivery) == Absent()


async def test_the_same_words_of_another_effect_are_not_taken_for_it(messages: TwilioMessages) -> None:
    first = await messages.send("acme-1", text("first"), "The same words")
    reference = await first.send()
    assert first.arrived is not None
    await first.arrived(reference)

    assert await found(await messages.send("acme-2", text("second"), "The same words")) == Absent()


async def test_several_alike_settle_nothing(messages: TwilioMessages) -> None:
    for name in ("a", "b"):
        await (await messages.send("acme-1", text(name), "Twice alike")).send()

    assert isinstance(await found(await messages.send("acme-1", text("c"), "Twice alike")), Unsure)


async def test_who_opted_out_at_the_network_is_refused_and_left_alone_by_all_deals(
    messages: TwilioMessages, twilio: RunningSimulator, store: Store
) -> None:
    number = "+14155550111"
    await twilio.change(do="text", **{"from": number, "body": "STOP"})

    with pytest.raises(Refused, match="unsubscribed recipient"):
        await (await ready(messages, "gone", number=number)).send()
    assert await suppression.suppressed(store, number) is not None


@pytest.mark.parametrize(
    ("fault", "error"), [("server_error", Unanswered), ("quota_spent", NotHandedOver), ("expire_token", NotHandedOver)]
)
async def test_what_goes_wrong_there_is_told_as_it_is(
    messages: TwilioMessages, twilio: RunningSimulator, fault: str, error: type[Exception]
) -> None:
    await twilio.switch(**{fault: 1})
    with pytest.raises(error):
        await (await ready(messages, fault)).send()


async def test_what_twilio_calls_back_says_which_message_an_effect_is(
    messages: TwilioMessages, twilio: RunningSimulator, receiver: WebhookReceiver, store: Store
) -> None:
    await twilio.switch(lose_response=1)
    delivery = await ready(messages, "called back")
    with pytest.raises(Unanswered):
        await delivery.send()
    await twilio.deliver()
    (event,) = (await taken_in(receiver, store)).events

    (sent,) = await outbound(twilio, "Hello called back")
    assert event.state is IntakeState.SKIPPED
    assert await found(delivery) == Found(f"message:{sent['sid']}")


@pytest.mark.parametrize(("error", "kind"), [(30005, "hard"), (30006, "hard"), (30003, "soft"), (30007, "soft")])
async def test_what_does_not_arrive_is_told_to_its_deal(
    messages: TwilioMessages, twilio: RunningSimulator, receiver: WebhookReceiver, store: Store, error: int, kind: str
) -> None:
    number = f"+1415556{error - 26000}"
    await twilio.change(do="break", number=number, error=error)
    await (await ready(messages, f"broken {error}", number=number)).send()
    await twilio.deliver()
    (event,) = (await taken_in(receiver, store)).events

    assert (event.fact, told(event)["kind"], told(event)["address"]) == ("sms_undelivered", kind, number)


async def test_stop_counts_at_once_and_is_told_to_every_deal_that_knows_the_number(
    twilio: RunningSimulator, receiver: WebhookReceiver, store: Store
) -> None:
    number = "+14155550122"
    await know(store, number, "acme-1", "acme-2")
    await twilio.change(do="text", **{"from": number, "body": " Stop. "})
    await twilio.deliver()
    events = (await taken_in(receiver, store)).events

    assert [(one.deal_ref, one.fact, told(one)["channel"]) for one in events] == [
        ("acme-1", "channel_refused", "sms"), ("acme-2", "channel_refused", "sms"),
    ]  # fmt: skip
    assert await suppression.suppressed(store, number) is not None


async def test_start_takes_it_back(twilio: RunningSimulator, receiver: WebhookReceiver, store: Store) -> None:
    number = "+14155550133"
    facts = []
    for body in ("STOP", "START"):
        await twilio.change(do="text", **{"from": number, "body": body})
        await twilio.deliver()
        facts += [event.fact for event in (await taken_in(receiver, store)).events]

    assert facts == ["channel_refused", "channel_allowed"]
    assert await suppression.suppressed(store, number) is None


async def test_any_other_answer_is_a_reply_for_the_deal_that_knows_the_number(
    twilio: RunningSimulator, receiver: WebhookReceiver, store: Store
) -> None:
    await twilio.change(do="text", **{"from": ANA, "body": "Please stop by on Monday"})
    await twilio.deliver()
    (event,) = (await taken_in(receiver, store)).events

    assert (event.fact, event.contacts) == ("reply_received", (ANA,))
    assert told(event) == {"address": ANA, "channel": "sms", "note": "Please stop by on Monday"}


@pytest.mark.parametrize(("status", "result"), [("completed", "connected"), ("no-answer", "no_answer")])
async def test_a_call_is_logged_with_how_far_it_got(
    twilio: RunningSimulator, receiver: WebhookReceiver, store: Store, status: str, result: str
) -> None:
    await twilio.change(do="call", number=ANA, status=status, seconds=61)
    await twilio.deliver()
    (event,) = (await taken_in(receiver, store)).events

    assert (event.fact, event.contacts, told(event)["result"]) == ("call_logged", (ANA,), result)


async def test_a_call_of_theirs_is_no_touch_of_ours(
    twilio: RunningSimulator, receiver: WebhookReceiver, store: Store
) -> None:
    await twilio.change(do="call", number=ANA, status="completed", seconds=61, inbound=True)
    await twilio.deliver()
    (event,) = (await taken_in(receiver, store)).events

    assert (event.fact, told(event)["result"], told(event)["direction"]) == ("call_logged", "connected", "in")
    assert told(event)["address"] == ANA


async def test_a_call_of_theirs_that_nobody_took_is_a_reply(
    twilio: RunningSimulator, receiver: WebhookReceiver, store: Store
) -> None:
    await twilio.change(do="call", number=ANA, status="no-answer", seconds=0, inbound=True)
    await twilio.deliver()
    (event,) = (await taken_in(receiver, store)).events

    assert (event.fact, event.contacts) == ("reply_received", (ANA,))
    assert told(event)["note"] == "They called, and reached nobody: call them back."


async def test_nobody_else_can_say_stop_for_them(
    twilio: RunningSimulator, receiver: WebhookReceiver, store: Store
) -> None:
    await twilio.change(do="text", **{"from": ANA, "body": "Hi"})
    await twilio.deliver()
    headers, body = receiver.requests[-1]
    receiver.requests[-1] = (headers, body.replace(b"Body=Hi", b"Body=STOP"))

    with pytest.raises(InvalidSignature):
        await taken_in(receiver, store)


async def test_reading_brings_what_no_webhook_brought_and_nothing_twice(
    twilio: RunningSimulator, receiver: WebhookReceiver, polling: TwilioPolling, store: Store
) -> None:
    begun = (await polling.poll(None)).cursor
    await twilio.change(do="text", **{"from": "+14155550144", "body": "Still there?"})
    await twilio.change(do="call", number="+14155550144", status="busy", seconds=0)
    await twilio.deliver()
    by_webhook = [event for place in (-2, -1) for event in (await taken_in(receiver, store, place)).events]
    first = await polling.poll(begun)
    second = await polling.poll(first.cursor)

    read = [one for one in (*first.events, *second.events) if one.contacts == ("+14155550144",)]
    assert {one.event_id for one in read} == {one.event_id for one in by_webhook}
    assert (first.more, second.more) == (True, False)


async def test_our_own_messages_are_no_news(messages: TwilioMessages, polling: TwilioPolling) -> None:
    begun = (await polling.poll(None)).cursor
    await (await ready(messages, "our own")).send()

    assert not [one for one in (await polling.poll(begun)).events if "our own" in told(one).get("note", "")]


async def test_a_token_that_is_not_taken_is_a_problem(polling: TwilioPolling, twilio: RunningSimulator) -> None:
    assert [one.level for one in await polling.health()] == ["ok", "ok"]
    await twilio.switch(expire_token=2)
    assert [one.level for one in await polling.health()] == ["problem", "ok"]
