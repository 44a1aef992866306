"""Which deals know whom, as their journals have it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from dealwright.deal import Contact, Deal, Known
from dealwright.entries import DealClosed, DealOpened, DealReopened, Entry, FactTaken
from store import journal
from store.database import Store
from store.deal_contacts import deals_with
from tests.store.samples import NOW

ANA = "ana@buyer.example"


def opened(*addresses: str) -> DealOpened:
    contacts = tuple(Contact(id=str(place), name="X", email=one) for place, one in enumerate(addresses))
    deal = Deal(id="d", contacts=contacts)
    return DealOpened.model_validate({"at": NOW, "number": 1, "deal": deal, "playbook": "p", "bundle": "b"})


def learned(number: int, **about: object) -> FactTaken:
    known = Known.model_validate(about)
    return FactTaken(at=NOW, number=number, fact="contacts_learned", happened_at=NOW, learned=known)


async def write(store: Store, deal_id: str, *entries: Entry, run: str = "r1") -> None:
    async with store.writing() as connection:
        await journal.write(store, connection, deal_id, entries, run)


async def known_to(store: Store, *addresses: str) -> Sequence[str]:
    return await deals_with(store, addresses, NOW)


async def test_a_deal_knows_whom_it_was_opened_with_however_the_address_is_written(store: Store) -> None:
    await write(store, "acme", opened("Ana@Buyer.example"))
    assert await known_to(store, "ANA@buyer.EXAMPLE") == ["acme"]
    assert await known_to(store, "eve@buyer.example") == []


async def test_it_knows_whom_it_learns_of_and_nobody_who_left(store: Store) -> None:
    await write(store, "acme", opened(ANA))
    await write(store, "acme", learned(2, contacts=[{"id": "new", "name": "Bo", "email": "bo@buyer.example"}]))
    assert await known_to(store, "bo@buyer.example") == await known_to(store, ANA) == ["acme"]
    await write(store, "acme", learned(3, cleared=["contacts"]))
    assert await known_to(store, ANA, "bo@buyer.example") == []


async def test_all_deals_that_know_one_of_several_people_are_named_once(store: Store) -> None:
    await write(store, "one", opened(ANA, "bo@buyer.example"))
    await write(store, "two", opened("bo@buyer.example"))
    assert await known_to(store, ANA, "bo@buyer.example") == ["one", "two"]


async def test_a_deal_that_had_ended_by_then_is_not_meant_and_one_that_ended_since_is(store: Store) -> None:
    await write(store, "acme", opened(ANA))
    closed = DealClosed.model_validate({"at": NOW, "number": 2, "outcome": "lost", "reason": "price"})
    await write(store, "acme", closed)
    assert await deals_with(store, [ANA], NOW - timedelta(days=1)) == ["acme"]
    assert await deals_with(store, [ANA], NOW + timedelta(days=1)) == []
    await write(store, "acme", DealReopened(at=NOW, number=3, by="Max", why="they came back", was="lost"))
    assert await deals_with(store, [ANA], NOW + timedelta(days=1)) == ["acme"]


async def test_what_a_reset_undoes_is_not_known(store: Store) -> None:
    await write(store, "acme", opened(ANA), learned(2, contacts=[{"id": "n", "name": "Bo", "email": "bo@b.example"}]))
    await write(store, "acme", FactTaken(at=NOW, number=2, fact="note_added", happened_at=NOW), run="r2")
    assert await known_to(store, "bo@b.example") == []
    assert await known_to(store, ANA) == ["acme"]
