"""Who changed what: in the log at once, in the store a moment later, and readable."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import pytest

from dealwright.client.deal_client import DealClient
from gateway.audit_trail import writing
from gateway.audit_trail.writing import AuditWriter
from store import api_keys, audit
from store.api_keys import NewKey
from store.audit import AuditEntry
from store.database import Store
from store.errors import StoreAway
from tests.gateway.conftest import Api, StartGateway
from tests.gateway.fake_deals import FakeDealClient
from tests.store.samples import NOW
from tests.temporal_environment import wait_until

ENTRY = AuditEntry(at=NOW, caller="sync", operation="tell_demo_held", result="done")


async def entries(api: Api, count: int, **which: str) -> list[dict[str, object]]:
    """The newest entries, once there are so many."""
    found: list[dict[str, object]] = []

    async def there() -> bool:
        found[:] = (await api.get("/v1/audit", params=which)).json()["entries"]
        return len(found) >= count

    await wait_until(there)
    return found


async def test_each_change_has_its_entry_and_reading_has_none(
    start_gateway: StartGateway, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    api = await start_gateway(await FakeDealClient.make())
    wanted = NewKey.model_validate({"name": "sync", "scopes": ["tell"], "acts_for": "ben@us.example"})
    made = await api_keys.create(store, wanted, by="the test", now=datetime.now(UTC))
    headers = {"X-API-Key": made.key, "X-Forwarded-For": "192.0.2.7"}
    await api.get("/v1/intake")
    await api.post("/v1/deals/a/facts/demo_held", json={"id": "f1"}, headers=headers)
    await api.post("/v1/deals/a/commands/resume", json={"by": "max@us.example"}, headers=headers)
    forbidden, told = await entries(api, 2)
    assert {name: told[name] for name in ("caller", "key_id", "by", "address", "operation", "deal_id")} == {
        "caller": "sync", "key_id": made.about.id, "by": "ben@us.example", "address": "192.0.2.7",
        "operation": "tell_demo_held", "deal_id": "a",
    }  # fmt: skip
    assert (told["idempotency_key"], told["status"], told["result"]) == ("f1", 202, "done")
    assert (forbidden["operation"], forbidden["status"], forbidden["result"]) == ("give_resume", 403, "refused")
    lines = [record for record in caplog.records if record.name == "dealwright.audit"]
    assert [line.getMessage() for line in lines] == [
        "tell_demo_held by ben@us.example: done", "give_resume by ben@us.example: refused",
    ]  # fmt: skip


async def test_who_is_named_and_who_speaks_are_both_told(start_gateway: StartGateway, away: DealClient) -> None:
    api = await start_gateway(away)
    await api.post(
        "/v1/deals/a/commands/resume", json={"by": "max@us.example"}, headers={"Idempotency-Key": "resume-1"}
    )
    (entry,) = await entries(api, 1)
    assert (entry["caller"], entry["by"], entry["idempotency_key"]) == (
        "local-development",
        "max@us.example",
        "resume-1",
    )
    assert (entry["status"], entry["result"]) == (503, "failed")


async def test_a_key_that_is_made_leaves_an_entry_without_the_key(
    start_gateway: StartGateway, away: DealClient
) -> None:
    api = await start_gateway(away)
    made = (await api.post("/v1/keys", json={"name": "sync", "scopes": ["read"]})).json()
    (entry,) = await entries(api, 1)
    assert (entry["operation"], entry["target"]) == ("create_key", made["about"]["id"])
    assert made["key"] not in str(entry)


async def test_the_trail_is_read_by_deal_by_caller_and_in_pages(start_gateway: StartGateway, store: Store) -> None:
    api = await start_gateway(await FakeDealClient.make())
    for number, deal in enumerate(("a", "b", "a", "a")):
        await audit.write(store, [ENTRY.model_copy(update={"deal_id": deal, "caller": f"key-{number % 2}"})])
    of_deal = await entries(api, 3, deal_id="a")
    assert [entry["deal_id"] for entry in of_deal] == ["a", "a", "a"]
    assert len(await entries(api, 2, caller="key-1")) == 2
    first = await entries(api, 1, limit="1", deal_id="a")
    rest = await entries(api, 2, before=str(first[0]["id"]), deal_id="a")
    assert first + rest == of_deal


async def test_entries_wait_while_the_store_is_away(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    written, tries = asyncio.Event(), 0

    async def write(_store: Store, batch: list[AuditEntry]) -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise StoreAway(TimeoutError("gone"))
        assert len(batch) == 5
        written.set()

    monkeypatch.setattr(audit, "write", write)
    monkeypatch.setattr(writing, "_FIRST_RETRY", 0.01)
    writer = AuditWriter(store, timedelta(days=400))
    for _ in range(5):
        writer.add(ENTRY)
    running = asyncio.create_task(writer.run())
    await asyncio.wait_for(written.wait(), 30)
    running.cancel()
    assert writer.lost == 0


async def test_what_waits_when_the_gateway_stops_is_written_first(store: Store) -> None:
    writer = AuditWriter(store, timedelta(days=400))
    running = asyncio.create_task(writer.run())
    await asyncio.sleep(0)
    for _ in range(3):
        writer.add(ENTRY)
    running.cancel()
    await asyncio.wait({running})
    assert len(await audit.recent(store)) == 3


def test_what_waits_is_bounded_and_what_is_lost_is_counted(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "MOST_WAITING", 3)
    writer = AuditWriter(store, timedelta(days=400))
    for _ in range(5):
        writer.add(ENTRY)
    assert writer.lost == 2


async def test_entries_are_kept_for_as_long_as_is_set(store: Store) -> None:
    now = datetime.now(UTC)
    for days in (1, 399, 401):
        await audit.write(store, [ENTRY.model_copy(update={"at": now - timedelta(days=days)})])
    writer = AuditWriter(store, timedelta(days=400))
    running = asyncio.create_task(writer.run())

    async def cleaned() -> bool:
        return len(await audit.recent(store)) == 2

    await wait_until(cleaned)
    running.cancel()
