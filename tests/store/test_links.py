"""Which objects of other tools belong to deals that still run."""

from __future__ import annotations

from datetime import UTC, datetime

from store import links
from store.database import Store
from store.tables import finished_deals


async def test_the_objects_of_open_deals_are_listed_in_pages_and_those_of_finished_deals_are_not(store: Store) -> None:
    for number in range(1, 6):
        await links.link(store, "salesforce", f"opportunity:{number}", f"deal-{number}")
    await links.link(store, "salesforce", "task:1", "deal-1")
    await links.link(store, "hubspot", "opportunity:9", "deal-1")
    async with store.writing() as writing:
        over = {"deal_id": "deal-3", "outcome": "won", "closed_at": datetime(2026, 11, 26, tzinfo=UTC)}
        await writing.execute(finished_deals.insert(), over)

    first = await links.of_open_deals(store, "salesforce", "opportunity", after="", limit=3)
    rest = await links.of_open_deals(store, "salesforce", "opportunity", after=first[-1].object_id, limit=3)

    assert [one.deal_id for one in first] == ["deal-1", "deal-2", "deal-4"]
    assert [one.object_id for one in rest] == ["opportunity:5"]
