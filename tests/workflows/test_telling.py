"""What reaches a deal by signal: in order, once, and never lost, whatever it looks like."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.common import RawValue

from dealwright.facts import BuyingSignalSeen, DealLost, EmailOpened, LeadQualified, NoteAdded, UsageReported
from dealwright.identity import workflow_id
from store import journal
from tests.workflows.world import STEADY, World, new_id, of_type

pytestmark = pytest.mark.server


async def test_facts_of_many_names_are_taken_in_the_order_they_came(idle_world: World) -> None:
    deal_id = await idle_world.open()
    told = [
        NoteAdded(id="1", text="first"), UsageReported(id="2", health=40), LeadQualified(id="3", level="mql"),
        EmailOpened(id="4"), NoteAdded(id="5", text="fifth"), UsageReported(id="6", health=50), EmailOpened(id="7"),
        BuyingSignalSeen(id="8", signal="pricing"),
    ]  # fmt: skip
    for fact in told:  # before the deal's first step: all of them arrive together with its start
        await idle_world.deals.record(deal_id, fact)
    async with idle_world.at_work():
        await idle_world.settle(deal_id)
        assert await idle_world.facts(deal_id) == ["1", "2", "3", "4", "5", "6", "7", "8"]


def raw(data: bytes, encoding: bytes = b"json/plain") -> RawValue:
    return RawValue(Payload(metadata={"encoding": encoding}, data=data))


BROKEN = {
    "a text in the place of an object": (raw(b'"not an object"'), "object"),
    "no JSON": (raw(b"{"), "JSON"),
    "no UTF-8": (raw(b'{"text": "\xff"}'), "UTF-8"),
    "an unknown encoding": (raw(b"\x00\x01", b"binary/unheard-of"), "binary/unheard-of"),
    "no encoding": (RawValue(Payload(data=b"{}")), "send JSON"),
    "an unknown field": (raw(b'{"text": "x", "colour": "red"}'), "colour"),
    "a missing field": (raw(b"{}"), "text"),
    "a naive time": (raw(b'{"text": "x", "at": "2027-05-04T09:30:00"}'), "at"),
    "null": (raw(b"null"), "object"),
    "nesting without end": (raw(b'{"text": ' + b"[" * 30_000 + b"]" * 30_000 + b"}"), ""),
    "a note of 1 MB": (raw(b'{"text": "%s"}' % (b"x" * 1_000_000)), "1,000,012 bytes; at most 65,536"),
    "a note of 17 KiB": (raw(b'{"text": "%s"}' % (b"x" * 17 * 1024)), "16384"),
}


@pytest.mark.parametrize("what", BROKEN)
async def test_what_is_no_fact_is_kept_and_shown_and_the_deal_goes_on(world: World, what: str) -> None:
    payload, complaint = BROKEN[what]
    deal_id = await world.open()
    await world.run_of(deal_id).signal("note_added", payload)
    seen = await world.settle(deal_id)
    (refused,) = await world.refused(deal_id)
    assert complaint in refused.error
    assert len(refused.excerpt) <= 200
    assert "note_added" in seen.attention["fact:note_added"]
    await world.deals.record(deal_id, LeadQualified(level="sql"))
    await world.see(deal_id, lambda now: now.next_action is not None and "two" in now.next_action)


async def test_several_arguments_and_none_are_kept_and_shown(world: World) -> None:
    deal_id = await world.open()
    await world.run_of(deal_id).signal("reply_received", args=[{"id": "1"}, {"id": "2"}])
    await world.run_of(deal_id).signal("reply_received")
    await world.settle(deal_id)
    errors = [refused.error for refused in await world.refused(deal_id)]
    assert errors == ["one payload is expected, 2 came", "one payload is expected, 0 came"]


async def test_a_name_that_nobody_knows_is_kept_and_shown(world: World) -> None:
    deal_id = await world.open()
    await world.run_of(deal_id).signal("moon_landed", {"id": "1"})
    seen = await world.settle(deal_id)
    (refused,) = await world.refused(deal_id)
    assert (refused.fact, refused.id) == ("moon_landed", "1")
    assert "no fact that a deal can be told" in seen.attention["fact:moon_landed"]


async def test_what_cannot_be_read_is_shown_at_once_though_nothing_waits_for_such_a_fact(world: World) -> None:
    deal_id = await world.open()
    await world.settle(deal_id)
    await world.run_of(deal_id).signal("email_opened", raw(b"\xff"))
    await world.see(deal_id, lambda seen: "fact:email_opened" in seen.attention)


async def test_a_fact_told_again_is_counted_and_changes_nothing(world: World) -> None:
    deal_id = await world.open()
    for id_ in ("a", "a", "b", "a"):
        await world.deals.record(deal_id, UsageReported(id=id_, health=50))
    assert (await world.settle(deal_id)).repeats == 2
    assert await world.facts(deal_id) == ["a", "b"]


async def test_an_id_of_one_fact_does_not_hide_another_fact(world: World) -> None:
    deal_id = await world.open()
    await world.deals.record(deal_id, UsageReported(id="1", health=50))
    await world.deals.record(deal_id, LeadQualified(id="1", level="mql"))
    assert (await world.settle(deal_id)).repeats == 0
    assert await world.facts(deal_id) == ["1", "1"]


async def test_a_fact_without_an_id_is_taken_as_often_as_it_comes(world: World) -> None:
    deal_id = await world.open()
    for _ in range(2):
        await world.run_of(deal_id).signal("usage_reported", {"health": 50})
    await world.settle(deal_id)
    assert await world.facts(deal_id) == [None, None]


async def test_facts_that_nothing_waits_for_cost_no_decision_until_there_is_one(world: World) -> None:
    deal_id = await world.open()
    await world.settle(deal_id)
    before = len(list(of_type(await world.history(deal_id), EventType.EVENT_TYPE_MARKER_RECORDED)))
    for number in range(5):
        await world.deals.record(deal_id, EmailOpened(id=str(number)))
    await world.deals.record(deal_id, LeadQualified(id="5", level="sql"))
    await world.settle(deal_id)
    after = len(list(of_type(await world.history(deal_id), EventType.EVENT_TYPE_MARKER_RECORDED)))
    assert await world.facts(deal_id) == ["0", "1", "2", "3", "4", "5"]
    assert after - before <= 4  # the opened mail waited for the lead: no decision was its own


async def test_a_flood_of_facts_that_nothing_waits_for_is_taken_all_the_same(world: World) -> None:
    deal_id = await world.open()
    await world.settle(deal_id)
    for number in range(210):
        await world.deals.record(deal_id, EmailOpened(id=str(number)))
    seen = await world.see(deal_id, lambda seen: seen.stage == "talking")
    assert seen.attention == {}
    assert len(await world.facts(deal_id)) >= 200


def stakeholder(number: int, role: str) -> dict[str, object]:
    return {"id": f"c{number}", "name": f"Somebody {number}", "email": f"c{number}@buyer.example", "role": role}


async def open_with_many(world: World) -> str:
    """A deal that knows so many people that each further one makes a large entry: it names them all."""
    deal_id = new_id()
    people = [stakeholder(number, "Head of something long" * 4) for number in range(180)]
    await world.deals.open({"id": deal_id, "contacts": people}, STEADY)
    return deal_id


async def test_many_small_facts_that_teach_much_are_decided_in_parts(idle_world: World) -> None:
    deal_id = await open_with_many(idle_world)
    for number in range(150):
        learned = {"id": str(number), "contacts": [stakeholder(number, "Buyer")]}
        await idle_world.run_of(deal_id).signal("contacts_learned", learned)
    await idle_world.deals.record(deal_id, DealLost(id="lost"))
    async with idle_world.at_work():
        await asyncio.wait_for(idle_world.run_of(deal_id).result(), 60)
    lines = await journal.story(idle_world.store, deal_id)
    taken = [line.entry.get("id") for line in lines if line.kind == "fact_taken"]
    assert taken == [*(str(number) for number in range(150)), "lost"]


async def test_large_entries_do_not_wait_for_an_effect_that_could_not_carry_them(world: World) -> None:
    deal_id = await open_with_many(world)
    await world.deals.record(deal_id, BuyingSignalSeen(signal="trial", id="t"))  # an effect is due in two days
    for number in range(100):
        learned = {"id": str(number), "contacts": [stakeholder(number, "Buyer")]}
        await world.run_of(deal_id).signal("contacts_learned", learned)
        if number % 10 == 0:
            await world.settle(deal_id)
    await world.settle(deal_id)
    await world.pass_time(deal_id, timedelta(days=3))
    await asyncio.wait_for(world.settle(deal_id), 20)
    lines = await journal.story(world.store, deal_id)
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    assert sum(line.entry.get("fact") == "contacts_learned" for line in lines) == 100


async def test_a_fact_that_comes_with_the_opening_is_the_deals_first(world: World) -> None:
    deal_id = new_id()
    await world.deals.record_or_open({"id": deal_id}, LeadQualified(id="1", level="mql"), "steady")
    await world.settle(deal_id)
    assert await world.facts(deal_id) == ["1"]


async def test_what_comes_after_the_end_is_kept_and_said_to_be_late(world: World) -> None:
    deal_id = await world.open()
    run = world.run_of(deal_id)
    start = datetime.now().astimezone()
    await world.settle(deal_id)
    for name, payload in (("deal_lost", {"id": "1"}), ("note_added", {"id": "2", "text": "too late"})):
        await run.signal(name, payload)
    await run.result()
    lines = await journal.story(world.store, deal_id)
    kinds = [line.kind for line in lines]
    assert lines[-1].at >= start
    assert "deal_closed" in kinds
    told = [line.entry["id"] for line in lines if line.kind in {"fact_taken", "fact_refused"}]
    assert told == ["1", "2"]
    assert workflow_id(deal_id) == run.id
