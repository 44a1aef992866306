"""Tasks by which people reach contacts, in Salesloft: made once, completed from either side, and no echo of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from activities.once_only import Checkpoint
from dealwright.deal import Contact, Person
from dealwright.effects import CloseTask, CreateTask, Outcome
from integrations.salesloft.settings import SalesloftConnection
from integrations.salesloft.tasks import SalesloftTasks
from store import intake
from store.database import Store
from tests.activities.conftest import Worker
from tests.integrations.salesloft.team import Team, an_address, facts
from tests.store.samples import NOW

REP = Person(name="Rita Rep", email="rep@seller.example", timezone="America/New_York")
_numbers = count(1)


@pytest.fixture
async def tasks(connection: SalesloftConnection, store: Store) -> AsyncIterator[SalesloftTasks]:
    made = SalesloftTasks(connection, store)
    yield made
    await made.close()


def a_task(address: str = "nobody@buyer.example", **changes: object) -> CreateTask:
    id_ = f"acme-1/reach/{next(_numbers)}/call/1"
    made = CreateTask(
        id=id_, at=NOW, summary="Ask Rita to call Ana", task=id_, role="sdr", owner=REP, title="Call Ana",
        due_at=NOW, detail="Ask about the budget", channel="call",
        reaches=Contact(id="ana", name="Ana Lopez", email=address),
    )  # fmt: skip
    return made.model_copy(update=changes)


def off_the_list(made: CreateTask) -> CloseTask:
    return CloseTask(
        id=f"{made.id}.closed", at=NOW, summary="Take it off", task=made.task, how="cancelled", reason="Ana replied"
    )


async def until_settled(worker: Worker, tasks: SalesloftTasks, effect: CreateTask | CloseTask) -> Outcome:
    """Attempts as Temporal makes them, until one tells what became of the effect."""
    for number in range(12):
        later = timedelta(minutes=2) * number
        try:
            if isinstance(effect, CreateTask):
                return await worker.attempt(effect, prepare=lambda: tasks.create_task("acme-1", effect), later=later)
            return await worker.attempt(effect, prepare=lambda: tasks.close_task("acme-1", effect, NOW), later=later)
        except ApplicationError:
            continue
    raise AssertionError("nothing became of it")


async def there(team: Team, outcome: Outcome) -> dict[str, Any]:
    """The task that an outcome names."""
    state: Any = await team.running.state()
    return dict(state["tasks"][str(outcome.reference).rpartition(":")[2]])


async def all_under_the_key_of(team: Team, one: dict[str, Any]) -> int:
    state: Any = await team.running.state()
    return len([each for each in state["tasks"].values() if each["key"] == one["key"]])


async def test_a_call_comes_onto_its_owners_list_about_the_person(
    tasks: SalesloftTasks, worker: Worker, team: Team
) -> None:
    address = await team.add(an_address())

    outcome = await until_settled(worker, tasks, a_task(address))

    one = await there(team, outcome)
    assert (one["subject"], one["kind"], one["description"]) == ("Call Ana", "call", "Ask about the budget")
    assert (one["user"], one["person"] is not None) == (1, True)
    assert str(outcome.reference).startswith("salesloft:task:")


async def test_it_is_due_on_the_day_that_its_owner_has(tasks: SalesloftTasks, worker: Worker, team: Team) -> None:
    just_after_midnight = NOW.replace(hour=2)

    outcome = await until_settled(worker, tasks, a_task(due_at=just_after_midnight))

    assert (await there(team, outcome))["due_date"] == (just_after_midnight - timedelta(days=1)).date().isoformat()


async def test_whom_salesloft_does_not_have_is_named(tasks: SalesloftTasks, worker: Worker, team: Team) -> None:
    stranger = Person(name="Eve Elsewhere", email="eve@seller.example")

    outcome = await until_settled(worker, tasks, a_task(owner=stranger, channel="post"))

    one = await there(team, outcome)
    assert (one["person"], one["kind"]) == (None, "general")
    assert one["description"].startswith("For Eve Elsewhere. ")


@pytest.mark.parametrize("switch", ["lose_request", "lose_response", "bad_gateway", "server_error"])
async def test_there_is_one_whatever_becomes_of_the_call(
    tasks: SalesloftTasks, worker: Worker, team: Team, switch: str
) -> None:
    await team.running.switch(only="POST /v2/tasks", **{switch: 1})

    outcome = await until_settled(worker, tasks, a_task())

    assert outcome.status == "done"
    assert await all_under_the_key_of(team, await there(team, outcome)) == 1


@pytest.mark.parametrize("point", list(Checkpoint))
async def test_there_is_one_though_the_worker_is_killed_anywhere(
    tasks: SalesloftTasks, worker: Worker, team: Team, point: Checkpoint
) -> None:
    effect = a_task()
    await worker.attempt_until_killed(point, effect, prepare=lambda: tasks.create_task("acme-1", effect))

    outcome = await until_settled(worker, tasks, effect)

    assert await all_under_the_key_of(team, await there(team, outcome)) == 1


async def test_a_key_that_a_task_has_already_makes_no_second_one(tasks: SalesloftTasks, team: Team) -> None:
    effect = a_task()
    delivery = await tasks.create_task("acme-1", effect)

    first, second = await delivery.send(), await delivery.send()

    assert first == second


async def test_what_somebody_completes_there_is_done_here_once(
    tasks: SalesloftTasks, worker: Worker, team: Team
) -> None:
    effect = a_task()
    one = await there(team, await until_settled(worker, tasks, effect))
    await team.begin_to_read()
    await team.running.change(do="complete", task=one["id"])

    (event,) = await team.told()

    assert (event.fact, event.deal_ref, event.payload["task"]) == ("crm_task_completed", "acme-1", effect.task)
    assert "crm_task_completed" not in facts(await team.read())


async def test_what_was_completed_before_it_was_known_whose_it_is_is_told_still(
    tasks: SalesloftTasks, team: Team, store: Store
) -> None:
    effect = a_task()
    delivery = await tasks.create_task("acme-1", effect)
    reference = await delivery.send()
    await team.running.change(do="complete", task=str(reference).rpartition(":")[2])
    assert await team.told() == []
    assert delivery.arrived is not None

    await delivery.arrived(reference)

    (row,) = await intake.recent(store, limit=10)
    assert (row.fact, row.payload["task"]) == ("crm_task_completed", effect.task)


@pytest.mark.parametrize("switch", ["", "lose_request", "lose_response", "server_error"])
async def test_what_is_no_longer_wanted_is_completed_once_and_does_not_come_back(
    tasks: SalesloftTasks, worker: Worker, team: Team, switch: str
) -> None:
    effect = a_task()
    made = await until_settled(worker, tasks, effect)
    if switch:
        await team.running.switch(only="PUT /v2/tasks", **{switch: 1})

    outcome = await until_settled(worker, tasks, off_the_list(effect))

    one = await there(team, made)
    assert (outcome.status, one["completions"]) == ("done", 1)
    assert await team.told() == []


async def test_what_somebody_has_completed_stays_as_it_is(tasks: SalesloftTasks, worker: Worker, team: Team) -> None:
    effect = a_task()
    one = await there(team, made := await until_settled(worker, tasks, effect))
    await team.running.change(do="complete", task=one["id"])

    await until_settled(worker, tasks, off_the_list(effect))

    assert (await there(team, made))["completions"] == 1
    assert facts(await team.told()) == ["crm_task_completed"]


async def test_a_task_that_is_not_there_is_left_alone(tasks: SalesloftTasks, worker: Worker, team: Team) -> None:
    before = len(await team.running.calls("PUT /v2/tasks"))

    outcome = await until_settled(worker, tasks, off_the_list(a_task()))

    assert (outcome.status, len(await team.running.calls("PUT /v2/tasks"))) == ("done", before)
