"""Tasks by which people reach contacts, in Apollo: what is its own of what all tools with such tasks keep to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from dealwright.effects import CreateTask
from integrations.apollo.polling import ApolloPolling
from integrations.apollo.settings import ApolloConnection
from integrations.apollo.tasks import ApolloTasks
from integrations.kit.errors import NotHandedOver, Refused
from integrations.kit.simulator.process import RunningSimulator
from store import links
from store.database import Store
from tests.activities.conftest import Worker
from tests.integrations.apollo.test_polling import Reading, facts, reading
from tests.integrations.tasks.effects import a_task, id_of, off_the_list, until_settled
from tests.store.samples import NOW

__all__ = ["reading"]

MAKING, SHOWING = "POST /api/v1/tasks$", "GET /api/v1/tasks/"


@pytest.fixture
async def tasks(connection: ApolloConnection, store: Store) -> AsyncIterator[ApolloTasks]:
    made = ApolloTasks(connection, store)
    yield made
    await made.close()


async def all_there(apollo: RunningSimulator, effect: CreateTask) -> list[dict[str, Any]]:
    """The tasks with the title of one."""
    held: Any = await apollo.state()
    return [one for one in held["tasks"].values() if one["title"] == effect.title]


async def test_a_call_comes_onto_its_owners_list_about_the_contact(
    connection: ApolloConnection, store: Store, worker: Worker, apollo: RunningSimulator
) -> None:
    effect = a_task()
    owners = {"Rita@Seller.example": "66302798d03b9601c7930002"}
    tasks = ApolloTasks(connection.model_copy(update={"owners": owners}), store)

    outcome = await until_settled(worker, tasks, effect)
    await tasks.close()

    (one,) = await all_there(apollo, effect)
    assert (outcome.status, outcome.reference) == ("done", f"apollo:task:{one['id']}")
    assert (one["type"], one["user"], one["status"]) == ("call", "66302798d03b9601c7930002", "scheduled")
    assert one["note"].startswith("They asked for figures\n\ndw:")
    assert one["due"] == f"{NOW:%Y-%m-%dT%H:%M:%S}Z"


async def test_a_task_that_is_no_call_is_an_action_item(
    tasks: ApolloTasks, worker: Worker, apollo: RunningSimulator
) -> None:
    effect = a_task(channel="social", detail=None)
    await until_settled(worker, tasks, effect)
    (one,) = await all_there(apollo, effect)
    assert (one["type"], one["user"]) == ("action_item", "66302798d03b9601c7930001")


async def test_whom_apollo_does_not_have_is_told_with_the_remedy(
    connection: ApolloConnection, store: Store, worker: Worker
) -> None:
    tasks = ApolloTasks(connection.model_copy(update={"create_contacts": False}), store)
    outcome = await until_settled(worker, tasks, a_task())
    await tasks.close()
    assert (outcome.status, "create_contacts" in (outcome.reason or "")) == ("failed", True)


async def test_a_task_about_nobody_with_an_address_is_refused(tasks: ApolloTasks) -> None:
    with pytest.raises(Refused, match="about a contact with an e-mail address"):
        await tasks.create_task("acme-1", a_task(reaches=None))


async def test_without_a_user_the_task_waits_until_one_is_known(connection: ApolloConnection, store: Store) -> None:
    tasks = ApolloTasks(connection.model_copy(update={"task_owner": None}), store)
    with pytest.raises(NotHandedOver, match=r"no user is known for rita@seller\.example"):
        await tasks.create_task("acme-1", a_task())
    await tasks.close()


@pytest.mark.parametrize("switch", ["lose_response", "lose_request"])
async def test_one_is_looked_for_among_those_that_are_due_later_and_no_further(
    tasks: ApolloTasks, worker: Worker, apollo: RunningSimulator, monkeypatch: pytest.MonkeyPatch, switch: str
) -> None:
    monkeypatch.setattr("integrations.apollo.client.PAGE", 2)
    monkeypatch.setattr("integrations.apollo.tasks.PAGE", 2)
    due = NOW + timedelta(days=6000)
    for days in (9, 8, 7, -9, -9, -9, -9):
        await until_settled(worker, tasks, a_task(due_at=due + timedelta(days=days)))
    held: Any = await apollo.state()
    later = len([one for one in held["tasks"].values() if one["due"] >= f"{due:%Y-%m-%d}"])
    effect = a_task(due_at=due)
    await apollo.switch(only=MAKING, **{switch: 1})
    before = len(await apollo.calls("POST /api/v1/tasks/search"))

    outcome = await until_settled(worker, tasks, effect)

    (one,) = await all_there(apollo, effect)
    pages = len(await apollo.calls("POST /api/v1/tasks/search")) - before
    assert (outcome.reference, pages) == (f"apollo:task:{one['id']}", later // 2 + 1)


async def test_where_too_many_are_due_later_it_is_not_made_again_but_asked_about(
    tasks: ApolloTasks, worker: Worker, apollo: RunningSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.apollo.client.PAGE", 1)
    monkeypatch.setattr("integrations.apollo.tasks.PAGE", 1)
    monkeypatch.setattr("integrations.apollo.tasks._MOST_PAGES", 2)
    for days in (5001, 5002):
        await until_settled(worker, tasks, a_task(due_at=NOW + timedelta(days=days)))
    effect = a_task(due_at=NOW + timedelta(days=5000))
    await apollo.switch(only=MAKING, lose_response=1)
    with pytest.raises(ApplicationError):
        await worker.attempt(effect, prepare=lambda: tasks.create_task("acme-1", effect))

    late = timedelta(hours=3)
    outcome = await worker.attempt(effect, prepare=lambda: tasks.create_task("acme-1", effect), later=late)

    assert (outcome.status, "tasks that are due later" in (outcome.reason or "")) == ("uncertain", True)
    with pytest.raises(NotHandedOver, match="tasks that are due later"):
        await tasks.close_task("acme-1", off_the_list(effect), NOW)
    assert len(await all_there(apollo, effect)) == 1


@pytest.mark.parametrize(
    ("how", "said", "outcome"),
    [
        ("complete", {"says": "Outcome: Wrong person"}, "wrong_person"),
        ("complete", {}, None),
        ("skip", {}, "skipped"),
    ],
)
async def test_what_somebody_resolves_there_is_done_here_once_with_its_outcome(
    reading: Reading, tasks: ApolloTasks, how: str, said: dict[str, str], outcome: str | None
) -> None:
    effect = a_task()
    made = await until_settled(reading.worker, tasks, effect)
    assert await reading.once() == []
    await reading.running.change(do=how, task=id_of(made), **said)

    (event,) = await reading.once()

    assert (event.fact, event.payload["task"]) == ("crm_task_completed", effect.task)
    assert event.payload.get("outcome") == outcome
    assert event.payload.get("result") == ("skipped in Apollo" if how == "skip" else None)
    assert [await reading.once() for _ in range(2)] == [[], []]
    assert event.deal_ref is not None
    assert await links.deal_of(reading.store, "apollo", event.deal_ref) == "acme-1"  # also once it is read no more
    assert await links.objects_of(reading.store, "acme-1", "apollo", "task") == []


async def test_many_tasks_are_read_in_turn_some_at_each_poll_beside_enrolments(
    reading: Reading, tasks: ApolloTasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.kit.open_tasks.AT_ONCE", 2)
    await reading.do("bounce", await reading.enrolled("beside-tasks"))
    for _ in range(3):
        made = await until_settled(reading.worker, tasks, a_task())
        await reading.running.change(do="complete", task=id_of(made))

    told = [[fact for fact, _ in facts(await reading.once())] for _ in range(2)]

    assert told[0] == ["enrolment_ended", "crm_task_completed", "crm_task_completed"]
    assert told[1][-1:] == ["crm_task_completed"]


async def test_where_tasks_cannot_be_read_enrolments_are_told_and_reading_goes_on_where_it_stood(
    reading: Reading, tasks: ApolloTasks
) -> None:
    made = await until_settled(reading.worker, tasks, a_task())
    await reading.running.change(do="complete", task=id_of(made))
    await reading.do("bounce", await reading.enrolled("beside-trouble"))
    await reading.running.switch(only=SHOWING, server_error=1)

    told = [[fact for fact, _ in facts(await reading.once())] for _ in range(2)]

    assert told[0] == ["enrolment_ended"]
    assert "crm_task_completed" in told[1]


@pytest.mark.parametrize("at_once", [True, False])
async def test_what_somebody_has_skipped_stays_as_it_is(
    tasks: ApolloTasks, worker: Worker, apollo: RunningSimulator, *, at_once: bool
) -> None:
    effect = a_task()
    made = await until_settled(worker, tasks, effect)
    delivery = await tasks.close_task("acme-1", off_the_list(effect), NOW) if at_once else None
    await apollo.change(do="skip", task=id_of(made))
    before = await all_there(apollo, effect)

    await (delivery or await tasks.close_task("acme-1", off_the_list(effect), NOW)).send()

    assert await all_there(apollo, effect) == before


async def test_whether_tasks_can_be_read_is_looked_at_once_a_deal_has_one(
    connection: ApolloConnection, store: Store, tasks: ApolloTasks, worker: Worker, apollo: RunningSimulator
) -> None:
    polling = ApolloPolling(connection, store)
    await apollo.switch(only=SHOWING, server_error=1)
    (before,) = await polling.health()
    await until_settled(worker, tasks, a_task())
    (badly,), (well,) = await polling.health(), await polling.health()
    await polling.close()
    assert [one.level for one in (before, badly, well)] == ["ok", "problem", "ok"]
