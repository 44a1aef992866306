"""What people say in a CRM makes the playbook's branch: a task's outcome, a field of its own, a forecast."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import JsonValue, SecretStr

from dealwright import entries as e
from integrations.hubspot.inbound import HubSpotWebhooks
from integrations.hubspot.settings import HubSpotConnection
from integrations.kit.mapping.events import events_after_fetch
from integrations.kit.proof.request import WebhookRequest
from integrations.kit.tool import Connected
from integrations.registry import shipped_mappings
from store.database import Store
from store.intake import Event
from tests.dealwright.story import Story, of_stage
from tests.store.databases import migrated

RULES = of_stage(
    """
- name: reach
  on: demo_held
  steps:
    - {task: call, outcomes: [connected, voicemail], wait: 3bd}
    - {if: {task_done: {call: voicemail}}, task: try_again}
- {name: big, on: crm_properties_changed, if: {fields.seats: {gte: 50}}, do: [{task: bring_an_engineer}]}
- {name: sure, on: {forecast_given: commit}, do: [{task: plan_the_start}]}
""",
    before="fields: {seats: number, segment: {one_of: [smb, mid]}, trial_ends_on: date}",
)
CONNECTION = HubSpotConnection.model_validate({
    "token": SecretStr("a-service-key"), "settings": {"currency": "EUR"},
    "fields": {
        "seats": {"field": "number_of_seats", "type": "number"},
        "segment": {"field": "company_size", "type": "one_of", "words": {"smb": "Small Business"}},
        "trial_ends_on": {"field": "trial_end", "type": "date"},
    },
})  # fmt: skip
SOURCE = shipped_mappings()["hubspot"].with_settings(CONNECTION.settings, CONNECTION.tables)


async def heard(tmp_path: Path, story: Story, fetched: JsonValue = None, **change: object) -> None:
    """HubSpot tells the deal of a change; ``fetched`` is what was looked up for it."""
    store = Store.open(migrated(tmp_path))
    at = int((story.now + timedelta(minutes=1)).timestamp() * 1000)
    sent = {
        "eventId": 1, "subscriptionId": 2, "portalId": 3, "objectId": 4, "occurredAt": at, "changeSource": "CRM_UI",
        "sourceId": "userId:7", "subscriptionType": "deal.propertyChange", **change,
    }  # fmt: skip
    request = WebhookRequest("POST", "https://x.example", {}, json.dumps([sent]).encode())
    connected = Connected(tool="hubspot", connection=CONNECTION, store=store)
    (event,) = (await HubSpotWebhooks(connected)(request, SOURCE, store)).events
    (told,) = [event] if fetched is None else events_after_fetch(SOURCE, event, fetched)
    await store.close()
    tell(story, told)


def tell(story: Story, told: Event) -> None:
    payload: dict[str, Any] = dict(told.payload)
    story.now = max(story.now, datetime.fromisoformat(str(payload["at"])).astimezone(UTC))
    story.tell(told.fact, **payload)


async def test_an_outcome_that_was_chosen_in_the_crm_makes_the_play_go_its_way(tmp_path: Path) -> None:
    story = Story(RULES)
    story.tell("demo_held")
    call = story.task("call").id
    done: JsonValue = {"task": call, "outcome": "voicemail", "by": "Ana Reyes"}

    await heard(
        tmp_path, story, done, subscriptionType="object.propertyChange", objectTypeId="0-27",
        propertyName="hs_task_status", propertyValue="COMPLETED",
    )  # fmt: skip

    assert "try_again" in story.tasks
    (finished,) = [one for one in story.entries if isinstance(one, e.TaskClosed) and one.task == call]
    assert (finished.outcome, finished.by) == ("voicemail", "Ana Reyes")


async def test_fields_are_known_as_what_the_playbook_declares_and_make_its_plays_start(tmp_path: Path) -> None:
    story = Story(RULES)
    for name, value in (
        ("number_of_seats", "60"), ("company_size", "Small Business"), ("trial_end", "1769817600000"),
    ):  # fmt: skip
        await heard(tmp_path, story, propertyName=name, propertyValue=value)

    assert story.state.deal is not None
    assert story.state.deal.fields == {"seats": 60, "segment": "smb", "trial_ends_on": "2026-01-31"}
    assert "bring_an_engineer" in story.tasks


async def test_a_forecast_is_known_with_who_said_so(tmp_path: Path) -> None:
    story = Story(RULES)
    said: JsonValue = {"by": "Ana Reyes"}

    await heard(tmp_path, story, said, propertyName="hs_manual_forecast_category", propertyValue="COMMIT")
    await heard(tmp_path, story, said, propertyName="closedate", propertyValue="2026-12-31T12:00:00Z")

    deal = story.state.deal
    assert deal is not None
    assert (deal.forecast, str(deal.close_on)) == ("commit", "2026-12-31")
    assert "plan_the_start" in story.tasks
    taken = [one for one in story.entries if isinstance(one, e.FactTaken)]
    assert [(one.fact, one.by) for one in taken] == [
        ("forecast_given", "Ana Reyes"),
        ("crm_properties_changed", "Ana Reyes"),
    ]
