"""What we are about to write is known as ours: each value by itself, until it is known when it was written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import JsonValue

from store import mirror, own_writes
from store.database import Store

AT, LATER = datetime(2026, 11, 26, 9, 0, tzinfo=UTC), datetime(2026, 11, 26, 9, 5, tzinfo=UTC)
DEAL = ("crm", "deal:1")


async def is_own(store: Store, value: JsonValue, at: datetime, name: str = "stage") -> bool:
    return own_writes.is_own(await mirror.known(store, *DEAL), name, value, at)


async def announce(store: Store, value: JsonValue, until: datetime = LATER, name: str = "stage") -> None:
    await own_writes.announce(store, *DEAL, {name: value}, until=until)


async def test_what_is_announced_is_ours_until_its_time(store: Store) -> None:
    await announce(store, "won")

    assert await is_own(store, "won", LATER)
    assert not await is_own(store, "won", LATER + timedelta(milliseconds=1))
    assert not await is_own(store, "lost", AT)
    assert not await is_own(store, "won", AT, name="other")


@pytest.mark.parametrize(("written", "told"), [("12000", "12000.0"), (None, None), ("Ünal's\n%_", "Ünal's\n%_")])
async def test_a_value_is_the_same_however_it_is_written(store: Store, written: JsonValue, told: JsonValue) -> None:
    await announce(store, written)

    assert await is_own(store, told, AT)


async def test_of_two_values_that_are_written_one_after_the_other_both_are_ours(store: Store) -> None:
    await announce(store, "proposal")
    await announce(store, "won")
    await own_writes.answered(store, *DEAL, {"stage"}, AT)

    assert await is_own(store, "proposal", AT)
    assert await is_own(store, "won", AT)


async def test_once_it_is_answered_what_happens_later_is_somebody_elses(store: Store) -> None:
    await announce(store, "won")
    await announce(store, "Acme", name="stage_name")
    await own_writes.answered(store, *DEAL, {"stage"}, AT)

    assert not await is_own(store, "won", AT + timedelta(seconds=2))
    assert await is_own(store, "Acme", AT + timedelta(seconds=2), name="stage_name")


async def test_what_is_written_once_more_is_ours_once_more(store: Store) -> None:
    await announce(store, "won")
    await own_writes.answered(store, *DEAL, {"stage"}, AT)
    await announce(store, "won")

    assert await is_own(store, "won", LATER)


async def test_what_was_refused_was_not_written(store: Store) -> None:
    await announce(store, "won")
    await own_writes.withdraw(store, *DEAL, {"stage": "won"})

    assert not await is_own(store, "won", AT)
