"""Events on their way to subscribers: signed, in order for each deal, and sent again until they are taken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from ipaddress import ip_network

import pytest

from gateway.events.delivering import Deliverer, DeliveryLimits
from gateway.events.retries import SCHEDULE, Retries
from gateway.events.sending import EventSender
from gateway.events.targets import Targets
from store import event_deliveries, event_feed, subscriptions
from store.database import Store
from store.event_deliveries import DeliveryState, EventDelivery
from store.subscriptions import Subscription
from tests.gateway.events.conftest import Clock, Receiver
from tests.gateway.events.test_asking import write
from tests.store.samples import closed, entered, fact, opened, story

HERE = Targets((ip_network("127.0.0.0/8"),))
LIMITS = DeliveryLimits(
    poll_interval=timedelta(seconds=0.02), timeout=timedelta(seconds=30), retries=Retries(chance=lambda: 0.0)
)


@pytest.fixture
async def sender() -> AsyncIterator[EventSender]:
    async with EventSender.open(HERE, LIMITS.timeout) as opened_sender:
        yield opened_sender


@pytest.fixture
def deliverer(store: Store, clock: Clock) -> Deliverer:
    return Deliverer(store, HERE, LIMITS, clock=clock)


@pytest.fixture
async def subscription(store: Store, receiver: Receiver, clock: Clock) -> Subscription:
    return await subscribed(store, receiver, clock)


async def subscribed(
    store: Store, receiver: Receiver, clock: Clock, *, kinds: tuple[str, ...] = (), deals: tuple[str, ...] = ()
) -> Subscription:
    made = await subscriptions.add(store, receiver.url, clock(), kinds=kinds, deals=deals)
    receiver.secret = made.secret.get_secret_value()
    return made


async def deliveries(store: Store, subscription: Subscription) -> list[EventDelivery]:
    return sorted(await event_deliveries.listed(store, subscription.id), key=lambda one: one.position)


async def test_a_subscriber_gets_each_event_once_signed_and_as_a_cloud_event(
    deliverer: Deliverer, sender: EventSender, store: Store, receiver: Receiver, subscription: Subscription
) -> None:
    await write(store, story())
    await deliverer.serve_all(sender)
    await deliverer.serve_all(sender)
    assert [(event["type"], event["data"]["number"]) for event in receiver.got] == [
        ("dealwright.deal.deal_opened", 1), ("dealwright.deal.stage_entered", 2), ("dealwright.deal.fact_taken", 3),
    ]  # fmt: skip
    assert receiver.ids == [event["id"] for event in receiver.got]
    assert receiver.headers[0]["content-type"] == "application/cloudevents+json"
    assert {one.state for one in await deliveries(store, subscription)} == {DeliveryState.DELIVERED}


async def test_events_from_before_the_subscription_are_not_sent(
    deliverer: Deliverer, sender: EventSender, store: Store, receiver: Receiver, clock: Clock
) -> None:
    await write(store, [opened(), entered(2)])
    await event_feed.publish(store, clock())
    await subscribed(store, receiver, clock)
    await write(store, [fact(3, "note_added")])
    await deliverer.serve_all(sender)
    assert receiver.numbers("acme-1") == [3]


async def test_a_subscriber_gets_only_what_it_asked_for(
    deliverer: Deliverer, sender: EventSender, store: Store, receiver: Receiver, clock: Clock
) -> None:
    await subscribed(store, receiver, clock, kinds=("deal_closed",), deals=("acme-1",))
    await write(store, [*story(), closed(4)])
    await write(store, [*story("acme-2"), closed(4)], deal_id="acme-2")
    await deliverer.serve_all(sender)
    assert [(event["subject"], event["data"]["kind"]) for event in receiver.got] == [("acme-1", "deal_closed")]


async def test_an_event_that_is_not_taken_holds_back_its_own_deals_later_ones_only(
    deliverer: Deliverer,
    sender: EventSender,
    store: Store,
    receiver: Receiver,
    subscription: Subscription,
    clock: Clock,
) -> None:
    receiver.refuse = lambda event: event["subject"] == "acme-1" and event["data"]["number"] == 2
    await write(store, story())
    await write(store, story("acme-2"), deal_id="acme-2")
    await deliverer.serve_all(sender)
    assert (receiver.numbers("acme-1"), receiver.numbers("acme-2")) == ([1, 2], [1, 2, 3])
    receiver.refuse = lambda _: False
    clock.ahead += SCHEDULE[0]
    await deliverer.serve_all(sender)
    assert receiver.numbers("acme-1") == [1, 2, 2, 3]
    assert len(set(receiver.ids)) == 6


async def test_an_event_is_tried_as_long_as_the_specification_says_and_then_dead(
    deliverer: Deliverer,
    sender: EventSender,
    store: Store,
    receiver: Receiver,
    subscription: Subscription,
    clock: Clock,
) -> None:
    receiver.refuse = lambda event: event["data"]["number"] == 1
    await write(store, [opened(), entered(2)])
    waits = []
    for _ in SCHEDULE:
        before = clock()
        await deliverer.serve_all(sender)
        first = (await deliveries(store, subscription))[0]
        waits.append(first.not_before - before)
        clock.ahead += first.not_before - clock()
    assert [round(wait.total_seconds() / 5) * 5 for wait in waits] == [wait.total_seconds() for wait in SCHEDULE]
    await deliverer.serve_all(sender)
    dead, later = await deliveries(store, subscription)
    assert (dead.state, dead.attempts, dead.last_error) == (DeliveryState.DEAD, 10, "answered 500")
    assert later.state is DeliveryState.DELIVERED


async def test_a_dead_delivery_can_be_sent_again(
    deliverer: Deliverer,
    sender: EventSender,
    store: Store,
    receiver: Receiver,
    subscription: Subscription,
    clock: Clock,
) -> None:
    deliverer.limits = DeliveryLimits(timeout=LIMITS.timeout, retries=Retries(schedule=()))
    receiver.answers = [(500, {})]
    await write(store, [opened()])
    await deliverer.serve_all(sender)
    assert await event_deliveries.counts(store) == {subscription.id: (0, 1)}
    assert await event_deliveries.resend(store, subscription.id, clock()) == 1
    await deliverer.serve_all(sender)
    assert await event_deliveries.counts(store) == {subscription.id: (0, 0)}
    assert receiver.ids[0] == receiver.ids[1]


@pytest.mark.parametrize("asked", [("7200", 7200), ("1", 5), ("nonsense", 5), ("9" * 30, 86400)])
async def test_a_subscriber_that_says_how_long_to_wait_gets_that(
    deliverer: Deliverer, sender: EventSender, store: Store, receiver: Receiver, clock: Clock, asked: tuple[str, int]
) -> None:
    subscription, (text, seconds) = await subscribed(store, receiver, clock), asked
    receiver.answers = [(429, {"Retry-After": text})]
    await write(store, [opened()])
    before = clock()
    await deliverer.serve_all(sender)
    (waiting,) = await deliveries(store, subscription)
    assert 0 <= (waiting.not_before - before).total_seconds() - seconds < 5
    assert (waiting.last_status, waiting.state) == (429, DeliveryState.WAITING)


async def test_a_subscriber_that_answers_410_gets_nothing_more_until_it_is_enabled(
    deliverer: Deliverer, sender: EventSender, store: Store, receiver: Receiver, subscription: Subscription
) -> None:
    receiver.answers = [(410, {})]
    await write(store, story())
    await deliverer.serve_all(sender)
    await deliverer.serve_all(sender)
    assert receiver.numbers("acme-1") == [1]
    disabled = await subscriptions.find(store, subscription.id)
    assert disabled is not None
    assert "410" in (disabled.disabled_why or "")
    await subscriptions.enable(store, subscription.id)
    await deliverer.serve_all(sender)
    assert receiver.numbers("acme-1") == [1, 1, 2, 3]


async def test_a_subscriber_that_hangs_is_given_up_after_the_timeout_and_asked_again(
    deliverer: Deliverer, store: Store, receiver: Receiver, subscription: Subscription
) -> None:
    receiver.hold = asyncio.Event()
    await write(store, [opened()])
    async with EventSender.open(HERE, timedelta(seconds=0.3)) as hasty:
        await deliverer.serve_all(hasty)
    (waiting,) = await deliveries(store, subscription)
    assert (waiting.state, waiting.last_status) == (DeliveryState.WAITING, None)
    assert waiting.last_error == "no answer within 0.3 s"


async def test_a_subscriber_that_is_away_is_asked_again(
    deliverer: Deliverer, sender: EventSender, store: Store, clock: Clock
) -> None:
    subscription = await subscriptions.add(store, "http://127.0.0.1:1/hooks", clock())
    await write(store, [opened()])
    await deliverer.serve_all(sender)
    (waiting,) = await deliveries(store, subscription)
    assert (waiting.state, waiting.last_error) == (DeliveryState.WAITING, "no answer (ConnectError)")


async def test_a_redirect_is_not_followed(
    deliverer: Deliverer, sender: EventSender, store: Store, receiver: Receiver, subscription: Subscription
) -> None:
    receiver.answers = [(307, {"Location": receiver.url + "?elsewhere"})]
    await write(store, [opened()])
    await deliverer.serve_all(sender)
    assert len(receiver.got) == 1
    assert (await deliveries(store, subscription))[0].last_error == "answered 307"


async def test_after_a_rotation_both_secrets_sign_until_the_former_one_ends(
    deliverer: Deliverer,
    sender: EventSender,
    store: Store,
    receiver: Receiver,
    subscription: Subscription,
    clock: Clock,
) -> None:
    rotated = await subscriptions.rotate(store, subscription.id, clock(), timedelta(hours=24))
    assert rotated is not None
    former, present = receiver.secret, rotated.secret.get_secret_value()
    for number, secret in ((1, former), (2, present)):
        receiver.secret = secret
        await write(store, [opened() if number == 1 else entered(number)])
        await deliverer.serve_all(sender)
    assert receiver.numbers("acme-1") == [1, 2]
    assert [len(headers["webhook-signature"].split(" ")) for headers in receiver.headers] == [2, 2]
    assert rotated.active_secrets(clock() + timedelta(hours=25)) == (present,)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_what_a_gateway_that_died_had_claimed_is_sent_by_another_with_the_same_id(
    deliverer: Deliverer,
    sender: EventSender,
    store: Store,
    receiver: Receiver,
    subscription: Subscription,
    clock: Clock,
) -> None:
    receiver.hold = asyncio.Event()
    await write(store, story())
    dying = asyncio.create_task(deliverer.serve_all(sender))
    await receiver.arrived.wait()
    for serving in deliverer._serving.values():
        serving.cancel()  # between the receiver's taking it and the note of that
    with suppress(asyncio.CancelledError):
        await dying
    receiver.hold.set()
    other = Deliverer(store, HERE, LIMITS, clock=clock)
    await other.serve_all(sender)
    assert receiver.numbers("acme-1") == [1]  # the claim still holds
    clock.ahead += LIMITS.claim + timedelta(seconds=1)
    await other.serve_all(sender)
    assert receiver.numbers("acme-1") == [1, 1, 2, 3]
    assert receiver.ids[0] == receiver.ids[1]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_two_gateways_send_each_event_once_and_in_each_deals_order(
    store: Store,
    database_url: str,
    sender: EventSender,
    receiver: Receiver,
    subscription: Subscription,
    clock: Clock,
) -> None:
    elsewhere = Store.open(database_url)
    gateways = [Deliverer(store, HERE, LIMITS, clock=clock), Deliverer(elsewhere, HERE, LIMITS, clock=clock)]
    deals = [f"deal-{n}" for n in range(5)]
    for deal_id in deals:
        await write(store, [opened(deal_id), *(entered(n) for n in range(2, 9))], deal_id=deal_id)
    while (await event_deliveries.counts(store)).get(subscription.id) != (0, 0):
        await asyncio.gather(*(gateway.serve_all(sender) for gateway in gateways))
    await elsewhere.close()
    assert len(receiver.ids) == len(set(receiver.ids)) == 40
    assert all(receiver.numbers(deal_id) == list(range(1, 9)) for deal_id in deals)


async def test_events_that_a_subscriber_waits_for_are_kept_beyond_their_time(
    deliverer: Deliverer,
    sender: EventSender,
    store: Store,
    receiver: Receiver,
    subscription: Subscription,
    clock: Clock,
) -> None:
    receiver.refuse = lambda event: event["data"]["number"] == 2
    await write(store, story())
    await deliverer.serve_all(sender)
    clock.ahead += timedelta(days=100)
    await deliverer.clean_up()
    assert [one.event.number for one in await deliveries(store, subscription)] == [2, 3]
    assert (await event_feed.read(store, 0)).deleted_up_to == 1
