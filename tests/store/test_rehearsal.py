"""A rehearsal: what is written is seen in it, and nothing of it stays."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from store import links, mirror
from store.rehearsal import RehearsalStore

AT = datetime(2026, 11, 26, 9, tzinfo=UTC)


async def test_what_is_written_is_seen_until_the_end_and_gone_afterwards(tmp_path: Path) -> None:
    store = RehearsalStore.open(f"sqlite:///{tmp_path / 'deals.db'}")
    await store.migrate()
    await links.link(store, "hubspot", "deal:1", "acme")
    async with store.rehearsing() as rehearsal:
        await links.link(rehearsal, "hubspot", "deal:2", "acme")
        await mirror.note(rehearsal, "hubspot", "deal:2", {"stage": "demo"}, AT)
        assert await links.objects_of(rehearsal, "acme", "hubspot", "deal") == ["1", "2"]
        assert (await mirror.known(rehearsal, "hubspot", "deal:2"))["stage"].value == "demo"
    assert await links.objects_of(store, "acme", "hubspot", "deal") == ["1"]
    assert await mirror.known(store, "hubspot", "deal:2") == {}
    await store.close()
