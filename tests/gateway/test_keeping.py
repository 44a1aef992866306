"""Events of requests that come at the same time are kept together, and each request hears of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from gateway.webhooks.keeping import Keeper
from store import intake
from store.database import Store
from store.errors import StoreAway
from store.intake import Event, IntakeRow

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def note(id_: str) -> Event:
    return Event(source="s", event_id=id_, deal_ref="d", fact="note_added", payload={"text": "x"}, received_at=NOW)


class Transactions:
    """The intake, with a count of its transactions and a fault that some events cause."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count, self.fault = 0, dict[str, Exception]()
        self._add = intake.add
        monkeypatch.setattr(intake, "add", self.add)

    async def add(self, store: Store, events: Sequence[Event]) -> list[IntakeRow]:
        self.count += 1
        for event in events:
            if event.event_id in self.fault:
                raise self.fault[event.event_id]
        return await self._add(store, events)


@pytest.fixture
def transactions(monkeypatch: pytest.MonkeyPatch) -> Transactions:
    return Transactions(monkeypatch)


async def kept(keeper: Keeper, *requests: Sequence[str]) -> list[list[str] | BaseException]:
    """Which of their events each of several requests at once hears to be new, or its error."""
    asked = (keeper.keep([note(id_) for id_ in ids]) for ids in requests)
    answers = await asyncio.gather(*asked, return_exceptions=True)
    return [one if isinstance(one, BaseException) else [row.event_id for row in one] for one in answers]


async def test_many_requests_share_a_transaction(store: Store, transactions: Transactions) -> None:
    requests = [[f"e{number}", f"f{number}"] for number in range(50)]
    assert await kept(Keeper(store), *requests) == requests
    assert transactions.count <= 2
    assert [row.event_id for row in reversed(await intake.recent(store))] == [id_ for ids in requests for id_ in ids]


async def test_an_event_that_comes_in_two_requests_at_once_is_new_in_the_first(store: Store) -> None:
    keeper = Keeper(store)
    assert await kept(keeper, ["a", "b"], ["b", "c"], ["a"]) == [["a", "b"], ["c"], []]
    assert await kept(keeper, ["c", "d"]) == [["d"]]


async def test_a_request_that_cannot_be_kept_fails_alone(store: Store, transactions: Transactions) -> None:
    transactions.fault["bad"] = fault = ValueError("no text")
    assert await kept(Keeper(store), ["a"], ["bad"], ["b"]) == [["a"], fault, ["b"]]


async def test_while_the_database_is_away_every_request_hears_it_and_later_ones_are_kept(
    store: Store, transactions: Transactions
) -> None:
    keeper = Keeper(store)
    transactions.fault["a"] = away = StoreAway(OSError("gone"))
    assert await kept(keeper, ["a"], ["b"]) == [away, away]
    transactions.fault.clear()
    assert await kept(keeper, ["a"], ["b"]) == [["a"], ["b"]]


async def test_a_sender_who_goes_takes_no_others_event_along(store: Store) -> None:
    keeper = Keeper(store)
    gone, stays = (asyncio.create_task(keeper.keep([note(id_)])) for id_ in ("a", "b"))
    await asyncio.sleep(0)
    gone.cancel()
    assert [row.event_id for row in await stays] == ["b"]
