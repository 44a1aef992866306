"""Tasks by which people reach contacts, in Outreach: what is its own of what all tools with such tasks keep to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import JsonValue

from dealwright.effects import CreateTask
from integrations.kit.errors import NotHandedOver
from integrations.kit.own_tasks import OwnTask, OwnTasks
from integrations.kit.simulator.process import RunningSimulator
from integrations.outreach.client import OutreachClient
from integrations.outreach.done_tasks import DoneTasks
from integrations.outreach.polling import OutreachPolling
from integrations.outreach.records import One, TaskValues
from integrations.outreach.settings import OutreachConnection
from integrations.outreach.tasks import OutreachTasks
from store.database import Store
from store.intake import Event
from tests.activities.conftest import Worker
from tests.integrations.outreach.test_inbound import Told, told
from tests.integrations.tasks.effects import TROUBLE, a_task, id_of, until_settled
from tests.store.samples import NOW

__all__ = ["told"]

SAMPLE = Path(__file__).parent / "samples" / "task_completed.json"
MAKING = "POST /api/v2/tasks$"


@pytest.fixture
async def connection(connection: OutreachConnection) -> OutreachConnection:
    """One that says what the dispositions of calls mean."""
    return connection.model_copy(update={"outcomes": {"voicemail": "Left Voicemail"}})


@pytest.fixture
async def tasks(connection: OutreachConnection, store: Store) -> AsyncIterator[OutreachTasks]:
    made = OutreachTasks(connection, store)
    yield made
    await made.close()


@pytest.fixture
async def followed(told: Told, tasks: OutreachTasks, worker: Worker) -> Told:
    """What webhooks and reading bring, since the first task."""
    await until_settled(worker, tasks, a_task())
    await told.begins()
    return told


async def all_there(outreach: RunningSimulator, effect: CreateTask) -> list[dict[str, Any]]:
    """The tasks about the contact of a task, or with its title where it is about nobody."""
    held: Any = await outreach.state()
    address = effect.reaches.email if effect.reaches else None
    whose = {one["id"] for one in held["prospects"].values() if address in one["emails"]}
    return [
        one
        for one in held["tasks"].values()
        if one["prospect"] in whose or (one["prospect"] is None and one["note"].startswith(effect.title))
    ]


def facts(events: list[Event], effect: CreateTask) -> list[tuple[str, object]]:
    """What is told of a task, each once."""
    ids = {event.event_id: event for event in events if event.payload.get("task") == effect.task}
    return [(one.fact, one.payload.get("outcome")) for one in ids.values()]


async def test_a_call_comes_onto_its_owners_list_about_the_prospect(
    connection: OutreachConnection, store: Store, worker: Worker, outreach: RunningSimulator
) -> None:
    effect = a_task(title="Call about the budget")
    tasks = OutreachTasks(connection.model_copy(update={"owners": {"Rita@Seller.example": "2"}}), store)

    outcome = await until_settled(worker, tasks, effect)
    await tasks.close()

    (one,) = await all_there(outreach, effect)
    assert (outcome.status, outcome.reference) == ("done", f"outreach:task:{one['id']}")
    assert (one["action"], one["owner"], one["prospect"] is not None) == ("call", 2, True)
    assert one["note"].startswith("Call about the budget (Ana Lopez)\n\nThey asked for figures\n\ndw:")
    assert one["due"] == f"{NOW:%Y-%m-%dT%H:%M:%S}Z"


async def test_whom_outreach_does_not_know_is_named_and_no_prospect_is_made_unless_it_is_wanted(
    connection: OutreachConnection, store: Store, worker: Worker, outreach: RunningSimulator
) -> None:
    effect = a_task(title="Write to a stranger", channel="social")
    tasks = OutreachTasks(connection.model_copy(update={"create_prospects": False}), store)

    await until_settled(worker, tasks, effect)
    await tasks.close()

    (one,) = await all_there(outreach, effect)
    assert (one["action"], one["prospect"], one["owner"]) == ("action_item", None, 1)
    assert "(Ana Lopez)" in one["note"]


async def test_without_a_user_the_task_waits_until_one_is_known(connection: OutreachConnection, store: Store) -> None:
    tasks = OutreachTasks(connection.model_copy(update={"task_owner": None}), store)
    with pytest.raises(NotHandedOver, match=r"no user is known for rita@seller\.example"):
        await tasks.create_task("acme-1", a_task())
    await tasks.close()


@pytest.mark.parametrize("switch", TROUBLE)
async def test_of_one_about_nobody_there_is_one_whatever_becomes_of_the_call(
    tasks: OutreachTasks, worker: Worker, outreach: RunningSimulator, switch: str
) -> None:
    effect = a_task(reaches=None, title=f"Post something, {switch}")
    await outreach.switch(only=MAKING, **{switch: 1})

    outcome = await until_settled(worker, tasks, effect)

    (one,) = await all_there(outreach, effect)
    assert (outcome.status, outcome.reference) == ("done", f"outreach:task:{one['id']}")


async def test_one_is_found_among_very_many_of_its_owner(
    tasks: OutreachTasks, worker: Worker, outreach: RunningSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.outreach.client.PAGE", 2)
    others = [a_task(reaches=None, title=f"Another post {number}") for number in range(5)]
    for another in others:
        await until_settled(worker, tasks, another)
    effect = a_task(reaches=None, title="The one that was lost")
    await outreach.switch(only=MAKING, lose_response=1)

    outcome = await until_settled(worker, tasks, effect)

    (one,) = await all_there(outreach, effect)
    assert outcome.reference == f"outreach:task:{one['id']}"


@pytest.mark.parametrize(("way", "outcome"), [({"says": "Outcome: Wrong person"}, "wrong_person"),
                                             ({"disposition": "Left Voicemail"}, "voicemail"), ({}, None)])  # fmt: skip
async def test_what_somebody_completes_is_done_here_once_with_its_outcome(
    tasks: OutreachTasks, worker: Worker, followed: Told, way: dict[str, str], outcome: str | None
) -> None:
    effect = a_task()
    made = await until_settled(worker, tasks, effect)
    await followed.running.change(do="complete", task=int(id_of(made)), **way)

    brought, polled = await followed.brought(), await followed.polled()

    assert facts(brought, effect) == [("crm_task_completed", outcome)]
    assert facts([*brought, *polled], effect) == [("crm_task_completed", outcome)]
    assert {event.deal_ref for event in brought if event.payload.get("task") == effect.task} == {"acme-1"}


async def test_what_a_webhook_does_not_bring_reading_finds(
    tasks: OutreachTasks, worker: Worker, followed: Told, outreach: RunningSimulator
) -> None:
    effect = a_task()
    made = await until_settled(worker, tasks, effect)
    await outreach.change(do="disable_webhooks")
    await outreach.change(do="complete", task=int(id_of(made)))

    assert facts(await followed.brought(), effect) == []
    assert facts(await followed.polled(), effect) == [("crm_task_completed", None)]
    await followed.polling.repair()


async def test_a_task_that_no_deal_asked_for_costs_no_call(followed: Told, outreach: RunningSimulator) -> None:
    before = len(await outreach.calls("GET /api/v2/tasks"))
    hint: JsonValue = {"type": "task", "id": 4711, "event": "task.completed"}

    found = await followed.fetcher.fetch(hint)

    assert found == [{"id": "task-4711-task.completed", "happened": "nothing"}]
    assert len(await outreach.calls("GET /api/v2/tasks")) == before


async def test_tasks_are_read_and_subscribed_to_only_once_a_deal_has_one(
    connection: OutreachConnection, store: Store, tasks: OutreachTasks, worker: Worker, outreach: RunningSimulator
) -> None:
    polling = OutreachPolling(connection, store)
    before = len(await outreach.calls("GET /api/v2/tasks"))
    cursor, more = (await polling.poll(None)).cursor, True
    while more:
        page = await polling.poll(cursor)
        cursor, more = page.cursor, page.more
    assert len(await outreach.calls("GET /api/v2/tasks")) == before

    await until_settled(worker, tasks, a_task())
    await polling.repair()

    said = [finding.says for finding in await polling.health()]
    await polling.close()
    held: Any = await outreach.state()
    kinds = {(one["resource"], one["action"]) for one in held["webhooks"].values()}
    assert ("task", "completed") in kinds
    assert "all are active" in said


async def test_a_task_is_read_as_outreach_shows_it(connection: OutreachConnection, store: Store) -> None:
    client = OutreachClient(connection, store)
    await OwnTasks(store, "outreach").arrived("31", OwnTask("acme-1/reach/1/call/1", "acme-1"))
    shown = One[TaskValues].model_validate_json(SAMPLE.read_bytes()).data

    (item,) = await DoneTasks(client, connection, store).of_record(shown)
    await client.close()

    assert (item["happened"], item["outcome"], item["at"]) == ("completed", "voicemail", "2026-03-06T15:04:55+00:00")
