"""What reaches a deal at Temporal itself leaves a line in the audit trail; what came another way leaves one there."""

from __future__ import annotations

from pydantic import JsonValue

from dealwright.entries import CommandTaken, DealRefused, Entry, FactRefused
from store import audit, intake, journal
from store.audit import AuditEntry, AuditRow
from store.database import Store
from store.intake import Event
from tests.store.samples import NOW, fact, opened


async def write(store: Store, *entries: Entry, deal_id: str = "acme-1", run: str = "r1") -> None:
    async with store.writing() as connection:
        await journal.write(store, connection, deal_id, entries, run)


def told(row: AuditRow) -> tuple[object, ...]:
    return row.caller, row.by, row.operation, row.idempotency_key, row.result


def paused(number: int, id_: str = "pause-1", *, accepted: bool = True) -> CommandTaken:
    return CommandTaken(at=NOW, number=number, command="pause", id=id_, by="ana", accepted=accepted, text="so")


def over_http(operation: str, status: int, id_: str | None = None, result: str = "done") -> AuditEntry:
    return AuditEntry(
        at=NOW, caller="sync", operation=operation, deal_id="acme-1", idempotency_key=id_, status=status, result=result
    )


async def test_an_opening_a_fact_and_a_command_leave_a_line_each(store: Store) -> None:
    await write(store, opened(), fact(2, "demo_held", id="f1", source="billing"), paused(3, accepted=False))
    assert [told(row) for row in await audit.recent(store, deal_id="acme-1")] == [
        ("temporal", "ana", "give_pause", "pause-1", "refused"),
        ("temporal", "billing", "tell_demo_held", "f1", "done"),
        ("temporal", None, "open_deal", None, "done"),
    ]


async def test_so_does_what_a_deal_refuses(store: Store) -> None:
    await write(store, DealRefused(at=NOW, number=1, error="there is no such playbook"), deal_id="acme-2")
    await write(store, opened(), FactRefused(at=NOW, number=2, fact="moon_landed", id="m1", error="no fact"))
    assert [told(row) for row in await audit.recent(store)] == [
        ("temporal", None, "tell_moon_landed", "m1", "refused"),
        ("temporal", None, "open_deal", None, "done"),
        ("temporal", None, "open_deal", None, "refused"),
    ]


async def test_a_story_that_is_written_again_leaves_no_second_line(store: Store) -> None:
    told_without_id = fact(2, "note_added")
    await write(store, opened(), told_without_id)
    await write(store, opened(), told_without_id, paused(3))
    assert [row.operation for row in await audit.recent(store)] == ["give_pause", "tell_note_added", "open_deal"]


async def test_what_came_over_http_has_its_own_line_alone_whichever_is_written_first(store: Store) -> None:
    await audit.write(store, [over_http("open_deal", 201), over_http("tell_demo_held", 202, "f1")])
    await write(store, opened(), fact(2, "demo_held", id="f1"), paused(3))
    await audit.write(store, [over_http("give_pause", 200, "pause-1")])
    assert {row.caller for row in await audit.recent(store)} == {"sync"}


async def test_a_line_of_what_did_not_reach_the_deal_hides_none(store: Store) -> None:
    await audit.write(store, [over_http("give_pause", 403, "pause-1", "refused"), over_http("open_deal", 200)])
    await write(store, opened(), paused(2))
    await audit.write(store, [over_http("give_pause", 503, "pause-1", "failed")])
    direct = await audit.recent(store, caller="temporal")
    assert [row.operation for row in direct] == ["give_pause", "open_deal"]


async def test_what_webhooks_brought_stands_in_the_intake_alone(store: Store) -> None:
    payloads: dict[str, tuple[str, dict[str, JsonValue]]] = {
        "e1": ("demo_held", {"id": "hubspot:e1"}),
        "e2": ("demo_held", {"id": "of-the-source"}),
        "e3": ("open_deal", {"deal": {"id": "acme-1"}}),
        "e4": ("command", {"what": "a press"}),
        "e5": ("crm_deal_merged", {"id": "hubspot:e5"}),
    }
    events = [
        Event(source="hubspot", event_id=id_, deal_ref="acme-1", fact=name, payload=payload, received_at=NOW)
        for id_, (name, payload) in payloads.items()
    ]
    await intake.add(store, events)
    merged = fact(5, "crm_deal_merged", id="hubspot:e5+acme-2")
    facts = fact(2, "demo_held", id="hubspot:e1"), fact(3, "demo_held", id="of-the-source")
    await write(store, opened(), *facts, paused(4, "hubspot:e4"), merged)
    assert await audit.recent(store) == []


async def test_what_a_worker_tells_a_deal_itself_leaves_none(store: Store) -> None:
    await write(store, opened(), fact(2, "touch_confirmed", id="late-acme-1/cold/1/0/1", source="ledger"))
    assert [row.operation for row in await audit.recent(store)] == ["open_deal"]
