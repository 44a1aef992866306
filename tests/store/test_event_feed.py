"""The feed of events: one order over all deals, in which nothing is passed over and nothing is told twice."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest

from dealwright.entries import Entry
from store import event_feed, journal
from store.database import Store
from store.event_feed import LONGEST_HOLD, FeedEvent, Unpublished, in_order
from tests.store.samples import NOW, closed, entered, fact, opened, story


async def write(store: Store, entries: Sequence[Entry], *, deal_id: str = "acme-1", run: str = "run-1") -> None:
    async with store.writing() as connection:
        await journal.write(store, connection, deal_id, entries, run)


async def write_in_vain(store: Store, entries: Sequence[Entry], *, deal_id: str) -> None:
    async with store.writing() as connection:
        await journal.write(store, connection, deal_id, entries, "run-1")
        await connection.rollback()


async def told(store: Store, after: int = 0, *, now: datetime | None = None, **which: object) -> list[FeedEvent]:
    await event_feed.publish(store, now or datetime.now(UTC))
    page = await event_feed.read(store, after, **which)  # type: ignore[arg-type] # any of its parameters
    return list(page.events)


def lines(events: Sequence[FeedEvent]) -> list[tuple[str, int]]:
    return [(event.deal_id, event.number) for event in events]


async def test_what_is_written_is_told_in_the_order_of_its_numbers(store: Store) -> None:
    await write(store, story())
    events = await told(store)
    assert [(event.position, event.number, event.kind) for event in events] == [
        (1, 1, "deal_opened"), (2, 2, "stage_entered"), (3, 3, "fact_taken"),
    ]  # fmt: skip
    assert events[1].entry["stage"] == "outreach"
    assert (events[1].sentence, events[1].at) == ("Stage outreach (the deal began)", NOW)
    assert await told(store, after=3) == []


async def test_what_is_written_again_is_told_once(store: Store) -> None:
    await write(store, story())
    await write(store, [*story(), fact(4, "email_opened")], run="run-2")
    assert lines(await told(store)) == [("acme-1", number) for number in (1, 2, 3, 4)]


@pytest.mark.parametrize("database", ["postgresql"])
async def test_a_transaction_that_commits_late_is_not_passed_over(store: Store) -> None:
    async with AsyncExitStack() as late:
        connection = await late.enter_async_context(store.writing())
        await journal.write(store, connection, "late", [opened("late")], "run-1")
        await write(store, [opened("early")], deal_id="early")
        assert lines(await told(store)) == [("early", 1)]
        assert await journal.since(store, await journal.last(store)) == []  # who goes by seq is past it already
    assert lines(await told(store, after=1)) == [("late", 1)]


@pytest.mark.parametrize("database", ["postgresql"])
async def test_what_is_rolled_back_is_never_told_and_leaves_no_gap(store: Store) -> None:
    await write_in_vain(store, [opened("never")], deal_id="never")
    await write(store, [opened()])
    assert [(event.deal_id, event.position) for event in await told(store)] == [("acme-1", 1)]


async def test_readers_beside_writers_and_publishers_see_everything_once_and_in_each_deals_order(
    store: Store, database_url: str
) -> None:
    other, chance = Store.open(database_url), random.Random(5)
    deals = [f"deal-{n}" for n in range(6)]

    async def live(deal_id: str) -> None:
        numbers = list(range(1, 21))
        parts = [numbers[at : at + 4] for at in range(0, 20, 4)]
        chance.shuffle(parts)  # effects with a deal's lines reach the database in any order
        for part in parts:
            await write_in_vain(store, [entered(n) for n in part], deal_id=deal_id)
            await write(store, [entered(n) for n in part], deal_id=deal_id)

    async def follow(using: Store) -> list[tuple[str, int]]:
        seen, after = list[tuple[str, int]](), 0
        while len(seen) < 20 * len(deals):
            await event_feed.publish(using, datetime.now(UTC))
            page = await event_feed.read(using, after, limit=7)
            seen += lines(page.events)
            after = page.read_up_to
        return seen

    async with asyncio.TaskGroup() as group:
        readers = [group.create_task(follow(using)) for using in (store, other, store, other)]
        for deal_id in deals:
            group.create_task(live(deal_id))
    await other.close()
    (first, *others) = [reader.result() for reader in readers]
    assert others == [first] * 3
    for deal_id in deals:
        assert [number for deal, number in first if deal == deal_id] == list(range(1, 21))


async def test_a_later_line_waits_for_an_earlier_one_but_holds_up_no_other_deal(store: Store) -> None:
    await write(store, [opened(), entered(3, stage="demo")])
    await write(store, [opened("acme-2")], deal_id="acme-2")
    assert lines(await told(store)) == [("acme-1", 1), ("acme-2", 1)]
    await write(store, [entered(2)])
    assert lines(await told(store, after=2)) == [("acme-1", 2), ("acme-1", 3)]


async def test_a_line_that_never_comes_is_waited_for_only_so_long(store: Store) -> None:
    await write(store, [opened(), entered(3, stage="demo")])
    now = datetime.now(UTC)
    assert lines(await told(store, now=now)) == [("acme-1", 1)]
    assert lines(await told(store, now=now + LONGEST_HOLD + timedelta(seconds=1))) == [("acme-1", 1), ("acme-1", 3)]


async def test_lines_that_a_reset_undid_are_told_as_such_before_those_in_their_place(store: Store) -> None:
    await write(store, [opened(), entered(2), entered(3, stage="demo"), closed(4)])
    assert len(await told(store)) == 4
    await write(store, [entered(3, stage="proposal")], run="run-2")
    after = await told(store, after=4)
    assert [(event.number, event.kind, event.run, event.set_aside) for event in after] == [
        (3, "stage_entered", "run-1", True),
        (4, "deal_closed", "run-1", True),
        (3, "stage_entered", "run-2", False),
    ]


async def test_a_deal_may_be_reset_again_and_again(store: Store) -> None:
    await write(store, [opened(), entered(2)])
    for run in ("run-2", "run-3", "run-4"):
        await write(store, [entered(2, stage=run)], run=run)
    assert [(event.run, event.set_aside) for event in await told(store, after=2)] == [
        ("run-1", True), ("run-2", False), ("run-2", True), ("run-3", False), ("run-3", True), ("run-4", False),
    ]  # fmt: skip


async def test_events_are_chosen_by_kind_and_deal(store: Store) -> None:
    await write(store, [*story(), closed(4)])
    await write(store, story("acme-2"), deal_id="acme-2")
    assert lines(await told(store, kinds=["deal_closed", "fact_taken"], deals=["acme-1"])) == [
        ("acme-1", 3), ("acme-1", 4),
    ]  # fmt: skip


async def test_who_was_told_of_a_line_is_told_that_it_was_set_aside(store: Store) -> None:
    await write(store, [opened(), entered(2), closed(3)])
    await write(store, [entered(2, stage="demo")], run="run-2")
    chosen = await told(store, kinds=["deal_closed"])
    assert [(event.number, event.set_aside) for event in chosen] == [(3, False), (3, True)]
    aside = await told(store, kinds=[event_feed.SET_ASIDE])
    assert [(event.number, event.set_aside) for event in aside] == [(2, True), (3, True)]


async def test_a_page_without_matches_still_moves_its_reader_on(store: Store) -> None:
    await write(store, story())
    await event_feed.publish(store, datetime.now(UTC))
    page = await event_feed.read(store, 0, kinds=["deal_closed"])
    assert (page.events, page.read_up_to) == ((), 3)
    full = await event_feed.read(store, 0, limit=2)
    assert (len(full.events), full.read_up_to, full.head) == (2, 2, 3)


async def test_old_events_are_deleted_and_their_places_are_never_given_again(store: Store) -> None:
    await write(store, story())
    await event_feed.publish(store, datetime.now(UTC))
    assert await event_feed.delete_old(store, datetime.now(UTC) - timedelta(days=1)) == 0
    assert await event_feed.delete_old(store, datetime.now(UTC) + timedelta(seconds=1)) == 3
    await write(store, [fact(4, "email_opened")])
    assert [(event.number, event.position) for event in await told(store)] == [(4, 4)]
    assert (await event_feed.read(store, 0)).deleted_up_to == 3


def test_a_deals_late_line_takes_its_deals_later_ones_behind_those_of_other_deals() -> None:
    def row(row_id: int, deal_id: str, number: int, *, complete: bool = True) -> Unpublished:
        return Unpublished(row_id, deal_id, number, set_aside=False, written_at=NOW, complete=complete)

    rows = [row(1, "a", 2), row(2, "b", 1), row(3, "a", 1), row(4, "c", 2, complete=False), row(5, "c", 3)]
    assert in_order(rows, NOW) == [2, 3, 1]
