"""What Pipedrive's webhooks and polls mean, and that each change is told once, whichever way it comes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from integrations.kit.mapping.bodies import Unreadable
from integrations.kit.mapping.events import events_after_fetch
from integrations.kit.mapping.source_mapping import Source
from integrations.kit.proof.request import WebhookRequest
from integrations.kit.tool import Connected
from integrations.pipedrive.client import PipedriveClient
from integrations.pipedrive.deal_record import DealRecords
from integrations.pipedrive.fetcher import PipedriveFetcher
from integrations.pipedrive.inbound import PipedriveWebhooks
from integrations.pipedrive.marks import TASK, mark_of, marked, task_object
from integrations.pipedrive.polling import PipedrivePolling
from integrations.pipedrive.settings import PipedriveConnection
from integrations.pipedrive.users import Users
from integrations.registry import shipped_mappings
from store import intake, links, mirror
from store.database import Store
from store.intake import Event, IntakeState
from tests.integrations.pipedrive.company import ANA, SAM, US, Company

AT = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
STAGES = {"stages": {"research": "1", "discovery": "2", "close": "won", "customer": "won", "closed_lost": "lost"}}
_IDS = count(4_000)


def source() -> Source:
    return shipped_mappings()["pipedrive"].with_settings({"user_id": str(US)}, STAGES)


@pytest.fixture
def deal() -> int:
    return next(_IDS)


def body(deal: int, previous: dict[str, Any] | None, *, at: datetime = AT, **about: Any) -> dict[str, Any]:
    """As Pipedrive's guide shows it, with the fields of a deal that matter."""
    meta = {
        "action": "change", "entity": "deal", "entity_id": str(deal), "version": "2.0", "company_id": "11000001",
        "id": f"{next(_IDS)}", "user_id": str(SAM[1]), "change_source": "app", "attempt": 1, "is_bulk_edit": False,
        "timestamp": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }  # fmt: skip
    record = {
        "id": deal, "title": "Acme", "stage_id": 2, "status": "open", "value": 0, "currency": "EUR",
        "owner_id": SAM[1], "person_id": None, "expected_close_date": None, "lost_reason": None,
        "custom_fields": {}, "add_time": "2026-11-25T09:00:00Z", "update_time": f"{at:%Y-%m-%dT%H:%M:%SZ}",
    }  # fmt: skip
    of_meta = {name: value for name, value in about.items() if name in {*meta, "merged_to_id"}}
    of_record = {name: value for name, value in about.items() if name not in of_meta}
    return {"meta": meta | of_meta, "data": record | of_record, "previous": previous}


async def read(store: Store, *bodies: dict[str, Any]) -> list[Event]:
    """What webhooks become without a connection: what they say themselves."""
    found = list[Event]()
    for one in bodies:
        request = WebhookRequest("POST", "https://x.example", {}, json.dumps(one).encode())
        found += (await PipedriveWebhooks(None)(request, source(), store)).events
    return found


async def test_an_edit_of_which_the_second_alone_is_told_counts_as_the_end_of_it(store: Store, deal: int) -> None:
    """Also after what the deal itself did in that second."""
    (whole,) = await read(store, body(deal, {"stage_id": 1}, stage_id=2))
    (exact,) = await read(store, body(deal, {"stage_id": 2}, stage_id=3, at=AT + timedelta(milliseconds=1250)))

    assert (whole.payload["at"], exact.payload["at"]) == ("2026-11-26T09:00:00.999999Z", "2026-11-26T09:00:01.250000Z")


@pytest.mark.parametrize(
    ("previous", "about", "fact", "payload"),
    [
        ({"stage_id": 1}, {"stage_id": 2}, "crm_stage_moved", {"stage": "discovery"}),
        ({"status": "open"}, {"status": "won"}, "crm_stage_moved", {"stage": "close"}),
        ({"status": "open"}, {"status": "lost", "lost_reason": "Price"}, "deal_lost", {"reason": "Price"}),
        ({"status": "lost"}, {"status": "open"}, "crm_stage_moved", {"stage": "discovery"}),
        ({"value": 5}, {"value": 12.5}, "crm_properties_changed", {"amount": {"amount": "12.5", "currency": "EUR"}}),
        ({"value": 5}, {"value": 0}, "crm_properties_changed", {"amount": None}),
        ({"title": "x"}, {"title": "Acme, 3 years"}, "crm_properties_changed", {"title": "Acme, 3 years"}),
        (
            {"expected_close_date": None},
            {"expected_close_date": "2026-12-31"},
            "crm_properties_changed",
            {"close_on": "2026-12-31"},
        ),
        ({"expected_close_date": "2026-12-31"}, {}, "crm_properties_changed", {"close_on": None}),
    ],
)
async def test_a_change_of_a_deal_is_told_in_our_words(
    store: Store, deal: int, previous: dict[str, Any], about: dict[str, Any], fact: str, payload: dict[str, Any]
) -> None:
    (told,) = await read(store, body(deal, previous, **about))

    assert (told.fact, told.deal_ref) == (fact, f"deal:{deal}")
    assert told.payload.items() >= payload.items()


