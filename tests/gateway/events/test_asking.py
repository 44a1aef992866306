"""``GET /v1/events``: what other services are told of deals when they ask."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cloudevents.core.formats.json import JSONFormat

from dealwright.client.deal_client import DealClient
from dealwright.entries import Entry
from store import event_feed, journal
from store.database import Store
from store.installation import InstallationRecord
from tests.gateway.conftest import Api, StartGateway
from tests.store.samples import NOW, closed, entered, opened, story


@pytest.fixture
async def gateway(start_gateway: StartGateway, away: DealClient) -> Api:
    return await start_gateway(away)


async def write(store: Store, entries: Sequence[Entry], *, deal_id: str = "acme-1", run: str = "run-1") -> None:
    async with store.writing() as connection:
        await journal.write(store, connection, deal_id, entries, run)


async def read(api: Api, status: int = 200, **which: object) -> dict[str, Any]:
    answer = await api.get("/v1/events", params=which)  # type: ignore[arg-type] # any of its parameters
    assert answer.status_code == status, answer.text
    read: dict[str, Any] = answer.json()
    return read


async def test_an_event_is_a_cloud_event_with_the_line_and_its_fields(gateway: Api, store: Store) -> None:
    installation = await InstallationRecord(store).settle("deals")
    await write(store, story())
    event = (await read(gateway))["events"][1]
    assert event == {
        "specversion": "1.0",
        "id": event["id"],
        "source": f"urn:dealwright:installation:{installation.id}",
        "type": "dealwright.deal.stage_entered",
        "subject": "acme-1",
        "time": NOW.isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "sequence": "00000000000000000002",
        "data": {
            "number": 2,
            "kind": "stage_entered",
            "sentence": "Stage outreach (the deal began)",
            "entry": {
                "stage": "outreach", "visit": 1, "why": "the deal began", "owner_role": "sdr",
                "leaves_when": "a reply", "stalls_at": "2027-05-25T09:30:00Z",
            },
            "sets_aside": None,
        },
    }  # fmt: skip


async def test_the_cloudevents_library_reads_every_event(gateway: Api, store: Store) -> None:
    await write(store, story())
    answer = await gateway.get("/v1/events")
    for event in answer.json()["events"]:
        read = JSONFormat().read(None, JSONFormat().write(JSONFormat().read(None, json.dumps(event))))
        assert read.get_id() == event["id"]
        assert read.get_time() == NOW


async def test_asking_on_from_next_tells_everything_once(gateway: Api, store: Store) -> None:
    await write(store, story())
    first = await read(gateway, limit=2)
    await write(store, story("acme-2"), deal_id="acme-2")
    second = await read(gateway, after=first["next"])
    events = [*first["events"], *second["events"]]
    assert [(event["subject"], event["data"]["number"]) for event in events] == [
        *(("acme-1", number) for number in (1, 2, 3)),
        *(("acme-2", number) for number in (1, 2, 3)),
    ]
    assert (await read(gateway, after=second["next"]))["events"] == []


async def test_an_event_is_told_alike_whenever_it_is_asked_for(gateway: Api, store: Store) -> None:
    await write(store, [opened(), entered(2)])
    before = (await read(gateway))["events"]
    await write(store, [entered(2, stage="demo")], run="run-2")
    after = (await read(gateway))["events"]
    assert after[:2] == before
    assert [(event["type"], event["data"]["sets_aside"]) for event in after[2:]] == [
        ("dealwright.deal.entry_set_aside", before[1]["id"]),
        ("dealwright.deal.stage_entered", None),
    ]
    assert len({event["id"] for event in after}) == 4


async def test_types_and_deals_choose_what_is_told(gateway: Api, store: Store) -> None:
    await write(store, [*story(), closed(4)])
    await write(store, story("acme-2"), deal_id="acme-2")
    which: dict[str, Any] = {"type": ["dealwright.deal.deal_closed", "fact_taken"], "deal": ["acme-1"]}
    assert [event["data"]["kind"] for event in (await read(gateway, **which))["events"]] == [
        "fact_taken", "deal_closed",
    ]  # fmt: skip


async def test_a_type_that_there_is_not_is_refused_with_the_one_that_was_probably_meant(gateway: Api) -> None:
    problem = await read(gateway, 422, type="dealwright.deal.deal_close")
    assert "deal_closed" in problem["errors"][0]["remedy"]


async def test_whoever_waits_is_answered_as_soon_as_something_happens(gateway: Api, store: Store) -> None:
    waiting = asyncio.create_task(read(gateway, wait=15))
    await write(store, [opened()])
    async with asyncio.timeout(10):
        assert [event["data"]["kind"] for event in (await waiting)["events"]] == ["deal_opened"]


async def test_a_place_whose_events_are_deleted_is_refused_instead_of_passed_over(gateway: Api, store: Store) -> None:
    await write(store, story())
    assert (await read(gateway))["next"] == 3
    await event_feed.delete_old(store, datetime.now(UTC) + timedelta(seconds=1))
    assert "no longer kept" in (await read(gateway, 410, after=2))["detail"]
    assert await read(gateway, after=3) == {"events": [], "next": 3}
    assert await read(gateway) == {"events": [], "next": 3}


async def test_a_place_beyond_the_feed_tells_that_the_store_was_restored(gateway: Api, store: Store) -> None:
    await write(store, story())
    assert "restored" in (await read(gateway, 410, after=4))["detail"]


async def test_events_need_a_key(gateway: Api) -> None:
    assert (await gateway.get("/v1/events", headers={"X-API-Key": "not-a-key-of-this-one"})).status_code == 401
