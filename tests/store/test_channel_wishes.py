"""What somebody refused, as the store keeps it for all deals, and tells the others that know the person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dealwright.entries import Entry, FactTaken, PersonRecognised
from store import channel_wishes, intake, journal
from store.database import Store
from tests.store.samples import NOW, closed, entered, fact, opened

DAY = timedelta(days=1)


async def tell(store: Store, deal_id: str, *entries: Entry) -> None:
    async with store.writing() as connection:
        await journal.write(store, connection, deal_id, entries, "r1")


def refused(number: int, **changes: object) -> Entry:
    said = {"variant": "call", "addresses": ["ada@acme.test"], "id": "f1"}
    return fact(number, "channel_refused", **{**said, **changes})


async def waiting(store: Store) -> list[tuple[str | None, str, object]]:
    rows = await intake.due(store, 10, datetime.now(UTC) + DAY)
    return [(row.deal_ref, row.fact, row.payload["address"]) for row in rows]


async def test_other_open_deals_that_know_the_person_are_told(store: Store) -> None:
    for deal_id in ("acme-1", "acme-2", "acme-3"):
        await tell(store, deal_id, opened(deal_id), entered(2))
    await tell(store, "acme-3", closed(3))
    await tell(store, "acme-1", refused(3))

    assert await waiting(store) == [("acme-2", "channel_refused", "ada@acme.test")]


async def test_what_was_told_on_is_told_no_further(store: Store) -> None:
    for deal_id in ("acme-1", "acme-2"):
        await tell(store, deal_id, opened(deal_id), entered(2))
    await tell(store, "acme-1", refused(3, source=channel_wishes.SOURCE))

    assert await waiting(store) == []


async def test_the_same_lines_written_again_tell_nobody_again(store: Store) -> None:
    for deal_id in ("acme-1", "acme-2"):
        await tell(store, deal_id, opened(deal_id), entered(2))
    await tell(store, "acme-1", refused(3))
    await tell(store, "acme-1", refused(3))

    assert len(await waiting(store)) == 1


@pytest.mark.parametrize(("days", "allowed"), [(1, True), (-1, False)])
async def test_what_they_said_last_is_kept(store: Store, days: int, allowed: bool) -> None:
    await tell(store, "acme-1", opened(), entered(2), refused(3))
    at = NOW + days * DAY
    await tell(store, "acme-1", fact(4, "channel_allowed", variant="call", addresses=["ada@acme.test"], happened_at=at))

    wish = await channel_wishes.find(store, "call", "Ada@Acme.test")
    assert wish is not None
    assert wish.allowed is allowed


async def test_what_somebody_unknown_refused_is_kept_once_they_are_known(store: Store) -> None:
    for deal_id in ("acme-1", "acme-2"):
        await tell(store, deal_id, opened(deal_id), entered(2))
    await tell(store, "acme-1", refused(3, addresses=[], contact="zoe", unresolved="zoe"))
    assert await waiting(store) == []

    told = FactTaken.model_validate(refused(3, contact="ada").model_dump())
    known = PersonRecognised(at=NOW, number=4, point="channel_refused:zoe", contact="ada", told=(told,))
    await tell(store, "acme-1", known)

    assert (wish := await channel_wishes.find(store, "call", "ada@acme.test")) is not None
    assert (wish.allowed, await waiting(store)) == (False, [("acme-2", "channel_refused", "ada@acme.test")])
