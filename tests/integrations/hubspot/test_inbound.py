"""What HubSpot's events mean, whichever way they come: by either kind of subscription, or in the journal."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import JsonValue

from integrations.hubspot.changes import of_journal, of_webhook
from integrations.hubspot.fetcher import HubSpotFetcher
from integrations.hubspot.inbound import HubSpotWebhooks
from integrations.hubspot.polling import HubSpotPolling
from integrations.hubspot.settings import HubSpotConnection
from integrations.kit.findings import Finding
from integrations.kit.mapping.events import events_after_fetch
from integrations.kit.mapping.source_mapping import Source
from integrations.kit.proof.request import WebhookRequest
from integrations.kit.tool import Connected
from integrations.registry import shipped_mappings
from store import links, mirror
from store.database import Store
from store.intake import Event, IntakeState
from tests.integrations.hubspot.account import Account

AT = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
STAGES = {"stages": {"discovery": "qualifiedtobuy", "closed_lost": "0b1c-guid"}}


def source() -> Source:
    return shipped_mappings()["hubspot"].with_settings({"currency": "EUR", "app_id": "30000001"}, STAGES)


def event(**changes: object) -> dict[str, object]:
    """As recorded from HubSpot (a project app's older subscription)."""
    recorded = {
        "attemptNumber": 0, "sourceId": "userId:7", "eventId": 1839643432, "changeSource": "CRM_UI",
        "occurredAt": int(AT.timestamp() * 1000), "subscriptionType": "deal.propertyChange",
        "propertyName": "dealstage", "portalId": 40000001, "appId": 30000001, "propertyValue": "qualifiedtobuy",
        "subscriptionId": 6527619, "objectId": 332507367156,
    }  # fmt: skip
    return {**recorded, **changes}


async def read(store: Store, *events: dict[str, object]) -> list[Event]:
    request = WebhookRequest("POST", "https://x.example", {}, json.dumps(events).encode())
    return list((await HubSpotWebhooks(None)(request, source(), store)).events)


async def test_an_event_of_either_kind_of_subscription_is_the_same_event(store: Store) -> None:
    (one,) = await read(store, event())
    (other,) = await read(
        store, event(subscriptionType="object.propertyChange", objectTypeId="0-3", subscriptionId=1, eventId=2)
    )

    assert (one.fact, one.payload["stage"]) == ("crm_stage_moved", "discovery")
    assert (one.event_id, one.payload) == (other.event_id, other.payload)


def test_the_journal_tells_the_same_change() -> None:
    journal: JsonValue = {
        "type": "crmObject", "portalId": 40000001, "occurredAt": "2026-11-26T09:00:00.000Z", "action": "UPDATE",
        "objectTypeId": "0-3", "objectId": 332507367156, "propertyChanges": {"dealstage": "qualifiedtobuy"},
    }  # fmt: skip
    (told,) = of_journal(journal)
    (pushed,) = of_webhook(json.loads(json.dumps(event())))

    assert told.items() <= pushed.items()


def test_the_journal_tells_the_same_moment_to_the_millisecond() -> None:
    """The moment is part of the event's id: a change that both ways tell counts once."""
    for past in range(1000):
        at = AT + timedelta(days=past, milliseconds=past)
        journal: JsonValue = {
            "occurredAt": at.isoformat(timespec="milliseconds"), "action": "CREATE", "objectTypeId": "0-3",
        }  # fmt: skip
        (told,) = of_journal(journal)
        assert told["occurredAt"] == round(at.timestamp() * 1000)


@pytest.mark.parametrize("stage", ["closedlost", "0b1c-guid"])
async def test_a_stage_that_is_mapped_to_the_end_is_a_loss(store: Store, stage: str) -> None:
    (lost,) = await read(store, event(propertyValue=stage))

    assert lost.fact == "deal_lost"


async def test_what_our_app_wrote_is_skipped_and_what_another_integration_wrote_is_not(store: Store) -> None:
    (ours,) = await read(store, event(changeSource="INTEGRATION", sourceId="30000001"))
    (theirs,) = await read(store, event(changeSource="INTEGRATION", sourceId="555"))

    assert (ours.state, theirs.state) == (IntakeState.SKIPPED, IntakeState.WAITING)


@pytest.mark.parametrize(
    ("value", "later", "state"),
    [
        ("qualifiedtobuy", timedelta(0), IntakeState.SKIPPED),
        ("closedwon", timedelta(0), IntakeState.WAITING),
        ("qualifiedtobuy", timedelta(minutes=1), IntakeState.WAITING),
    ],
    ids=["our own write", "another value", "somebody sets it once more"],
)
async def test_our_write_is_known_by_what_was_written_and_when_whoever_it_is_told_of(
    store: Store, value: str, later: timedelta, state: IntakeState
) -> None:
    await mirror.note(store, "hubspot", "deal:4711", {"dealstage": "qualifiedtobuy"}, AT)

    at = int((AT + later).timestamp() * 1000)
    (told,) = await read(store, event(objectId=4711, propertyValue=value, occurredAt=at))

    assert told.state is state


async def test_a_merge_is_told_to_the_deal_that_stays(store: Store) -> None:
    (merged,) = await read(
        store, event(subscriptionType="deal.merge", propertyName=None, primaryObjectId=1, mergedObjectIds=[2, 3])
    )

    assert (merged.fact, merged.deal_ref, merged.payload["merged"]) == (
        "crm_deal_merged",
        "deal:1",
        ["deal:2", "deal:3"],
    )


@pytest.mark.parametrize("value", ["1682861749726", "2023-04-30T13:35:49.726Z"])
async def test_a_close_date_is_a_day_however_it_is_written(store: Store, value: str) -> None:
    (told,) = await read(store, event(propertyName="closedate", propertyValue=value))

    assert told.payload["close_on"] == "2023-04-30"


async def test_what_the_journal_has_is_read_entry_by_entry(
    connection: HubSpotConnection, store: Store, account: Account
) -> None:
    polling = HubSpotPolling(connection, store)
    cursor = (await polling.poll(None)).cursor
    deal = await account.create("deals", dealname="Acme", dealstage="qualifiedtobuy")
    await account.update("deals", deal, amount="5")

    first = await polling.poll(cursor)
    await links.link(store, "hubspot", f"deal:{deal}", "acme")
    second = await polling.poll(first.cursor)
    third = await polling.poll(second.cursor)
    await polling.close()

    assert {one.fact for one in first.events} == {"fetch"}  # as long as nobody knows who made it
    assert [one.payload["amount"] for one in second.events] == [{"amount": "5", "currency": "EUR"}]
    assert (third.events, third.cursor) == ((), second.cursor)


async def test_the_check_says_what_is_missing_and_the_repair_mends_it(
    connection: HubSpotConnection, store: Store, account: Account
) -> None:
    wrong = connection.model_copy(update={"stages": {"discovery": "no-such-stage"}})
    polling = HubSpotPolling(wrong, store)

    found = await polling.health()
    await polling.close()

    problems = [one for one in found if one.level == "problem"]
    assert [one.about for one in problems] == ["stage discovery"]
    assert Finding("ok", "property dealwright_key of tasks", "it is there, and unique") in found


async def fetched(connection: HubSpotConnection, store: Store, told: dict[str, object]) -> list[Event]:
    """What an event means, read with a connection and looked up as the dispatcher does."""
    request = WebhookRequest("POST", "https://x.example", {}, json.dumps([told]).encode())
    connected = Connected(tool="hubspot", connection=connection, store=store)
    (hint,) = (await HubSpotWebhooks(connected)(request, source(), store)).events
    found = await HubSpotFetcher(connection, store).fetch(hint.payload["what"])
    return [] if found is None else events_after_fetch(source(), hint, found)


async def test_a_company_that_is_put_on_a_deal_is_its_account(
    connection: HubSpotConnection, store: Store, account: Account
) -> None:
    company = await account.create("companies", name="Acme Inc.", domain="acme.example")
    deal = await account.create("deals", dealname="Acme", dealstage="qualifiedtobuy", to={"companies": company})
    put_on = event(
        subscriptionType="deal.associationChange", propertyName=None, propertyValue=None, objectId=int(deal),
        associationType="DEAL_TO_COMPANY", associationRemoved=False, toObjectId=int(company),
    )  # fmt: skip

    (told,) = await fetched(connection, store, put_on)

    assert (told.fact, told.deal_ref) == ("crm_properties_changed", f"deal:{deal}")
    assert told.payload["account"] == {"id": f"hubspot-{company}", "name": "Acme Inc.", "domain": "acme.example"}


async def test_a_company_that_is_renamed_is_told_to_each_deal_whose_account_it_is(
    connection: HubSpotConnection, store: Store, account: Account
) -> None:
    company = await account.create("companies", name="Acme Inc.")
    of_it = [
        await account.create("deals", dealname=name, dealstage="qualifiedtobuy", to={"companies": company})
        for name in ("one", "two", "unknown here")
    ]
    for deal in of_it[:2]:
        await links.link(store, "hubspot", f"deal:{deal}", f"of-{deal}")
    renamed = event(
        subscriptionType="company.propertyChange", propertyName="name", propertyValue="Acme", objectId=int(company)
    )

    told = await fetched(connection, store, renamed)

    assert [one.deal_ref for one in told] == [f"deal:{deal}" for deal in of_it[:2]]
    assert len({one.event_id for one in told}) == 2


async def test_a_deal_that_is_restored_takes_back_that_it_was_deleted(store: Store) -> None:
    (restored,) = await read(store, event(subscriptionType="deal.restore", propertyName=None, propertyValue=None))

    assert (restored.fact, restored.payload["retracts"]) == ("fact_retracted", "crm_deal_deleted")


async def test_a_deal_that_is_restored_is_in_the_journal_too(
    connection: HubSpotConnection, store: Store, account: Account
) -> None:
    deal = await account.create("deals", dealname="Acme", dealstage="qualifiedtobuy")
    await account.simulator.change(do="delete", type="deals", id=deal)
    polling = HubSpotPolling(connection, store)
    cursor = (await polling.poll(None)).cursor
    await account.simulator.change(do="restore", type="deals", id=deal)

    (restored,) = (await polling.poll(cursor)).events
    await polling.close()

    assert (restored.fact, restored.deal_ref) == ("fact_retracted", f"deal:{deal}")


async def said(connection: HubSpotConnection, store: Store, **about: object) -> Event:
    """What a webhook about a deal means, once it was asked who wrote it."""
    (told,) = await fetched(connection, store, event(**about))
    return told


@pytest.mark.parametrize(
    ("category", "forecast"),
    [("PIPELINE", "pipeline"), ("BEST_CASE", "best_case"), ("COMMIT", "commit"), ("OMIT", None), ("", None)],
)
async def test_a_forecast_category_is_a_forecast_by_whoever_set_it(
    connection: HubSpotConnection, store: Store, account: Account, category: str, forecast: str | None
) -> None:
    told = await said(
        connection,
        store,
        propertyName="hs_manual_forecast_category",
        propertyValue=category,
        sourceId="userId:70000002",
    )

    assert (told.fact, told.payload["forecast"], told.payload["by"]) == ("forecast_given", forecast, "Ana Reyes")


async def test_a_category_of_the_account_s_own_is_noted_and_one_that_is_mapped_is_a_forecast(store: Store) -> None:
    custom = event(propertyName="hs_manual_forecast_category", propertyValue="SURE")
    mapped = shipped_mappings()["hubspot"].with_settings({}, {"forecasts": {"commit": "SURE"}})
    request = WebhookRequest("POST", "https://x.example", {}, json.dumps([custom]).encode())

    (noted,) = await read(store, custom)
    (told,) = (await HubSpotWebhooks(None)(request, mapped, store)).events

    assert (noted.fact, noted.payload["properties"]) == (
        "crm_properties_changed",
        {"hs_manual_forecast_category": "SURE"},
    )
    assert (told.fact, told.payload["forecast"]) == ("forecast_given", "commit")


async def test_that_a_deal_counts_as_closed_is_told_by_its_stage_alone(store: Store) -> None:
    (told,) = await read(store, event(propertyName="hs_manual_forecast_category", propertyValue="CLOSED"))

    assert told.state is IntakeState.SKIPPED


async def test_a_close_date_counts_with_who_wrote_it(
    connection: HubSpotConnection, store: Store, account: Account
) -> None:
    date = {"propertyName": "closedate", "propertyValue": "2026-12-31T12:00:00Z"}

    by_user = await said(connection, store, **date, sourceId="userId:70000001")
    by_stranger = await said(connection, store, **date, sourceId="userId:1")
    by_workflow = await said(connection, store, **date, changeSource="AUTOMATION_PLATFORM", sourceId="enrollmentId:5")

    assert (by_user.fact, by_user.payload["close_on"]) == ("crm_properties_changed", "2026-12-31")
    assert [one.payload.get("by") for one in (by_user, by_stranger, by_workflow)] == ["Sam Holt", None, None]


async def test_of_what_the_journal_has_the_history_says_who_wrote_it(
    connection: HubSpotConnection, store: Store, account: Account
) -> None:
    polling, fetcher = HubSpotPolling(connection, store), HubSpotFetcher(connection, store)
    deal = await account.create("deals", dealname="Acme", dealstage="qualifiedtobuy")
    cursor = (await polling.poll(None)).cursor
    await links.link(store, "hubspot", f"deal:{deal}", "forecast-in-journal")
    await account.update("deals", deal, hs_manual_forecast_category="COMMIT")

    (hint,) = (await polling.poll(cursor)).events
    (told,) = events_after_fetch(source(), hint, await fetcher.fetch(hint.payload["what"]))
    await polling.close()

    assert (told.payload["forecast"], told.payload["by"]) == ("commit", "Sam Holt")


async def test_a_close_date_that_we_wrote_is_no_news(store: Store, connection: HubSpotConnection) -> None:
    await mirror.note(store, "hubspot", "deal:4712", {"closedate": "2026-12-31T12:00:00.000Z"}, AT)
    ours = event(objectId=4712, propertyName="closedate", propertyValue="2026-12-31T12:00:00.000Z")
    request = WebhookRequest("POST", "https://x.example", {}, json.dumps([ours]).encode())
    connected = Connected(tool="hubspot", connection=connection, store=store)

    (told,) = (await HubSpotWebhooks(connected)(request, source(), store)).events

    assert told.state is IntakeState.SKIPPED


async def completed(
    connection: HubSpotConnection, store: Store, account: Account, name: str, **properties: str
) -> Event:
    """What it means that somebody completes a task of ours, with these properties."""
    task = await account.create("tasks", hs_task_subject="Call", hs_timestamp="2026-11-26T09:00:00Z")
    await account.update("tasks", task, dealwright_key=f"task:{name}", hs_task_status="COMPLETED", **properties)
    told = event(
        subscriptionType="object.propertyChange", objectTypeId="0-27", objectId=int(task),
        propertyName="hs_task_status", propertyValue="COMPLETED", sourceId="userId:70000002",
    )  # fmt: skip
    (done,) = await fetched(connection, store, told)
    return done


@pytest.mark.parametrize(
    ("option", "outcome"), [("connected", "connected"), ("Left voicemail", "voicemail"), (None, None)]
)
async def test_a_task_that_is_completed_says_how_it_ended_and_who_did_it(
    connection: HubSpotConnection, store: Store, account: Account, option: str | None, outcome: str | None
) -> None:
    await account.simulator.change(
        do="add_property", type="tasks", name="call_result", options=["connected", "Left voicemail"]
    )
    changes = {"outcome_property": "call_result", "outcomes": {"voicemail": "Left voicemail"}}
    given = {"call_result": option} if option else {}

    done = await completed(connection.model_copy(update=changes), store, account, f"call-{outcome}", **given)

    assert (done.fact, done.payload["task"]) == ("crm_task_completed", f"call-{outcome}")
    assert (done.payload.get("outcome"), done.payload["by"]) == (outcome, "Ana Reyes")


async def test_the_check_says_whether_the_property_for_outcomes_is_there(
    connection: HubSpotConnection, store: Store, account: Account
) -> None:
    await account.simulator.change(do="add_property", type="tasks", name="how_it_ended")
    polling = [
        HubSpotPolling(connection.model_copy(update={"outcome_property": name}), store)
        for name in ("how_it_ended", "nowhere")
    ]
    found = [one for each in polling for one in await each.health() if "hs" not in one.about]
    for each in polling:
        await each.close()

    about = {one.about: one.level for one in found}
    assert (about["property how_it_ended of tasks"], about["property nowhere of tasks"]) == ("ok", "problem")


OWN_FIELDS = {
    "seats": {"field": "number_of_seats", "type": "number"},
    "trial_ends_on": {"field": "trial_end", "type": "date"},
    "segment": {"field": "company_size", "type": "one_of", "words": {"smb": "Small Business"}},
    "budget": {"field": "budget_amount", "type": "money"},
}


@pytest.mark.parametrize(
    ("property_", "value", "told"),
    [
        ("number_of_seats", "40", {"fields": {"seats": 40}}),
        ("number_of_seats", "", {"fields": {"seats": None}}),
        ("trial_end", "1769817600000", {"fields": {"trial_ends_on": "2026-01-31"}}),
        ("company_size", "Small Business", {"fields": {"segment": "smb"}}),
        ("budget_amount", "50000", {"fields": {"budget": {"amount": "50000", "currency": "EUR"}}}),
        ("number_of_seats", "many", {"properties": {"number_of_seats": "many"}}),
        ("dealtype", "newbusiness", {"properties": {"dealtype": "newbusiness"}}),
    ],
)
async def test_a_property_that_the_connection_names_is_a_field_of_the_playbook(
    connection: HubSpotConnection, store: Store, property_: str, value: str, told: dict[str, object]
) -> None:
    given = connection.model_dump() | {"fields": OWN_FIELDS, "settings": {"currency": "EUR"}}
    connected = Connected(tool="hubspot", connection=HubSpotConnection.model_validate(given), store=store)
    change = json.dumps([event(propertyName=property_, propertyValue=value)]).encode()
    request = WebhookRequest("POST", "https://x.example", {}, change)

    (one,) = (await HubSpotWebhooks(connected)(request, source(), store)).events

    assert one.fact == "crm_properties_changed"
    assert {name: one.payload[name] for name in ("fields", "properties") if name in one.payload} == told


async def test_the_journal_has_the_properties_that_the_connection_names(
    connection: HubSpotConnection, store: Store, account: Account
) -> None:
    await account.simulator.change(do="add_property", type="deals", name="number_of_seats", of="number")
    given = connection.model_dump() | {"fields": {"seats": OWN_FIELDS["seats"]}}
    polling = HubSpotPolling(HubSpotConnection.model_validate(given), store)
    missing = [one.says for one in await polling.health() if one.about == "journal"]
    await polling.repair()
    mended = [one.level for one in await polling.health() if one.about == "journal"]
    deal = await account.create("deals", dealname="Acme", dealstage="qualifiedtobuy")
    await links.link(store, "hubspot", f"deal:{deal}", f"seats-{deal}")
    cursor = (await polling.poll(None)).cursor
    await account.update("deals", deal, number_of_seats="12")

    (told,) = (await polling.poll(cursor)).events
    await polling.close()

    assert (missing, mended) == (["it does not have 0-3"], ["ok"])
    assert told.payload["fields"] == {"seats": 12}
