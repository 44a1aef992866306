"""Tasks by which people reach contacts, in Apollo: made once, resolved from either side, and no echo of it."""

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
from integrations.apollo.polling import ApolloPolling
from integrations.apollo.settings import ApolloConnection
from integrations.apollo.tasks import ApolloTasks
from integrations.kit.errors import NotHandedOver, Refused
from integrations.kit.simulator.process import RunningSimulator
from store import links
from store.database import Store
from tests.activities.conftest import Worker
from tests.integrations.apollo.test_polling import Reading, facts, reading
from tests.store.samples import NOW

__all__ = ["reading"]

REP = Person(name="Rita Rep", email="rita@seller.example")
MAKING, SKIPPING, COMPLETING = "POST /api/v1/tasks$", "/skip$", "/complete$"
SHOWING = "GET /api/v1/tasks/"
TROUBLE = ["lose_request", "lose_response", "bad_gateway", "server_error"]
_numbers = count(1)


@pytest.fixture
async def tasks(connection: ApolloConnection, store: Store) -> AsyncIterator[ApolloTasks]:
    made = ApolloTasks(connection, store)
    yield made
    await made.close()


def a_task(**changes: object) -> CreateTask:
    number = next(_numbers)
    id_ = f"acme-1/reach/{number}/call/1"
    made = CreateTask(
        id=id_, at=NOW, summary="Ask Rita to call Ana", task=id_, role="sdr", owner=REP, title=f"Call {number}",
        due_at=NOW, detail="They asked for figures", channel="call",
        reaches=Contact(id="ana", name="Ana Lopez", email=f"task-{number}@buyer.example"),
    )  # fmt: skip
    return made.model_copy(update=changes)


def off_the_list(made: CreateTask, how: str = "cancelled") -> CloseTask:
    return CloseTask(
        id=f"{made.id}.closed", at=NOW, summary="Take it off", task=made.task, how=how, reason="Ana replied"
    )


async def until_settled(worker: Worker, tasks: ApolloTasks, effect: CreateTask | CloseTask) -> Outcome:
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


async def all_there(apollo: RunningSimulator, effect: CreateTask) -> list[dict[str, Any]]:
    """The tasks with the title of one."""
    held: Any = await apollo.state()
    return [one for one in held["tasks"].values() if one["title"] == effect.title]


def id_of(made: Outcome) -> str:
    """The task that an outcome names."""
    return str(made.reference).rpartition(":")[2]


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


@pytest.mark.parametrize("switch", TROUBLE)
async def test_there_is_one_whatever_becomes_of_the_call(
    tasks: ApolloTasks, worker: Worker, apollo: RunningSimulator, switch: str
) -> None:
    effect = a_task()
    await apollo.switch(only=MAKING, **{switch: 1})

    outcome = await until_settled(worker, tasks, effect)

    (one,) = await all_there(apollo, effect)
    assert (outcome.status, outcome.reference) == ("done", f"apollo:task:{one['id']}")


@pytest.mark.parametrize("point", list(Checkpoint))
async def test_there_is_one_though_the_worker_is_killed_anywhere(
    tasks: ApolloTasks, worker: Worker, apollo: RunningSimulator, point: Checkpoint
) -> None:
    effect = a_task()
    await worker.attempt_until_killed(point, effect, prepare=lambda: tasks.create_task("acme-1", effect))

    outcome = await until_settled(worker, tasks, effect)

    assert (outcome.status, len(await all_there(apollo, effect))) == ("done", 1)


@pytest.mark.parametrize("place", range(6))
async def test_there_is_one_wherever_the_worker_dies_twice(
    tasks: ApolloTasks, worker: Worker, apollo: RunningSimulator, place: int
) -> None:
    effect = a_task()
    for _ in range(2):
        try:
            await worker.attempt_killed_at_the(place, effect, prepare=lambda: tasks.create_task("acme-1", effect))
        except ApplicationError:
            continue

    outcome = await until_settled(worker, tasks, effect)

    assert (outcome.status, len(await all_there(apollo, effect))) == ("done", 1)


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
    monkeypatch.setattr("integrations.apollo.done_tasks.AT_ONCE", 2)
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


async def test_a_task_that_somebody_deleted_is_read_no_more(reading: Reading, tasks: ApolloTasks) -> None:
    made = await until_settled(reading.worker, tasks, a_task())
    await reading.running.change(do="drop", task=id_of(made))
    assert await reading.once() == []
    assert await links.objects_of(reading.store, "acme-1", "apollo", "task") == []


@pytest.mark.parametrize(
    ("how", "call", "becomes"), [("cancelled", SKIPPING, "skipped"), ("done", COMPLETING, "completed")]
)
@pytest.mark.parametrize("switch", ["", *TROUBLE])
async def test_what_is_off_the_list_here_is_resolved_there_once_and_does_not_come_back(
    reading: Reading, tasks: ApolloTasks, switch: str, how: str, call: str, becomes: str
) -> None:  # fmt: skip
    effect = a_task()
    await until_settled(reading.worker, tasks, effect)
    if switch:
        await reading.running.switch(only=call, **{switch: 1})

    outcome = await until_settled(reading.worker, tasks, off_the_list(effect, how))

    (one,) = await all_there(reading.running, effect)
    assert (outcome.status, one["status"], one["resolutions"]) == ("done", becomes, 1)
    assert await reading.once() == []


@pytest.mark.parametrize("point", list(Checkpoint))
async def test_it_is_off_the_list_though_the_worker_is_killed_anywhere(
    tasks: ApolloTasks, worker: Worker, apollo: RunningSimulator, point: Checkpoint
) -> None:
    effect = a_task()
    await until_settled(worker, tasks, effect)
    off = off_the_list(effect)
    await worker.attempt_until_killed(point, off, prepare=lambda: tasks.close_task("acme-1", off, NOW))

    outcome = await until_settled(worker, tasks, off)

    (one,) = await all_there(apollo, effect)
    assert (outcome.status, one["status"], one["resolutions"]) == ("done", "skipped", 1)


async def test_what_may_have_been_made_is_found_and_skipped(
    tasks: ApolloTasks, worker: Worker, apollo: RunningSimulator
) -> None:
    effect = a_task()
    await apollo.switch(only=MAKING, lose_response=1)
    with pytest.raises(ApplicationError):
        await worker.attempt(effect, prepare=lambda: tasks.create_task("acme-1", effect))

    await until_settled(worker, tasks, off_the_list(effect))

    assert [one["status"] for one in await all_there(apollo, effect)] == ["skipped"]


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("theirs", ["complete", "skip", "drop"])
async def test_what_somebody_has_resolved_stays_as_it_is(
    tasks: ApolloTasks, worker: Worker, apollo: RunningSimulator, theirs: str, *, at_once: bool
) -> None:
    effect = a_task()
    made = await until_settled(worker, tasks, effect)
    delivery = await tasks.close_task("acme-1", off_the_list(effect), NOW) if at_once else None
    await apollo.change(do=theirs, task=id_of(made))
    before = await all_there(apollo, effect)

    await (delivery or await tasks.close_task("acme-1", off_the_list(effect), NOW)).send()

    assert await all_there(apollo, effect) == before


async def test_a_task_that_was_never_made_is_left_alone(
    tasks: ApolloTasks, worker: Worker, apollo: RunningSimulator
) -> None:
    before = len(await apollo.calls("POST /api/v1/tasks"))
    outcome = await until_settled(worker, tasks, off_the_list(a_task()))
    assert (outcome.status, len(await apollo.calls("POST /api/v1/tasks"))) == ("done", before)


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