async def test_one_edit_of_several_fields_is_several_facts(store: Store, deal: int) -> None:
    told = await read(store, body(deal, {"stage_id": 1, "title": "x"}, title="New"))

    assert {one.fact for one in told} == {"crm_stage_moved", "crm_properties_changed"}


async def test_the_same_webhook_again_tells_nothing_new(store: Store, deal: int) -> None:
    once = body(deal, {"stage_id": 1})
    again = {**once, "meta": {**once["meta"], "attempt": 2}}

    first, second = await read(store, once, again)

    assert first.event_id == second.event_id
    assert (first.state, second.state) == (IntakeState.WAITING, IntakeState.SKIPPED)


async def test_an_older_change_that_comes_late_is_known_to_be_overtaken(store: Store, deal: int) -> None:
    newer = body(deal, {"stage_id": 1}, stage_id=2, at=AT + timedelta(milliseconds=700))
    older = body(deal, {"stage_id": 2}, stage_id=1, at=AT + timedelta(milliseconds=200))

    first, second = await read(store, newer, older)

    assert (first.state, second.state) == (IntakeState.WAITING, IntakeState.SKIPPED)


@pytest.mark.parametrize(
    ("by", "by_what", "state"),
    [(US, "api", IntakeState.SKIPPED), (US, "app", IntakeState.WAITING), (SAM[1], "api", IntakeState.WAITING)],
    ids=["our own write", "our user in the app", "another integration"],
)
async def test_our_own_write_is_skipped_and_no_other(
    store: Store, deal: int, by: int, by_what: str, state: IntakeState
) -> None:
    (told,) = await read(store, body(deal, {"stage_id": 1}, user_id=str(by), change_source=by_what))

    assert told.state is state


async def test_our_own_write_is_known_by_what_it_wrote_whoever_it_is_told_of(store: Store, deal: int) -> None:
    await mirror.note(store, "pipedrive", f"deal:{deal}", {"stage_id": 2}, AT)

    (told,) = await read(store, body(deal, {"stage_id": 1}, at=AT + timedelta(seconds=1)))

    assert told.state is IntakeState.SKIPPED


async def test_a_merge_is_told_to_the_deal_that_stays_and_a_deletion_to_its_own(store: Store, deal: int) -> None:
    (merged,) = await read(store, body(deal, {}, action="delete", merged_to_id="1"))
    (deleted,) = await read(store, body(deal, {}, action="delete"))

    assert (merged.fact, merged.deal_ref, merged.payload["merged"]) == ("crm_deal_merged", "deal:1", [f"deal:{deal}"])
    assert (deleted.fact, deleted.deal_ref) == ("crm_deal_deleted", f"deal:{deal}")


async def test_a_task_of_ours_that_somebody_completes_is_done_and_others_tell_nothing(store: Store, deal: int) -> None:
    await mirror.note(store, "pipedrive", task_object(mark_of("call-ada")), {TASK: "call-ada"}, AT)
    times = {"add_time": "2026-11-25T09:00:00Z", "update_time": "2026-11-26T09:00:00Z"}
    about: dict[str, Any] = {"id": next(_IDS), "deal_id": deal, "done": True, **times}
    ours = body(deal, {"done": False}, entity="activity", entity_id=str(about["id"]))
    theirs = body(deal, {"done": False}, entity="activity", entity_id="8")
    ours["data"] = {**about, "note": marked("She asked", "call-ada")}
    theirs["data"] = {**about, "id": 8, "note": "Lunch"}

    (told,) = await read(store, ours, theirs)

    assert (told.fact, told.deal_ref, told.payload["task"]) == ("crm_task_completed", f"deal:{deal}", "call-ada")


