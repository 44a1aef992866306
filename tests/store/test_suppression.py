from __future__ import annotations

import pytest

from store import suppression
from store.database import Store
from store.suppression import SuppressedAddress
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
    listed = SuppressedAddress(address="ADA@acme.test", reason="told by a deal", since=NOW, deal_id=None)
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
    assert await suppression.remove(store, "ADA@acme.test")
    assert await suppression.suppressed(store, "ada@acme.test") is None
    assert not await suppression.remove(store, "ada@acme.test")


async def test_an_opt_out_after_a_bounce_is_the_reason_from_then_on(store: Store) -> None:
    async with store.writing() as connection:
        bounce = SuppressedAddress(
            address="ada@acme.test", reason="email bounced, told by deal a", since=NOW, deal_id="a"
        )
        await suppression.write(store, connection, bounce, bounced=True)
    await suppression.suppress(store, "ada@acme.test", "opted out, told by deal b", NOW, "b")
    listed = await suppression.suppressed(store, "ada@acme.test")
    assert listed is not None
    assert listed.deal_id == "b"


@pytest.mark.parametrize(("only_bounce", "left"), [(True, True), (False, False)])
async def test_a_mailbox_that_works_again_takes_no_opt_out_back(store: Store, *, only_bounce: bool, left: bool) -> None:
    async with store.writing() as connection:
        for reason, bounced in (("email bounced, told by deal a", True), ("opted out, told by deal b", False)):
            listed = SuppressedAddress(address="ada@acme.test", reason=reason, since=NOW, deal_id="a")
            await suppression.write(store, connection, listed, bounced=bounced)
    assert await suppression.remove(store, "ada@acme.test", only_bounce=only_bounce)
    assert await suppression.bounced(store, "ada@acme.test") is None
    assert (await suppression.suppressed(store, "ada@acme.test") is not None) == left
    (removal,) = await suppression.removals(store)
    assert removal.bounced
    assert removal.reason == ("email bounced, told by deal a" if only_bounce else "opted out, told by deal b")


async def test_an_address_that_only_bounced_gets_marketing_again_when_its_mailbox_works(store: Store) -> None:
    async with store.writing() as connection:
        bounce = SuppressedAddress(
            address="ada@acme.test", reason="email bounced, told by deal a", since=NOW, deal_id="a"
        )
        await suppression.write(store, connection, bounce, bounced=True)
    assert await suppression.remove(store, "ada@acme.test", only_bounce=True)
    assert await suppression.suppressed(store, "ada@acme.test") is None


async def test_a_mailbox_that_never_bounced_has_nothing_to_take_off(store: Store) -> None:
    await suppression.suppress(store, "ada@acme.test", "opted out", NOW)
    assert not await suppression.remove(store, "ada@acme.test", only_bounce=True)
    assert await suppression.suppressed(store, "ada@acme.test") is not None


async def test_who_took_an_address_off_the_list_and_why_is_written_down(store: Store) -> None:
    await suppression.suppress(store, "ada@acme.test", "opted out", NOW, "acme-1")
    await suppression.remove(store, "ADA@acme.test", by="jane", why="she asked for it")
    await suppression.remove(store, "bob@acme.test", by="jane", why="never listed")
    (removal,) = await suppression.removals(store)
    assert (removal.address, removal.reason, removal.since) == ("ada@acme.test", "opted out", NOW)
    assert (removal.by, removal.why, removal.bounced) == ("jane", "she asked for it", False)
    assert await suppression.removals(store, "bob@acme.test") == []


async def test_the_list_names_the_newest_first_and_what_bounced(store: Store) -> None:
    await suppression.suppress(store, "ada@acme.test", "opted out", NOW)
    async with store.writing() as connection:
        bounce = SuppressedAddress(
            address="bob@acme.test", reason="email bounced", since=NOW.replace(year=2030), deal_id="a"
        )
        await suppression.write(store, connection, bounce, bounced=True)
    found = await suppression.list_addresses(store)
    assert [(each.address, each.bounced) for each in found] == [("bob@acme.test", True), ("ada@acme.test", False)]
    assert [each.address for each in await suppression.list_addresses(store, limit=1)] == ["bob@acme.test"]
    assert [each.address for each in await suppression.list_addresses(store, address="ADA@acme.test")] == [
        "ada@acme.test"
    ]
