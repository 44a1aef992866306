"""Cal.com on this machine: its bookings, its webhooks, reading it beside them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from integrations.cal_com.fetcher import CalComFetcher
from integrations.cal_com.polling import TRIGGERS, CalComPolling
from integrations.cal_com.settings import CalComConnection
from integrations.kit.errors import NotHandedOver, Refused
from integrations.kit.mapping.events import events_after_fetch, events_from
from integrations.kit.proof.request import InvalidSignature, WebhookRequest
from integrations.kit.proof.schemes import verifier_for
from integrations.kit.simulator.process import RunningSimulator
from integrations.registry import shipped_mappings
from local.webhook_receiver import WebhookReceiver, webhook_receiver
from store import mirror
from store.database import Store
from store.intake import Event
from tests.integrations.cal_com.webhooks import source
from tests.simulators.forked import running_simulator
from tests.store.databases import migrated

SECRET = "local-cal-com-secret"
DEAL = {"dealwright_deal": "acme"}


@pytest.fixture(scope="module")
async def receiver() -> AsyncIterator[WebhookReceiver]:
    async with webhook_receiver() as receiving:
        yield receiving


@pytest.fixture(scope="module")
async def cal(receiver: WebhookReceiver) -> AsyncIterator[RunningSimulator]:
    async with running_simulator("integrations.cal_com.simulator", target=receiver.url) as running:
        await running.switch(hold=True)
        yield running


@pytest.fixture(scope="module")
async def store(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Store]:
    store = Store.open(migrated(tmp_path_factory.mktemp("cal")))
    yield store
    await store.close()


@pytest.fixture(scope="module")
async def connection(cal: RunningSimulator) -> CalComConnection:
    example = await cal.connection()
    secret = {"token": SecretStr(example.secrets["token"]), "webhook_secrets": [SecretStr(SECRET)]}
    return CalComConnection.model_validate({**example.block, **secret})


@pytest.fixture
async def fetcher(connection: CalComConnection, store: Store) -> AsyncIterator[CalComFetcher]:
    fetcher = CalComFetcher(connection, store)
    yield fetcher
    await fetcher.close()


class Reading:
    """Cal.com as it is read, with a clock of its own: what changed just now is left for later."""

    def __init__(self, connection: CalComConnection, store: Store) -> None:
        self.now, self.store = datetime.now(UTC), store
        self.polling = CalComPolling(connection, store, lambda: self.now)

    async def ids_since(self, cursor: str) -> list[str]:
        """The ids of what has changed until now."""
        self.now = datetime.now(UTC) + timedelta(minutes=3)
        return [event.event_id for event in (await self.polling.poll(cursor)).events]


@pytest.fixture
async def reading(connection: CalComConnection, store: Store) -> AsyncIterator[Reading]:
    reading = Reading(connection, store)
    yield reading
    await reading.polling.close()


async def book(cal: RunningSimulator, **about: object) -> str:
    made: Any = await cal.change(do="book", starts_at="2026-12-01T10:00:00Z", metadata=DEAL, **about)
    return str(made["uid"])


async def move(cal: RunningSimulator, booking: str) -> str:
    made: Any = await cal.change(do="reschedule", booking=booking, starts_at="2026-12-02T10:00:00Z")
    return str(made["uid"])


async def test_a_meeting_that_was_moved_twice_is_the_first_one(cal: RunningSimulator, fetcher: CalComFetcher) -> None:
    first = await book(cal)
    third = await move(cal, await move(cal, first))
    found: Any = await fetcher.fetch({"booking": third})
    assert (found["first"], found["deal"], found["moved"]) == (first, "acme", True)


async def test_where_a_meeting_began_is_asked_for_once(cal: RunningSimulator, fetcher: CalComFetcher) -> None:
    third = await move(cal, await move(cal, await book(cal)))
    before = await fetcher.fetch({"booking": third})
    calls = len(await cal.calls("/v2/bookings/"))
    assert await fetcher.fetch({"booking": third}) == before
    assert len(await cal.calls("/v2/bookings/")) == calls + 1  # of the booking itself, which may have changed


async def test_a_booking_that_the_key_may_not_read_is_refused_and_so_kept_for_people(fetcher: CalComFetcher) -> None:
    with pytest.raises(Refused, match="no booking 'elsewhere'"):
        await fetcher.fetch({"booking": "elsewhere"})


@pytest.mark.parametrize("uid", ["../me", "a/b", "", "a" * 300])
async def test_no_other_path_than_a_bookings_is_called(cal: RunningSimulator, fetcher: CalComFetcher, uid: str) -> None:
    calls = len(await cal.calls())
    with pytest.raises(Refused):
        await fetcher.fetch({"booking": uid})
    assert len(await cal.calls()) == calls


@pytest.mark.parametrize("fault", ["server_error", "expire_token", "lose_request"])
async def test_what_cannot_be_asked_now_is_asked_again_later(
    cal: RunningSimulator, fetcher: CalComFetcher, fault: str
) -> None:
    booking = await book(cal)
    await cal.switch(**{fault: 1})
    with pytest.raises(NotHandedOver):
        await fetcher.fetch({"booking": booking})


async def test_its_webhooks_prove_where_they_come_from_and_say_what_happened(
    cal: RunningSimulator, receiver: WebhookReceiver, fetcher: CalComFetcher
) -> None:
    await cal.deliver()
    receiver.requests.clear()
    booking = await book(cal, event_type=102)
    await cal.change(do="no_show", booking=await move(cal, booking))
    await cal.deliver()
    verifier = verifier_for("cal_com", shipped_mappings()["cal_com"].auth, [SECRET])
    stranger = verifier_for("cal_com", shipped_mappings()["cal_com"].auth, ["another-webhook-secret"])
    told = []
    for headers, body in receiver.requests:
        came = WebhookRequest("POST", receiver.url, headers, body)
        await verifier.check(came, datetime.now(UTC))
        with pytest.raises(InvalidSignature):
            await stranger.check(came, datetime.now(UTC))
        told.append(await _fetched(fetcher, json.loads(body)))
    assert [(event.fact, event.payload["demo"], event.deal_ref) for event in told] == [
        ("demo_booked", booking, "acme"), ("demo_booked", booking, "acme"), ("demo_missed", booking, "acme"),
    ]  # fmt: skip


async def test_reading_tells_what_webhooks_should_have_told_under_the_same_ids(
    cal: RunningSimulator, receiver: WebhookReceiver, reading: Reading
) -> None:
    await cal.deliver()
    receiver.requests.clear()
    cursor = datetime.now(UTC).isoformat()
    one, other = await book(cal), await book(cal)
    moved = await move(cal, one)
    await cal.change(do="cancel", booking=other)
    await cal.deliver()
    by_webhook = {event.event_id for _, body in receiver.requests for event in _hints(json.loads(body))}
    by_reading = await reading.ids_since(cursor)
    assert set(by_reading) <= by_webhook
    assert {f"BOOKING_CREATED-{moved}-.hint", f"BOOKING_CANCELLED-{other}-.hint"} <= set(by_reading)


async def missed_just_now(cal: RunningSimulator) -> str:
    """A booking that is over, and to which nobody came."""
    made: Any = await cal.change(
        do="book",
        starts_at=(datetime.now(UTC) - timedelta(hours=1)).isoformat(),
        metadata=DEAL,
        guests=["bo@b.example"],
    )
    await cal.change(do="no_show", booking=made["uid"])
    return str(made["uid"])


async def marks_read(reading: Reading, fetcher: CalComFetcher, booking: str) -> list[str]:
    """What the next reading tells of who did not come to a meeting, once it was looked up; it is noted as told."""
    reading.now += timedelta(minutes=5)
    page = await reading.polling.poll((reading.now - timedelta(minutes=5)).isoformat())
    told = []
    for hint in page.events:
        if hint.event_id.startswith(f"BOOKING_NO_SHOW_UPDATED-{booking}-"):
            told += events_after_fetch(source(), hint, await fetcher.fetch(hint.payload["what"]))
    for seen in page.seen:
        await mirror.note(reading.store, "cal_com", seen.object_id, seen.values, seen.at)
    return [one.fact for one in told]


async def test_a_no_show_and_its_taking_back_are_read_where_no_webhook_told_of_them(
    cal: RunningSimulator, reading: Reading, fetcher: CalComFetcher
) -> None:
    booking = await missed_just_now(cal)
    first = await marks_read(reading, fetcher, booking)
    second = await marks_read(reading, fetcher, booking)
    await cal.change(do="undo_no_show", booking=booking, email="bo@b.example")
    third = await marks_read(reading, fetcher, booking)

    assert (first, second, third) == (["meeting_missed"], [], ["fact_retracted"])


async def test_a_no_show_that_a_webhook_told_is_not_read_again(
    cal: RunningSimulator, receiver: WebhookReceiver, reading: Reading, fetcher: CalComFetcher
) -> None:
    await cal.deliver()
    receiver.requests.clear()
    booking = await missed_just_now(cal)
    await cal.deliver()
    told = [await _fetched(fetcher, json.loads(body)) for _, body in receiver.requests]

    assert told[-1].fact == "meeting_missed"
    assert await marks_read(reading, fetcher, booking) == []


async def test_of_a_booking_to_which_one_of_two_came_nothing_is_read(
    cal: RunningSimulator, reading: Reading, fetcher: CalComFetcher
) -> None:
    booking = await missed_just_now(cal)
    await cal.change(do="undo_no_show", booking=booking, email="bo@b.example")

    assert await marks_read(reading, fetcher, booking) == []


async def test_no_shows_of_before_the_first_reading_are_not_told(
    cal: RunningSimulator, reading: Reading, fetcher: CalComFetcher
) -> None:
    booking = await missed_just_now(cal)
    for seen in (await reading.polling.poll(None)).seen:
        await mirror.note(reading.store, "cal_com", seen.object_id, seen.values, seen.at)

    assert await marks_read(reading, fetcher, booking) == []


async def test_what_changed_before_it_was_first_read_is_not_told(cal: RunningSimulator, reading: Reading) -> None:
    await book(cal)
    reading.now = datetime.now(UTC) + timedelta(minutes=30)
    polled = await reading.polling.poll(None)
    assert polled.events == ()
    reading.now += timedelta(minutes=30)
    assert (await reading.polling.poll(polled.cursor)).events == ()


async def test_more_bookings_than_a_page_has_are_read_page_by_page(cal: RunningSimulator, reading: Reading) -> None:
    cursor, made = (datetime.now(UTC)).isoformat(), [await book(cal) for _ in range(103)]
    reading.now = datetime.now(UTC) + timedelta(minutes=3)
    first = await reading.polling.poll(cursor)
    second = await reading.polling.poll(first.cursor)
    assert (first.more, second.more) == (True, False)
    read = {event.event_id for event in (*first.events, *second.events)}
    assert {f"BOOKING_CREATED-{uid}-.hint" for uid in made} <= read


async def test_a_webhook_that_is_off_or_lacks_a_trigger_is_switched_on_again(
    cal: RunningSimulator, connection: CalComConnection, store: Store
) -> None:
    held = connection.model_copy(update={"settings": {"ended": "held"}, "webhook_url": "https://deals.example/new"})
    polling = CalComPolling(held, store)
    assert "problem" in {one.level for one in await polling.health()}
    await polling.repair()
    assert {one.level for one in await polling.health()} == {"ok"}
    assert await polling.repair() == []
    state: Any = await cal.state()
    (made,) = [one for one in state["webhooks"].values() if one["url"] == "https://deals.example/new"]
    assert (set(made["triggers"]), made["secret"]) == ({*TRIGGERS, "MEETING_ENDED"}, SECRET)
    replaced = CalComPolling(held.model_copy(update={"webhook_secrets": (SecretStr("the-one-after-it"),)}), store)
    assert "problem" in {one.level for one in await replaced.health()}
    await replaced.repair()
    assert {one.level for one in await replaced.health()} == {"ok"}
    for one in (polling, replaced):
        await one.close()


def _hints(document: Any) -> list[Event]:
    return events_from(source(), document, datetime.now(UTC))


async def _fetched(fetcher: CalComFetcher, document: Any) -> Event:
    (hint,) = _hints(document)
    demos = source({"102": "demo"})
    (event,) = events_after_fetch(demos, hint, await fetcher.fetch(hint.payload["what"]))
    return event