async def test_a_webhook_of_version_1_is_refused_with_what_to_do(store: Store) -> None:
    with pytest.raises(Unreadable, match=r"version 2\.0"):
        await read(store, sample("webhook.v1.updated.deal.json"))


@pytest.mark.parametrize(
    "wrong",
    [{"entity_id": "../users"}, {"entity_id": None}, {"title": 5}, {"value": "much"}, {"timestamp": "yesterday"}],
    ids=str,
)
async def test_what_pipedrive_would_not_send_is_refused_and_no_fault(
    store: Store, deal: int, wrong: dict[str, Any]
) -> None:
    with pytest.raises(Unreadable):
        await read(store, body(deal, {"stage_id": 1}, **wrong))


async def test_a_webhook_of_records_that_are_not_followed_tells_nothing(store: Store) -> None:
    assert await read(store, body(1, {"title": "x"}, entity="lead", entity_id="0b1d2c3e-1111-4222-8333-4444")) == []


async def test_a_webhook_as_it_really_comes_tells_the_one_thing_that_is_followed(store: Store) -> None:
    (told,) = await read(store, sample("webhook.v2.change.deal.json"))

    assert (told.fact, told.deal_ref, told.payload["stage"]) == ("crm_stage_moved", "deal:31", "discovery")
    assert told.payload["at"] == "2026-11-26T09:00:36.754000Z"


def sample(name: str) -> dict[str, Any]:
    """A body as Pipedrive sends it, with what nobody reads and with the types that it has."""
    read: dict[str, Any] = json.loads((Path(__file__).parent / "samples" / name).read_text())
    return read


async def told_with_fetch(
    connection: PipedriveConnection, store: Store, *bodies: dict[str, Any]
) -> list[tuple[str, IntakeState]]:
    """What webhooks become once what they hint at has been looked up."""
    fetcher, found = PipedriveFetcher(connection, store), list[tuple[str, IntakeState]]()
    handler = PipedriveWebhooks(Connected(tool="pipedrive", connection=connection, store=store))
    for one in bodies:
        request = WebhookRequest("POST", "https://x.example", {}, json.dumps(one).encode())
        for event in (await handler(request, source(), store)).events:
            assert event.fact == "fetch"
            after = events_after_fetch(source(), event, await fetcher.fetch(event.payload["what"]))
            found += [(read.fact, read.state) for read in after]
    await fetcher.close()
    return found


async def test_an_edit_that_is_sent_again_before_the_deal_was_looked_up_is_told(
    connection: PipedriveConnection, store: Store, company: Company
) -> None:
    deal = await company.create("deal", title="Acme", stage_id=2)
    fetcher = PipedriveFetcher(connection, store)
    handler = PipedriveWebhooks(Connected(tool="pipedrive", connection=connection, store=store))
    sent = json.dumps(body(deal, {"stage_id": 1}, at=datetime.now(UTC))).encode()
    request = WebhookRequest("POST", "https://x.example", {}, sent)
    (hint,) = (await handler(request, source(), store)).events

    (again,) = (await handler(request, source(), store)).events
    looked_up = events_after_fetch(source(), hint, await fetcher.fetch(hint.payload["what"]))
    kept = await intake.add(store, looked_up)
    await fetcher.close()

    assert again.state is IntakeState.SKIPPED
    assert [(row.fact, row.state) for row in kept] == [("crm_stage_moved", IntakeState.WAITING)]


async def test_what_a_deal_no_longer_holds_is_not_told(
    connection: PipedriveConnection, store: Store, company: Company
) -> None:
    deal = await company.create("deal", title="Acme", stage_id=2)
    now = datetime.now(UTC)

    gone = await told_with_fetch(connection, store, body(deal, {"stage_id": 2}, stage_id=3, at=now))
    current = await told_with_fetch(connection, store, body(deal, {"stage_id": 3}, stage_id=2, at=now))

    assert gone == [("", IntakeState.SKIPPED)]
    assert current == [("crm_stage_moved", IntakeState.WAITING)]


