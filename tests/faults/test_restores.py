"""One of the two databases is restored to an older copy, and docs/operations.md is followed to the letter."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from activities.once_only import Checkpoint
from dealwright.client.errors import DealNotLetIn
from dealwright.decision import SEARCH_ATTRIBUTES
from dealwright.entries import EffectSettled, FactTaken
from dealwright.facts import LeadQualified
from local.server.configuration import DATABASE_FILE
from local.server.plan import ServerPlan
from local.server.server import LocalServer
from runtime.store_binding import require_matching_store
from store import intake, journal, tasks
from store.installation import InstallationRecord
from store.intake import Event, IntakeState
from store.ledger import LedgerState
from tests.e2e.forked import dealwright
from tests.faults.world import World, a_database, a_world
from tests.simulators.mailbox_server import MailServer
from tests.temporal_environment import wait_until

pytestmark = pytest.mark.server

GATEWAY = {"DEALWRIGHT_GATEWAY_PORT": "0", "DEALWRIGHT_API_KEYS": "a-key-of-the-tests-1"}


@dataclass
class Backed:
    """A world whose two databases can be copied, and put back."""

    world: World
    server: LocalServer
    folder: Path

    async def copy_of_temporal(self) -> Path:
        """Stop Temporal, copy its database, and start it again."""
        return await self._while_stopped(self.folder / "temporal", self.folder / "temporal-copy")

    async def restore_temporal(self, copy: Path) -> None:
        """Stop Temporal, put the copy in the place of its database, and start it again."""
        await self._while_stopped(copy, self.folder / "temporal")

    async def _while_stopped(self, source: Path, target: Path) -> Path:
        await self.server.kill()
        await asyncio.to_thread(replace, source, target, f"{DATABASE_FILE}*")
        await self.server.restart()
        return target

    async def copy_of_store(self) -> Path:
        """Copy the store while it is in use."""
        copy = self.folder / "store-copy.db"
        with closing(sqlite3.connect(self.folder / "deals.db")) as database:
            database.execute("VACUUM INTO ?", (str(copy),))
        return copy

    async def restore_store(self, copy: Path) -> None:
        """Put the copy in the place of the store."""
        await self.world.store.close()
        for file in self.folder.glob("deals.db*"):
            file.unlink()
        shutil.copy(copy, self.folder / "deals.db")

    async def repair(self, *arguments: str) -> tuple[int, Any]:
        """Run ``dealwright repair``; its exit code and what it says."""
        ended = await dealwright("repair", *arguments, "--json", **self.world.environment)
        assert ended.code in {0, 1}, ended.err
        return ended.code, json.loads(ended.out)


def replace(source: Path, target: Path, files: str) -> None:
    target.mkdir(exist_ok=True)
    for file in target.glob(files):
        file.unlink()
    for file in source.glob(files):
        shutil.copy(file, target)


@pytest.fixture
async def backed(tmp_path: Path) -> AsyncIterator[Backed]:
    plan = ServerPlan(
        directory=tmp_path / "temporal", search_attributes=SEARCH_ATTRIBUTES, ui=False, durable=False, own=True
    )
    async with (
        LocalServer.start(plan) as server,
        MailServer(tmp_path / "mail.jsonl") as mail,
        a_world(server.address, a_database("sqlite", tmp_path), mail, tmp_path) as world,
    ):
        await require_matching_store(world.client, InstallationRecord(world.store))
        yield Backed(world, server, tmp_path)


async def qualified(world: World) -> str:
    """A deal whose first letter has gone out."""
    deal_id = await world.open()
    await world.deals.record(deal_id, LeadQualified(id="q-1", level="sql"))
    await world.settled(deal_id, letter(deal_id, 1))
    return deal_id


async def next_letter(world: World, deal_id: str, number: int) -> None:
    await world.pass_time(deal_id, timedelta(days=1, minutes=1))
    await world.settled(deal_id, letter(deal_id, number))


def letter(deal_id: str, number: int) -> str:
    return f"{deal_id}/cadence/1/{number}/1"


def subjects(world: World, deal_id: str) -> list[str]:
    return [one.subject for one in world.letters(deal_id)]


async def journal_and_deal_agree(world: World, deal_id: str) -> bool:
    """Whether the journal tells what the deal tells, as far as it goes."""
    told = {entry.number: entry for entry in await world.deals.story(deal_id)}
    lines = await journal.story(world.store, deal_id)
    return [line.number for line in lines] == list(range(1, len(lines) + 1)) and all(
        journal.ENTRY.validate_python(line.entry) == told[line.number] for line in lines
    )


def reply(deal_id: str) -> Event:
    return Event(
        source="standard", event_id="m-1", deal_ref=deal_id, fact="reply_received",
        payload={"id": "reply-1", "sentiment": "interested"}, received_at=datetime.now(UTC),
    )  # fmt: skip


async def passed_on(world: World) -> None:
    """Let a gateway pass on what waits in the intake."""
    async with world.gateway(**GATEWAY) as gateway:

        async def all_of_it() -> bool:
            return set(await intake.counts(world.store)) == {IntakeState.DISPATCHED}

        await gateway.until(all_of_it)


async def test_after_temporal_is_restored_nothing_is_sent_twice_and_what_webhooks_brought_is_told_again(
    backed: Backed,
) -> None:
    world = backed.world
    async with world.worker():
        deal_id = await qualified(world)
    copied_at = datetime.now(UTC)
    copy = await backed.copy_of_temporal()
    async with world.worker():
        await next_letter(world, deal_id, 2)
        await intake.add(world.store, [reply(deal_id)])
        await passed_on(world)
    await backed.restore_temporal(copy)

    code, listed = await backed.repair("deals")
    assert (code, [one["deal_id"] for one in listed["deals"]]) == (1, [deal_id])
    assert listed["deals"][0]["set_aside"]
    assert await journal.undone(world.store, deal_id) == []
    assert (await backed.repair("deals", "--yes"))[0] == 0
    assert (await backed.repair("deals"))[1]["deals"] == []
    assert len(await journal.undone(world.store, deal_id)) == len(listed["deals"][0]["set_aside"])
    assert await backed.repair("intake", "--since", f"{copied_at:%Y-%m-%dT%H:%M:%SZ}") == (
        0, {"done": False, "events": 1},
    )  # fmt: skip
    await backed.repair("intake", "--since", f"{copied_at:%Y-%m-%dT%H:%M:%SZ}", "--yes")
    await passed_on(world)
    async with world.worker():
        await world.pass_time(deal_id, timedelta(days=3))

        async def heard() -> bool:
            story = await world.deals.story(deal_id)
            return any(isinstance(entry, FactTaken) and entry.fact == "reply_received" for entry in story)

        await wait_until(heard)
        assert subjects(world, deal_id) == ["Message one", "Message two"]
        assert (await world.deals.snapshot(deal_id)).attention == {}
        assert await journal_and_deal_agree(world, deal_id)


async def test_after_temporal_is_restored_a_deal_that_decides_the_same_again_finds_it_done_and_goes_on(
    backed: Backed,
) -> None:
    world = backed.world
    async with world.worker():
        deal_id = await qualified(world)
    copy = await backed.copy_of_temporal()
    async with world.worker():
        await next_letter(world, deal_id, 2)
    await backed.restore_temporal(copy)
    await backed.repair("deals", "--yes")
    async with world.worker():
        await next_letter(world, deal_id, 2)
        await next_letter(world, deal_id, 3)
        assert subjects(world, deal_id) == ["Message one", "Message two", "Message three"]
        assert await journal_and_deal_agree(world, deal_id)


async def test_deals_that_went_silent_because_a_worker_started_before_the_repair_are_healed_by_it(
    backed: Backed,
) -> None:
    world = backed.world
    async with world.worker():
        deal_id = await qualified(world)
    copy = await backed.copy_of_temporal()
    async with world.worker():
        await next_letter(world, deal_id, 2)
    await backed.restore_temporal(copy)
    async with world.worker():
        await world.pass_time(deal_id, timedelta(days=1, minutes=10))
        await world.see(deal_id, lambda seen: bool(seen.attention))
    assert (await backed.repair("deals", "--yes"))[1]["deals"][0]["set_aside"]
    async with world.worker():
        await next_letter(world, deal_id, 3)
        assert subjects(world, deal_id) == ["Message one", "Message two", "Message three"]
        assert await journal_and_deal_agree(world, deal_id)


async def test_a_deal_that_temporal_no_longer_knows_is_named(backed: Backed) -> None:
    world = backed.world
    copy = await backed.copy_of_temporal()
    async with world.worker():
        deal_id = await qualified(world)
    await backed.restore_temporal(copy)
    assert (await backed.repair("deals"))[1]["without_workflow"] == [deal_id]


async def test_after_the_store_is_restored_it_knows_again_what_was_done_and_doubts_what_was_under_way(
    backed: Backed,
) -> None:
    world = backed.world
    async with world.worker():
        deal_id = await qualified(world)
    copied_at = datetime.now(UTC)
    copy = await backed.copy_of_store()
    async with world.worker():
        await next_letter(world, deal_id, 2)
    async with world.worker(killed_at=Checkpoint.AFTER_ACCEPTED) as victim:
        passing = asyncio.create_task(world.pass_time(deal_id, timedelta(days=1, minutes=1)))
        await victim.ended()
        passing.cancel()  # nobody is there whom the rest of it could reach
    await backed.restore_store(copy)

    since = f"{copied_at:%Y-%m-%dT%H:%M:%SZ}"
    code, listed = await backed.repair("deals", "--store-from", since)
    assert code == 1
    assert listed["deals"][0]["uncertain"] == [letter(deal_id, 3)]
    assert letter(deal_id, 2) in listed["deals"][0]["recorded_again"]
    assert (await backed.repair("deals", "--store-from", since, "--yes"))[0] == 0
    assert (await backed.repair("deals", "--store-from", since))[1]["deals"] == []
    async with world.worker():
        third = await world.settled(deal_id, letter(deal_id, 3))
        assert third.status == "uncertain"
        assert subjects(world, deal_id) == ["Message one", "Message two", "Message three"]
        emails = await world.emails(deal_id)
        assert [emails[letter(deal_id, number)].state for number in (1, 2, 3)] == [
            LedgerState.RECORDED, LedgerState.RECORDED, LedgerState.UNCERTAIN,
        ]  # fmt: skip

        async def asked() -> bool:
            return len(await tasks.list_tasks(world.store, deal_id=deal_id)) == 1

        await wait_until(asked)
        assert await journal_and_deal_agree(world, deal_id)


async def test_a_task_that_was_lost_with_the_store_is_on_its_list_again(backed: Backed) -> None:
    world = backed.world
    copy = await backed.copy_of_store()
    async with world.worker(killed_at=Checkpoint.AFTER_ACCEPTED) as victim:
        deal_id = await world.open()
        await world.deals.record(deal_id, LeadQualified(id="q-1", level="sql"))
        await victim.ended()
    async with world.worker():
        await world.settled(deal_id, letter(deal_id, 1))

        async def asked() -> bool:
            story = await world.deals.story(deal_id)
            return any(isinstance(e, EffectSettled) and e.does == "create_task" for e in story)

        await wait_until(asked)
    before = await tasks.list_tasks(world.store, deal_id=deal_id)
    await backed.restore_store(copy)
    assert await tasks.list_tasks(world.store, deal_id=deal_id) == []
    await backed.repair("deals", "--yes")
    assert await tasks.list_tasks(world.store, deal_id=deal_id) == before


async def test_where_nothing_was_restored_a_repair_finds_nothing_also_beside_a_worker(backed: Backed) -> None:
    world = backed.world
    async with world.worker():
        deal_id = await qualified(world)
        await next_letter(world, deal_id, 2)
        with pytest.raises(DealNotLetIn):
            await world.deals.open({"id": "refused-1"}, "nobodys")
        assert await backed.repair("deals") == (
            0, {"done": False, "examined": 2, "deals": [], "failed": {}, "without_workflow": []},
        )  # fmt: skip
