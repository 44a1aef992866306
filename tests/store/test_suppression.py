from __future__ import annotations

import pytest

from store import suppression
from store.database import Store
from store.suppression import Suppressed
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


@pytest.mark.parametrize("bounce_first", [True, False])
async def test_an_address_that_opted_out_and_bounced_is_known_as_both(store: Store, *, bounce_first: bool) -> None:
    listed = Suppressed(address="ADA@acme.test", reason="told by a deal", since=NOW, deal_id=None)
    async with store.writing() as connection:
        for bounced in (bounce_first, not bounce_first):
            await suppression.write(store, connection, listed, bounced=bounced)
    assert await suppression.suppressed(store, "ada@acme.test") is not None
    assert await suppression.bounced(store, "ada@acme.test") is not None


async def test_an_opt_out_is_no_bounce(store: Store) -> None:
    await suppression.suppress(store, "ada@acme.test", "opted out", NOW)
    assert await suppression.bounced(store, "ada@acme.test") is None


async def test_a_domain_in_letters_and_in_punycode_is_one(store: Store) -> None:
    await suppression.suppress(store, "ada@bücher.example", "opted out", NOW)
    assert await suppression.suppressed(store, "Ada@XN--BCHER-KVA.example") is not None


async def test_an_address_can_be_taken_off_the_list(store: Store) -> None:
    await suppression.suppress(store, "ada@acme.test", "opted out", NOW)
    assert await suppression.allow(store, "ADA@acme.test")
    assert await suppression.suppressed(store, "ada@acme.test") is None
    assert not await suppression.allow(store, "ada@acme.test")
