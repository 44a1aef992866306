"""Google's calendars on this machine: what is read of them, when it is told, and how we are let in."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from integrations.calendly.settings import CalendlyConnection
from integrations.google_calendar.fetcher import GoogleCalendarFetcher
from integrations.google_calendar.polling import GoogleCalendarPolling, source_of
from integrations.google_calendar.settings import SOURCE, GoogleCalendarConnection
from integrations.kit.connections import Connections
from integrations.kit.errors import NotHandedOver, Refused
from integrations.kit.mapping.events import challenge_in, events_after_fetch, events_in
from integrations.kit.mapping.meaning import FETCHES
from integrations.kit.proof.request import InvalidSignature, WebhookRequest
from integrations.kit.proof.schemes import verifier_for
from integrations.kit.simulator.process import RunningSimulator
from integrations.registry import fetchers_of, polling_of
from integrations.salesforce.simulator.keys import new_private_key, public_key_of
from local.webhook_receiver import WebhookReceiver, webhook_receiver
from store import feeds
from store.database import Store
from store.intake import Event
from tests.integrations.google_calendar.calendars import ANA, BEA, SAM
from tests.simulators.forked import running_simulator
from tests.store.databases import migrated

ACCOUNT = "dealwright@local.iam.gserviceaccount.com"
FOR_ACME = {"dealwright_deal": "acme"}


@pytest.fixture(scope="module")
def private_key() -> str:
    return new_private_key()


@pytest.fixture(scope="module")
async def receiver() -> AsyncIterator[WebhookReceiver]:
    async with webhook_receiver() as receiving:
        yield receiving


@pytest.fixture(scope="module")
async def running(receiver: WebhookReceiver, private_key: str) -> AsyncIterator[RunningSimulator]:
    options = {"public_key": public_key_of(private_key)}
    module = "integrations.google_calendar.simulator"
    async with running_simulator(module, target=receiver.url, options=options) as simulator:
        yield simulator


@pytest.fixture
async def google(running: RunningSimulator, receiver: WebhookReceiver) -> AsyncIterator[RunningSimulator]:
    """The simulator, with nobody watching, behaving well."""
    receiver.requests.clear()
    await running.change(do="end_channels")
    yield running
    await running.switch(bare_deletions=False, quota_spent=0, quota_as_429=False, empty_page=0, lose_response=0)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = Store.open(migrated(tmp_path))
    yield store
    await store.close()


async def connected(google: RunningSimulator, **changes: Any) -> GoogleCalendarConnection:
    example = await google.connection()
    secrets = {f"secret:{name}": SecretStr(value) for name, value in example.secrets.items()}
    block: dict[str, Any] = {
        name: secrets.get(value, value) if isinstance(value, str) else value for name, value in example.block.items()
    }
    block["webhook_secrets"] = [secrets["secret:channel-token"]]
    return GoogleCalendarConnection.model_validate({**block, **changes})


@asynccontextmanager
async def a_polling(google: RunningSimulator, store: Store, **changes: Any) -> AsyncIterator[GoogleCalendarPolling]:
    polling = GoogleCalendarPolling(await connected(google, **changes), store)
    yield polling
    await polling.close()


@pytest.fixture
async def polling(google: RunningSimulator, store: Store) -> AsyncIterator[GoogleCalendarPolling]:
    async with a_polling(google, store) as made:
        yield made


@pytest.fixture
async def fetcher(google: RunningSimulator, store: Store) -> AsyncIterator[GoogleCalendarFetcher]:
    fetcher = GoogleCalendarFetcher(await connected(google), store)
    yield fetcher
    await fetcher.close()


async def book(google: RunningSimulator, **about: Any) -> str:
    starts_at = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    return str(
        await google.change(do="book", **{"starts_at": starts_at, "guests": [BEA], "private": FOR_ACME, **about})
    )


async def read_all(polling: GoogleCalendarPolling, store: Store) -> list[Event]:
    """Poll until there is no more, as the worker does."""
    events: list[Event] = []
    more = True
    while more:
        polled = await polling.poll((await feeds.of(store, SOURCE)).cursor)
        await feeds.polled(store, SOURCE, polled.cursor, datetime.now(UTC), found=False)
        events, more = [*events, *polled.events], polled.more
    return events


def of(events: list[Event], meeting: str) -> list[str]:
    return [one.fact for one in events if one.payload.get("meeting") == meeting]


async def test_a_poll_tells_what_changed_since_the_last_one(
    google: RunningSimulator, polling: GoogleCalendarPolling, store: Store
) -> None:
    there = await book(google)
    assert of(await read_all(polling, store), there) == ["meeting_booked"]
    assert of(await read_all(polling, store), there) == []
    await google.change(do="respond", event=there, email=BEA, response="declined")
    assert of(await read_all(polling, store), there) == ["meeting_cancelled"]


async def test_a_meeting_in_two_calendars_is_told_once(
    google: RunningSimulator, polling: GoogleCalendarPolling, store: Store
) -> None:
    there = await book(google, guests=[ANA, BEA])
    assert of(await read_all(polling, store), there) == ["meeting_booked"]
    await google.change(do="remove", event=there, calendar=ANA)
    assert "meeting_cancelled" not in of(await read_all(polling, store), there)


async def test_a_calendar_whose_token_google_forgot_is_read_anew_and_nothing_gets_another_id(
    google: RunningSimulator, polling: GoogleCalendarPolling, store: Store
) -> None:
    kept, moved, gone = await book(google), await book(google), await book(google)
    before = {one.event_id for one in await read_all(polling, store)}
    await google.change(do="forget_sync_tokens")
    await google.change(do="move", event=moved, starts_at=(datetime.now(UTC) + timedelta(days=9)).isoformat())
    await google.change(do="cancel", event=gone)
    new = [one for one in await read_all(polling, store) if one.event_id not in before]
    assert (of(new, kept), of(new, moved), of(new, gone)) == ([], ["meeting_booked"], ["meeting_cancelled"])


async def test_a_deletion_that_says_an_id_alone_is_told_to_the_deal_of_the_meeting(
    google: RunningSimulator, polling: GoogleCalendarPolling, store: Store
) -> None:
    there = await book(google)
    await read_all(polling, store)
    await google.switch(bare_deletions=True)
    await google.change(do="cancel", event=there)
    (told,) = [one for one in await read_all(polling, store) if one.payload.get("meeting") == there]
    assert (told.fact, told.deal_ref) == ("meeting_cancelled", "acme")


@pytest.mark.parametrize(("beside", "told"), [(True, []), (False, ["meeting_booked"])])
async def test_a_booking_of_calendly_is_told_by_the_calendar_only_while_calendly_is_not_connected(
    google: RunningSimulator, store: Store, beside: bool, told: list[str]
) -> None:
    calendly = {"calendly": CalendlyConnection(token=SecretStr("a-token"))} if beside else {}
    connections = Connections(tools={"google_calendar": await connected(google), **calendly})
    there = await book(google, private={}, description="Cancel: https://calendly.com/cancellations/1234")

    fetcher = fetchers_of(connections, store)[SOURCE]
    assert isinstance(fetcher, GoogleCalendarFetcher)
    fetched = await fetcher.fetch({"changed": f"https://www.googleapis.com/calendar/v3/calendars/{SAM}/events"})
    await fetcher.close()
    _, _, polling = polling_of(connections, store)[SOURCE]
    assert isinstance(polling, GoogleCalendarPolling)
    found = await read_all(polling, store)
    await polling.close()

    assert of(found, there) == told
    assert isinstance(fetched, list)
    assert len([one for one in fetched if isinstance(one, dict) and one["meeting"] == there]) == len(told)


def single_ones(events: list[Event], series: str) -> list[tuple[str, str]]:
    """What was told of single ones of an event that repeats, and of which."""
    of_it = [one for one in events if str(one.payload.get("meeting")).startswith(f"{series}_")]
    return [(one.fact, str(one.payload["meeting"])) for one in of_it]


async def test_of_an_event_that_repeats_the_single_ones_of_the_next_days_are_told_moved_and_called_off(
    google: RunningSimulator, store: Store
) -> None:
    async with a_polling(google, store, repeats_days=16) as polling:
        await read_all(polling, store)
        weekly = await book(google, weekly=True)
        first, second = [one for _, one in single_ones(await read_all(polling, store), weekly)]
        await google.change(do="move", event=first, starts_at=(datetime.now(UTC) + timedelta(days=4)).isoformat())
        await google.change(do="cancel", event=second)
        changed = single_ones(await read_all(polling, store), weekly)

    assert changed == [("meeting_booked", first), ("meeting_cancelled", second)]


@pytest.mark.parametrize("bare", [False, True])
async def test_an_event_that_repeats_and_is_called_off_calls_off_what_was_told_of_it(
    google: RunningSimulator, store: Store, *, bare: bool
) -> None:
    async with a_polling(google, store, repeats_days=16) as polling:
        weekly = await book(google, weekly=True)
        told = single_ones(await read_all(polling, store), weekly)
        await google.switch(bare_deletions=bare)
        await google.change(do="cancel", event=weekly)
        gone = single_ones(await read_all(polling, store), weekly)

    assert [fact for fact, _ in told] == ["meeting_booked"] * 2
    assert sorted(gone) == [("meeting_cancelled", one) for _, one in sorted(told)]


async def test_an_event_that_repeats_and_is_moved_as_a_whole_is_other_meetings(
    google: RunningSimulator, polling: GoogleCalendarPolling, store: Store
) -> None:
    weekly = await book(google, weekly=True)
    ((_, before),) = single_ones(await read_all(polling, store), weekly)
    await google.change(do="move", event=weekly, starts_at=(datetime.now(UTC) + timedelta(days=5)).isoformat())
    told = dict(single_ones(await read_all(polling, store), weekly))

    assert told.keys() == {"meeting_booked", "meeting_cancelled"}
    assert told["meeting_cancelled"] == before != told["meeting_booked"]


async def test_a_single_one_is_told_once_its_day_comes_near(google: RunningSimulator, store: Store) -> None:
    weekly = await book(google, weekly=True)
    async with a_polling(google, store, repeats_days=1) as early:
        before = single_ones(await read_all(early, store), weekly)
    async with a_polling(google, store) as later:
        then = single_ones(await read_all(later, store), weekly)
        again = single_ones(await read_all(later, store), weekly)

    assert (before, [fact for fact, _ in then], again) == ([], ["meeting_booked"], [])


async def test_a_page_may_be_empty_and_not_the_last_one(
    google: RunningSimulator, polling: GoogleCalendarPolling, store: Store
) -> None:
    there = await book(google)
    await google.switch(empty_page=2)
    assert of(await read_all(polling, store), there) == ["meeting_booked"]


async def test_that_a_meeting_was_held_is_told_only_where_the_installation_says_so(
    google: RunningSimulator, store: Store
) -> None:
    started = (datetime.now(UTC) - timedelta(minutes=40)).isoformat()
    async with a_polling(google, store, when_over="held") as polling:
        await read_all(polling, store)
        there = await book(google, starts_at=started, minutes=30)
        called_off = await book(google, starts_at=started, minutes=30)
        await google.change(do="cancel", event=called_off)
        cursor = json.loads((await feeds.of(store, SOURCE)).cursor or "")
        cursor["over_until"] = started
        polled = await polling.poll(json.dumps(cursor))
        assert sorted(of(list(polled.events), there)) == ["meeting_booked", "meeting_held"]
        assert of(list(polled.events), called_off) == ["meeting_cancelled"]
        assert "meeting_held" not in of(list((await polling.poll(polled.cursor)).events), there)
    async with a_polling(google, store) as asking:
        assert "meeting_held" not in of(list((await asking.poll(None)).events), there)


async def test_a_notice_is_proven_by_its_token_and_leads_to_what_changed(
    google: RunningSimulator, polling: GoogleCalendarPolling, fetcher: GoogleCalendarFetcher, receiver: WebhookReceiver,
    store: Store,
) -> None:  # fmt: skip
    await read_all(polling, store)
    await polling.repair()
    there = await book(google)
    await receiver.has(3)  # two channels say that they are open
    source = source_of(await connected(google))
    secrets = [one.get_secret_value() for one in (await connected(google)).webhook_secrets]
    opened, notice = [
        [one for one in _requests(receiver) if (one.headers["x-goog-resource-state"] == "sync") is is_first]
        for is_first in (True, False)
    ]
    await verifier_for(SOURCE, source.mapping.auth, secrets).check(notice[0], datetime.now(UTC))
    with pytest.raises(InvalidSignature):
        await verifier_for(SOURCE, source.mapping.auth, ["another-secret-of-the-tests"]).check(
            notice[0], datetime.now(UTC)
        )
    assert all(challenge_in(source, one) is not None for one in opened)
    (hint,) = events_in(source, notice[0], datetime.now(UTC))
    assert (hint.fact, "token" in hint.model_dump_json()) == (FETCHES, False)
    told = events_after_fetch(source, hint, await fetcher.fetch(hint.payload["what"]))
    assert [(one.fact, one.deal_ref, one.payload["meeting"]) for one in told] == [("meeting_booked", "acme", there)]
    assert {one.event_id for one in told} == {one.event_id for one in await read_all(polling, store)}


async def test_a_notice_of_another_calendar_is_refused(fetcher: GoogleCalendarFetcher) -> None:
    with pytest.raises(Refused, match=r"eve@seller\.example"):
        await fetcher.fetch(
            {"changed": "https://www.googleapis.com/calendar/v3/calendars/eve%40seller.example/events?alt=json"}
        )


async def test_each_calendar_gets_a_channel_and_a_good_one_is_left_alone(
    google: RunningSimulator, polling: GoogleCalendarPolling
) -> None:
    assert [one.level for one in await polling.health()] == ["ok", "ok", "problem", "problem"]
    assert len(await polling.repair()) == 2
    assert [one.level for one in await polling.health()] == ["ok"] * 4
    assert await polling.repair() == []


async def test_a_channel_that_ends_is_replaced_before_the_old_one_is_stopped(
    google: RunningSimulator, store: Store
) -> None:
    async with a_polling(google, store) as polling:
        await polling.repair()
    new_secret = [SecretStr("another-secret-of-the-tests")]
    async with a_polling(google, store, webhook_secrets=new_secret) as polling:
        before = len(await google.calls())
        await polling.repair()
        made = [call.path for call in (await google.calls())[before:]]
        assert [path.rpartition("/")[2] for path in made] == ["watch", "stop", "watch", "stop"]
        assert {one.level for one in await polling.health()} == {"ok"}


async def test_a_channel_whose_opening_was_not_answered_is_stopped_later(
    google: RunningSimulator, polling: GoogleCalendarPolling
) -> None:
    before: Any = (await google.state())["channels"]
    await google.switch(lose_response=1, only="/watch$")
    assert [one.level for one in await polling.repair()] == ["problem", "ok"]
    await google.switch(only="")
    await polling.repair()
    there: Any = (await google.state())["channels"]
    assert len(there) == len(before) + 2
    assert {one.level for one in await polling.health()} == {"ok"}


@pytest.mark.parametrize("as_429", [False, True])
async def test_a_spent_quota_holds_calls_back(google: RunningSimulator, store: Store, *, as_429: bool) -> None:
    async with a_polling(google, store) as polling:
        await read_all(polling, store)
        await google.switch(quota_spent=1, quota_as_429=as_429)
        with pytest.raises(NotHandedOver):
            await polling.poll(None)
        before = len(await google.calls())
        with pytest.raises(NotHandedOver):
            await polling.poll(None)
        assert len(await google.calls()) == before


async def test_an_access_token_that_was_revoked_is_replaced(
    google: RunningSimulator, polling: GoogleCalendarPolling, store: Store
) -> None:
    await google.change(do="end_access_tokens")
    assert await read_all(polling, store) is not None


async def test_a_service_account_stands_for_the_owner_of_each_calendar(
    google: RunningSimulator, store: Store, private_key: str
) -> None:
    key = SecretStr(json.dumps({"client_email": ACCOUNT, "private_key": private_key}))
    as_account = {"client_id": None, "client_secret": None, "refresh_token": None, "service_account": key}
    there = await book(google, organizer=ANA, guests=[BEA])
    async with a_polling(google, store, **as_account) as polling:
        assert of(await read_all(polling, store), there) == ["meeting_booked"]
        tokens: Any = (await google.state())["tokens"]
        assert {one["subject"] for one in tokens.values()} >= {SAM, ANA}


async def test_a_calendar_that_cannot_be_read_is_told_of(google: RunningSimulator, store: Store) -> None:
    async with a_polling(google, store, calendars=[SAM, "eve@seller.example"]) as polling:
        sam, eve = (await polling.health())[:2]
    assert (sam.level, eve.level, "404" in eve.says) == ("ok", "problem", True)


def _requests(receiver: WebhookReceiver) -> list[WebhookRequest]:
    return [WebhookRequest("POST", "https://x", headers, body) for headers, body in receiver.requests]
