"""The database is away for a while: deals wait, lose nothing, and nobody takes it for a bad rule."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from dealwright.entries import FactRefused
from dealwright.facts import LeadQualified, UsageReported
from local.server.server import LocalServer
from store import journal
from store.ledger import LedgerState
from tests.faults.processes import Forked
from tests.faults.world import World, a_database, a_world
from tests.simulators.mailbox_server import Behaviour, MailServer
from tests.store.postgres_server import PostgresServer

pytestmark = pytest.mark.server

LONGER_THAN_PATIENCE = 12
"""Seconds; a worker waits ten for SQLite's lock."""
SAID = "The database does not answer"


@pytest.fixture(scope="module")
def own_postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL that may be stopped."""
    server = PostgresServer()
    yield server
    server.close()


@dataclass(frozen=True)
class Installation:
    """A world, and the one worker in it."""

    world: World
    worker: Forked


@asynccontextmanager
async def installation(server: LocalServer, url: str, mail: MailServer, folder: Path) -> AsyncIterator[Installation]:
    async with a_world(server.address, url, mail, folder) as world, world.worker() as worker:
        yield Installation(world, worker)


@pytest.fixture
async def on_postgres(
    temporal_server: LocalServer, mail: MailServer, own_postgres: PostgresServer, tmp_path: Path
) -> AsyncIterator[Installation]:
    url = a_database("postgresql", tmp_path, own_postgres.url)
    async with installation(temporal_server, url, mail, tmp_path) as made:
        yield made


@pytest.fixture
async def on_sqlite(temporal_server: LocalServer, mail: MailServer, tmp_path: Path) -> AsyncIterator[Installation]:
    async with installation(temporal_server, a_database("sqlite", tmp_path), mail, tmp_path) as made:
        yield made


@asynccontextmanager
async def stopped(server: PostgresServer) -> AsyncIterator[None]:
    await asyncio.to_thread(server.stop)
    try:
        yield
    finally:
        await asyncio.to_thread(server.start)


@asynccontextmanager
async def locked_by_somebody_else(database: Path) -> AsyncIterator[None]:
    with closing(sqlite3.connect(database, isolation_level=None, timeout=60)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("COMMIT")


async def a_deal_with_its_first_letter(world: World) -> str:
    deal_id = await world.open()
    await world.deals.record(deal_id, LeadQualified(id="q", level="sql"))
    first = await world.settled(deal_id, f"{deal_id}/cadence/1/1/1")
    assert first.status == "done"
    return deal_id


async def check_nothing_was_lost(world: World, deal_id: str, facts: list[str]) -> None:
    """All three letters were sent once, all facts taken once, none refused, and nothing is left to look at."""
    await world.pass_time(deal_id, timedelta(days=15))
    assert [one.subject for one in world.letters(deal_id)] == ["Message one", "Message two", "Message three"]
    rows = await world.emails(deal_id)
    assert [(row.state, row.hand_overs) for row in rows.values()] == [(LedgerState.RECORDED, 1)] * 3
    story = await world.deals.story(deal_id)
    assert [entry for entry in story if isinstance(entry, FactRefused)] == []
    lines = await journal.story(world.store, deal_id)
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    assert [line.entry["id"] for line in lines if line.kind == "fact_taken"] == facts
    seen = await world.deals.snapshot(deal_id)
    assert (seen.attention, seen.uncertain_touches) == ({}, ())


async def test_deals_wait_while_postgresql_is_stopped(on_postgres: Installation, own_postgres: PostgresServer) -> None:
    world, worker = on_postgres.world, on_postgres.worker
    deal_id = await a_deal_with_its_first_letter(world)
    async with stopped(own_postgres):
        await world.deals.record(deal_id, UsageReported(id="u", health=70))
        await world.pass_time(deal_id, timedelta(days=1, minutes=30))
        assert len(world.letters(deal_id)) == 1
        waits = await world.see(deal_id, lambda seen: bool(seen.attention))
        assert SAID in " ".join(waits.attention.values())
        newcomer = await world.open()
        await world.deals.record(newcomer, LeadQualified(id="q", level="sql"))
        parked = await world.see(newcomer, lambda seen: "parked" in seen.attention)
        assert SAID in parked.attention["parked"]
        await world.pass_time(newcomer, timedelta(hours=5))
    await check_nothing_was_lost(world, deal_id, ["q", "u"])
    await check_nothing_was_lost(world, newcomer, ["q"])
    assert worker.alive


async def test_what_the_mail_server_answers_while_postgresql_is_stopped_is_written_down_later(
    on_postgres: Installation, own_postgres: PostgresServer, mail: MailServer
) -> None:
    world = on_postgres.world
    deal_id = await world.open()
    before = len(mail.messages())
    await mail.behave(Behaviour.KEEP_AND_WAIT)
    await world.deals.record(deal_id, LeadQualified(id="q", level="sql"))
    await mail.has_kept(before + 1)
    async with stopped(own_postgres):
        await mail.behave(Behaviour.ACCEPT)
    assert (await world.settled(deal_id, f"{deal_id}/cadence/1/1/1")).status == "done"
    await check_nothing_was_lost(world, deal_id, ["q"])


async def test_deals_wait_while_somebody_else_holds_sqlites_lock(on_sqlite: Installation) -> None:
    world, worker = on_sqlite.world, on_sqlite.worker
    deal_id = await a_deal_with_its_first_letter(world)
    async with locked_by_somebody_else(world.folder / "deals.db"):
        await world.deals.record(deal_id, UsageReported(id="u", health=70))
        newcomer = await world.open()
        await world.deals.record(newcomer, LeadQualified(id="q", level="sql"))
        await asyncio.sleep(LONGER_THAN_PATIENCE)
        assert len(world.letters(deal_id)) == 1
        assert world.letters(newcomer) == []
    await check_nothing_was_lost(world, deal_id, ["q", "u"])
    await check_nothing_was_lost(world, newcomer, ["q"])
    assert worker.alive
