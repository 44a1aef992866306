from __future__ import annotations

from store import suppression
from store.database import Store
from tests.store.samples import NOW


async def test_an_address_on_the_list_is_found_however_it_is_written(store: Store) -> None:
    await suppression.suppress(store, " Ada@ACME.test ", "asked by phone", NOW)
    listed = await suppression.suppressed(store, "ada@acme.TEST")
    assert listed is not None
    assert (listed.address, listed.reason, listed.deal_id) == ("ada@acme.test", "asked by phone", None)


async def test_the_first_reason_stays(store: Store) -> None:
    await suppression.suppress(store, "ada@acme.test", "opted out", NOW, "acme-1")
    await suppression.suppress(store, "ada@acme.test", "bounced", NOW, "acme-2")
    listed = await suppression.suppressed(store, "ada@acme.test")
    assert listed is not None
    assert listed.reason == "opted out"


async def test_an_address_can_be_taken_off_the_list(store: Store) -> None:
    await suppression.suppress(store, "ada@acme.test", "opted out", NOW)
    assert await suppression.allow(store, "ADA@acme.test")
    assert await suppression.suppressed(store, "ada@acme.test") is None
    assert not await suppression.allow(store, "ada@acme.test")