async def test_an_edit_that_we_wrote_over_without_knowing_of_it_is_told_all_the_same(
    connection: PipedriveConnection, store: Store, company: Company
) -> None:
    deal = await company.create("deal", title="Acme", stage_id=2)
    client, now = PipedriveClient(connection, store), datetime.now(UTC)
    records = DealRecords(client, store, connection, Users(client, {}))
    await company.update("deal", deal, stage_id=3)
    await records.write(str(deal), {"stage_id": 4}, now)

    told = await told_with_fetch(
        connection, store, body(deal, {"stage_id": 2}, stage_id=3, at=now + timedelta(seconds=1))
    )
    await client.close()

    assert told == [("crm_stage_moved", IntakeState.WAITING)]


async def test_a_new_deal_is_opened_with_what_pipedrive_knows_of_it(
    connection: PipedriveConnection, store: Store, company: Company
) -> None:
    ada = await company.create("person", name="Ada Berg", emails=[{"value": "ada@b.example", "primary": True}])
    deal = await company.create("deal", title="Acme", value=12000, owner_id=ANA[1], person_id=ada)
    fetcher, polling = PipedriveFetcher(connection, store), PipedrivePolling(connection, store)
    hint = next(e for e in (await polling.poll(None)).events if e.payload.get("what") == {"deal": deal})

    (opens,) = events_after_fetch(source(), hint, await fetcher.fetch(hint.payload["what"]))
    await fetcher.close()
    await polling.close()

    opened: Any = opens.payload["deal"]
    assert (opens.fact, opens.deal_ref, opened["id"]) == ("open_deal", f"deal:{deal}", f"pipedrive-{deal}")
    assert (opened["title"], opened["amount"]) == ("Acme", {"amount": "12000", "currency": "EUR"})
    assert opened["owners"] == {"sdr": {"name": "Ana Reyes", "email": ANA[0]}}
    assert [(one["id"], one["email"]) for one in opened["contacts"]] == [(f"pipedrive-{ada}", "ada@b.example")]


async def test_a_poll_finds_what_no_webhook_told_and_each_change_once(
    connection: PipedriveConnection, store: Store, company: Company
) -> None:
    polling = PipedrivePolling(connection, store)
    deal = await company.create("deal", title="Acme", stage_id=1)
    await links.link(store, "pipedrive", f"deal:{deal}", f"pipedrive-{deal}")
    _, cursor = await _polled(polling, store, deal, None)
    await company.update("deal", deal, stage_id=2, value=5)

    found, cursor = await _polled(polling, store, deal, cursor)
    again, _ = await _polled(polling, store, deal, cursor)
    await polling.close()

    assert [(one["field"], one["value"]) for one in found] == [("stage_id", 2), ("value", "5 EUR")]
    assert again == []


async def test_a_poll_that_knows_the_second_alone_finds_what_came_after_an_edit_within_it(
    connection: PipedriveConnection, store: Store, company: Company
) -> None:
    polling = PipedrivePolling(connection, store)
    deal = await company.create("deal", title="Acme", stage_id=1)
    await links.link(store, "pipedrive", f"deal:{deal}", f"pipedrive-{deal}")
    _, cursor = await _polled(polling, store, deal, None)
    await company.update("deal", deal, stage_id=2)
    shown = await PipedriveClient(connection, store).deal(deal)
    assert shown is not None
    await mirror.note(store, "pipedrive", f"deal:{deal}", {"stage_id": 9}, shown.update_time + timedelta(seconds=0.9))

    found, cursor = await _polled(polling, store, deal, cursor)
    again, _ = await _polled(polling, store, deal, cursor)
    await polling.close()

    assert [(one["field"], one["value"]) for one in found] == [("stage_id", 2)]
    assert again == []


async def test_of_edits_of_one_field_within_a_second_polls_tell_each_that_they_see(
    connection: PipedriveConnection, store: Store, company: Company
) -> None:
    """Records tell whole seconds: a poll may come between two edits of one, and the last one stands."""
    polling = PipedrivePolling(connection, store)
    deal = await company.create("deal", title="Acme", stage_id=1)
    await links.link(store, "pipedrive", f"deal:{deal}", f"pipedrive-{deal}")
    _, cursor = await _polled(polling, store, deal, None)
    that_second, kept = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=5), list[Any]()

    for stage in (2, 3, 2):
        await company.update("deal", deal, stage_id=stage)
        await company.simulator.change(do="date", kind="deal", id=deal, at=that_second.isoformat())
        page = await polling.poll(cursor)
        kept += [row.payload["event"] for row in await intake.add(store, page.events) if row.deal_ref == f"deal:{deal}"]
        for seen in page.seen:
            await mirror.note(store, "pipedrive", seen.object_id, seen.values, seen.at)
    await polling.close()

    assert [(one["field"], one["value"]) for one in kept] == [("stage_id", 2), ("stage_id", 3), ("stage_id", 2)]


