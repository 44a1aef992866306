"""What other tools are known to hold: echoes and what is out of date are told from what is new."""

from __future__ import annotations

from datetime import timedelta

from store import links, mirror
from store.database import Store
from tests.store.samples import NOW

LATER, EARLIER = NOW + timedelta(minutes=1), NOW - timedelta(minutes=1)


async def test_what_nobody_knows_is_new(store: Store) -> None:
    heard = await mirror.compare(store, "acme", "deal:1", {"stage": "won", "amount": None}, NOW)
    assert heard == mirror.Comparison({"stage": "won", "amount": None}, frozenset(), frozenset())


async def test_what_we_wrote_comes_back_as_the_same(store: Store) -> None:
    await mirror.note(store, "acme", "deal:1", {"stage": "won", "tags": ["a", {"b": 1}]}, NOW)
    heard = await mirror.compare(store, "acme", "deal:1", {"stage": "won", "tags": ["a", {"b": 1}]}, LATER)
    assert heard == mirror.Comparison({}, frozenset({"stage", "tags"}), frozenset())


async def test_something_else_is_new_only_if_it_is_not_older(store: Store) -> None:
    await mirror.note(store, "acme", "deal:1", {"stage": "won"}, NOW)
    assert (await mirror.compare(store, "acme", "deal:1", {"stage": "lost"}, LATER)).new == {"stage": "lost"}
    assert (await mirror.compare(store, "acme", "deal:1", {"stage": "lost"}, EARLIER)).stale == {"stage"}
    assert (await mirror.compare(store, "acme", "deal:2", {"stage": "lost"}, EARLIER)).new == {"stage": "lost"}


async def test_of_two_values_the_later_one_stays_in_whatever_order_they_come(store: Store) -> None:
    await mirror.note(store, "acme", "deal:1", {"stage": "won"}, NOW)
    await mirror.note(store, "acme", "deal:1", {"stage": "demo", "amount": 5}, EARLIER)
    there = await mirror.known(store, "acme", "deal:1")
    assert {name: one.value for name, one in there.items()} == {"stage": "won", "amount": 5}
    await mirror.note(store, "acme", "deal:1", {"stage": "lost"}, LATER)
    assert (await mirror.known(store, "acme", "deal:1"))["stage"] == mirror.Mirrored("lost", LATER)


async def test_a_value_that_comes_back_unchanged_makes_what_lay_between_stale(store: Store) -> None:
    await mirror.note(store, "acme", "deal:1", {"stage": "won"}, EARLIER)
    await mirror.note(store, "acme", "deal:1", {"stage": "won"}, LATER)
    assert (await mirror.compare(store, "acme", "deal:1", {"stage": "lost"}, NOW)).stale == {"stage"}


async def test_an_object_that_is_gone_is_known_no_more(store: Store) -> None:
    await mirror.note(store, "acme", "deal:1", {"stage": "won"}, NOW)
    await mirror.forget(store, "acme", "deal:1")
    assert await mirror.known(store, "acme", "deal:1") == {}


async def test_a_deals_objects_are_found_by_their_kind(store: Store) -> None:
    for object_id in ("deal:9", "task:7", "task:70", "tasks:1"):
        await links.link(store, "acme", object_id, "acme-1")
    await links.link(store, "acme", "task:8", "acme-2")
    assert await links.objects_of(store, "acme-1", "acme", "task") == ["7", "70"]
    assert await links.objects_of(store, "acme-1", "other", "task") == []
    await links.unlink(store, "acme", "task:7")
    assert await links.objects_of(store, "acme-1", "acme", "task") == ["70"]
    assert await links.deal_of(store, "acme", "task:7") is None
    assert await links.deal_of(store, "acme", "deal:9") == "acme-1"


async def test_of_several_who_claim_an_object_the_first_holds_it_until_it_has_not_asked_for_long(store: Store) -> None:
    async def claim(holder: str, minutes: int) -> str:
        at = NOW + timedelta(minutes=minutes)
        since = at - timedelta(minutes=5)
        return await mirror.claim(store, "acme", "opening:x", holder, at, unless_held_since=since)

    assert [await claim(*one) for one in (("a", 0), ("b", 1), ("a", 4), ("b", 8))] == ["a"] * 4
    assert [await claim(*one) for one in (("b", 10), ("a", 11))] == ["b"] * 2


async def test_a_holder_who_needs_it_no_more_is_followed_by_one_alone(store: Store) -> None:
    async def claim(holder: str) -> str:
        wanted = mirror.Claim(holder=holder, at=NOW, unless_held_since=EARLIER, instead_of="a")
        return await mirror.take(store, "acme", "x", wanted)

    assert [await claim(one) for one in ("a", "b", "c")] == ["a", "b", "b"]


async def test_what_is_noted_with_a_claim_is_the_holders_and_goes_when_they_give_it_up(store: Store) -> None:
    async def claim(holder: str) -> None:
        wanted = mirror.Claim(holder=holder, at=NOW, unless_held_since=EARLIER, noting={"of": holder})
        await mirror.take(store, "acme", "x", wanted)

    async def of() -> object:
        held = await mirror.known(store, "acme", "x")
        return held["of"].value if "of" in held else None

    await claim("a")
    await claim("b")
    await mirror.give_up(store, "acme", "x", "b")
    assert await of() == "a"
    await mirror.give_up(store, "acme", "x", "a")
    assert await mirror.known(store, "acme", "x") == {}
    await claim("b")
    assert await of() == "b"
