"""Absence belongs to a person, over all deals: the journal's lines about it are kept in the store."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dealwright.entries import Entry, FactTaken, TouchesHeld
from store import absences, journal
from store.database import Store
from tests.store.samples import NOW, fact

DAY = timedelta(days=1)
ADA = "ada@acme.test"


def held(number: int, *, until: timedelta, told: timedelta = timedelta(0)) -> TouchesHeld:
    return TouchesHeld(
        at=NOW, number=number, until=NOW + until, why="away", contact="ada", addresses=(ADA,), told_at=NOW + told
    )


def reply(number: int, at: timedelta, **changes: object) -> FactTaken:
    return fact(number, "reply_received", happened_at=NOW + at, contact="ada", addresses=[ADA], **changes)


async def write(store: Store, *entries: Entry, deal_id: str = "acme-1") -> None:
    async with store.writing() as connection:
        await journal.write(store, connection, deal_id, entries)


async def test_an_absence_is_kept_by_address_however_it_is_written(store: Store) -> None:
    await write(store, held(1, until=3 * DAY))
    found = await absences.find(store, " Ada@ACME.test ")
    assert found is not None
    assert (found.address, found.until, found.told_at, found.deal_id) == (ADA, NOW + 3 * DAY, NOW, "acme-1")


async def test_who_never_said_so_is_not_away(store: Store) -> None:
    await write(store, held(1, until=3 * DAY))
    assert await absences.find(store, "bob@acme.test") is None


@pytest.mark.parametrize("newest_first", [True, False])
async def test_what_was_told_last_holds_whatever_arrives_first(store: Store, *, newest_first: bool) -> None:
    told = [held(1, until=2 * DAY, told=timedelta(hours=1)), held(1, until=9 * DAY)]
    for number, entry in enumerate(told if newest_first else reversed(told)):
        await write(store, entry, deal_id=f"acme-{number}")
    found = await absences.find(store, ADA)
    assert found is not None
    assert found.until == NOW + 2 * DAY


@pytest.mark.parametrize("reply_first", [True, False])
async def test_a_later_reply_to_any_deal_ends_it(store: Store, *, reply_first: bool) -> None:
    told: list[Entry] = [held(1, until=9 * DAY), reply(1, DAY)]
    for number, entry in enumerate(reversed(told) if reply_first else told):
        await write(store, entry, deal_id=f"acme-{number}")
    found = await absences.find(store, ADA)
    assert found is not None
    assert found.until == NOW + DAY


@pytest.mark.parametrize(
    "answer",
    [reply(2, -DAY), reply(2, DAY, variant="out_of_office"), reply(2, DAY, no_news="it was taken back")],
)
async def test_no_earlier_reply_ends_it_nor_a_machine_nor_what_was_taken_back(store: Store, answer: FactTaken) -> None:
    await write(store, held(1, until=9 * DAY))
    await write(store, answer)
    found = await absences.find(store, ADA)
    assert found is not None
    assert found.until == NOW + 9 * DAY


async def test_the_absence_and_its_end_in_one_writing(store: Store) -> None:
    await write(store, held(1, until=9 * DAY), reply(2, DAY))
    found = await absences.find(store, ADA)
    assert found is not None
    assert found.until == NOW + DAY


async def test_writing_an_absence_again_changes_nothing(store: Store) -> None:
    await write(store, held(1, until=9 * DAY))
    await write(store, reply(1, DAY), deal_id="acme-2")
    await write(store, held(1, until=9 * DAY))
    found = await absences.find(store, ADA)
    assert found is not None
    assert found.until == NOW + DAY