async def _polled(polling: PipedrivePolling, store: Store, deal: int, cursor: str | None) -> tuple[list[Any], str]:
    """What a poll finds of a deal, noted as the reconciling activity does; and where to go on."""
    page = await polling.poll(cursor)
    for seen in page.seen:
        await mirror.note(store, "pipedrive", seen.object_id, seen.values, seen.at)
    return [one.payload["event"] for one in page.events if one.deal_ref == f"deal:{deal}"], page.cursor


async def test_a_webhook_that_pipedrive_deleted_is_missed_and_made_again(
    connection: PipedriveConnection, store: Store, company: Company
) -> None:
    url = "https://deals.example.com/webhooks/pipedrive"
    polling = PipedrivePolling(connection.model_copy(update={"webhook_url": url}), store)
    await polling.repair()
    healthy = [one.about for one in await polling.health() if one.level == "problem"]
    await company.simulator.change(do="age_webhooks", days=3)

    missed = [one.about for one in await polling.health() if one.level == "problem"]
    done = [one.about for one in await polling.repair()]
    await polling.close()

    assert healthy == []
    assert missed == done == ["webhook of deal", "webhook of person", "webhook of organization", "webhook of activity"]


async def test_an_expected_close_date_counts_with_who_gave_it(
    connection: PipedriveConnection, store: Store, company: Company
) -> None:
    deal = await company.create("deal", title="Acme", stage_id=2, expected_close_date="2026-12-31")
    changed = body(
        deal, {"expected_close_date": None}, expected_close_date="2026-12-31", at=datetime.now(UTC), user_id=str(ANA[1])
    )
    request = WebhookRequest("POST", "https://x.example", {}, json.dumps(changed).encode())
    handler = PipedriveWebhooks(Connected(tool="pipedrive", connection=connection, store=store))
    fetcher = PipedriveFetcher(connection, store)

    (hint,) = (await handler(request, source(), store)).events
    (told,) = events_after_fetch(source(), hint, await fetcher.fetch(hint.payload["what"]))
    await fetcher.close()

    assert (told.fact, told.payload["close_on"], told.payload["by"]) == (
        "crm_properties_changed",
        "2026-12-31",
        "Ana Reyes",
    )


@pytest.mark.parametrize(
    ("line", "outcome"),
    [("<br>Outcome: Voicemail", "voicemail"), ("<br>Outcome: spoke to them", "connected"), ("", None)],
)
async def test_a_task_that_is_done_says_how_it_ended_and_who_did_it(
    connection: PipedriveConnection, store: Store, deal: int, line: str, outcome: str | None
) -> None:
    connection = connection.model_copy(update={"outcomes": {"connected": "Spoke to them"}})
    task = f"call-{deal}"
    await mirror.note(store, "pipedrive", task_object(mark_of(task)), {TASK: task}, AT)
    times = {"add_time": "2026-11-25T09:00:00Z", "update_time": "2026-11-26T09:00:00Z"}
    id_ = next(_IDS)
    sent = body(deal, {"done": False}, entity="activity", entity_id=str(id_), user_id=str(ANA[1]))
    sent["data"] = {"id": id_, "deal_id": deal, "done": True, **times, "note": marked(f"Call her{line}", task)}
    request = WebhookRequest("POST", "https://x.example", {}, json.dumps(sent).encode())
    fetcher = PipedriveFetcher(connection, store)

    (hint,) = (
        await PipedriveWebhooks(Connected(tool="pipedrive", connection=connection, store=store))(
            request, source(), store
        )
    ).events
    (done,) = events_after_fetch(source(), hint, await fetcher.fetch(hint.payload["what"]))
    await fetcher.close()

    assert (done.fact, done.payload["task"]) == ("crm_task_completed", task)
    assert (done.payload.get("outcome"), done.payload["by"]) == (outcome, "Ana Reyes")


SEATS, BUDGET, REGION = "5e" * 20, "b0" * 20, "7e" * 20
OWN_FIELDS = {
    "seats": {"field": SEATS, "type": "number"}, "budget": {"field": BUDGET, "type": "money"}, "region": REGION,
}  # fmt: skip


def with_own_fields(connection: PipedriveConnection) -> PipedriveConnection:
    return PipedriveConnection.model_validate(connection.model_dump() | {"fields": OWN_FIELDS})


@pytest.mark.parametrize(
    ("code", "now", "told"),
    [
        (SEATS, {"type": "double", "value": 40}, {"fields": {"seats": 40}}),
        (SEATS, None, {"fields": {"seats": None}}),
        (SEATS, {"type": "varchar", "value": "many"}, {"properties": {SEATS: "many"}}),
        (REGION, {"type": "varchar", "value": "EMEA"}, {"fields": {"region": "EMEA"}}),
        (
            BUDGET, {"type": "monetary", "value": 2300, "currency": "EUR"},
            {"fields": {"budget": {"amount": "2300", "currency": "EUR"}}},
        ),
    ],
)  # fmt: skip
async def test_a_custom_field_that_the_connection_names_is_a_field_of_the_playbook(
    connection: PipedriveConnection, store: Store, deal: int, code: str, now: object, told: dict[str, object]
) -> None:
    connected = Connected(tool="pipedrive", connection=with_own_fields(connection), store=store)
    sent = body(deal, {"custom_fields": {code: {"value": "before"}, "f" * 40: None}}, custom_fields={code: now})
    request = WebhookRequest("POST", "https://x.example", {}, json.dumps(sent).encode())

    (hint,) = (await PipedriveWebhooks(connected)(request, source(), store)).events
    (one,) = events_after_fetch(source(), hint, {"current": True})

    assert one.fact == "crm_properties_changed"
    assert {name: one.payload[name] for name in ("fields", "properties") if name in one.payload} == told


async def test_a_custom_field_is_told_once_by_webhook_and_by_poll(
    connection: PipedriveConnection, store: Store, company: Company
) -> None:
    connection = with_own_fields(connection)
    await company.simulator.change(do="add_field", kind="deal", code=REGION, name="Region")
    polling, fetcher = PipedrivePolling(connection, store), PipedriveFetcher(connection, store)
    deal = await company.create("deal", title="Acme", stage_id=1)
    await links.link(store, "pipedrive", f"deal:{deal}", f"pipedrive-{deal}")
    _, cursor = await _polled(polling, store, deal, None)
    await company.update("deal", deal, custom_fields={REGION: "EMEA"})

    found, cursor = await _polled(polling, store, deal, cursor)
    sent = body(deal, {"custom_fields": {REGION: None}}, custom_fields={REGION: {"type": "varchar", "value": "EMEA"}})
    request = WebhookRequest("POST", "https://x.example", {}, json.dumps(sent).encode())
    connected = Connected(tool="pipedrive", connection=connection, store=store)
    (again,) = (await PipedriveWebhooks(connected)(request, source(), store)).events
    current = await fetcher.fetch({"deal": deal, "field": f"own:{REGION}", "value": "EMEA"})
    for each in (polling, fetcher):
        await each.close()

    assert [one["own"] for one in found] == [{"region": "EMEA"}]
    assert again.state is IntakeState.SKIPPED
    assert current == {"current": True}


async def test_of_a_close_date_that_a_poll_found_the_changelog_says_who_gave_it(
    connection: PipedriveConnection, store: Store, company: Company
) -> None:
    polling, fetcher = PipedrivePolling(connection, store), PipedriveFetcher(connection, store)
    deal = await company.create("deal", title="Acme", stage_id=1)
    await links.link(store, "pipedrive", f"deal:{deal}", f"pipedrive-{deal}")
    _, cursor = await _polled(polling, store, deal, None)
    values: Any = {"expected_close_date": "2027-01-31"}
    await company.simulator.change(do="update", kind="deal", id=deal, values=values, user_id=ANA[1])

    hint = next(one for one in (await polling.poll(cursor)).events if one.deal_ref == f"deal:{deal}")
    (told,) = events_after_fetch(source(), hint, await fetcher.fetch(hint.payload["what"]))
    overtaken: Any = await fetcher.fetch({"deal": deal, "field": "expected_close_date", "value": "2026-12-31"})
    for each in (polling, fetcher):
        await each.close()

    assert (told.payload["close_on"], told.payload["by"]) == ("2027-01-31", "Ana Reyes")
    assert overtaken["by"] is None
