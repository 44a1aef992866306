"""Tasks by which people reach contacts as a deal asks for them, for the tests of all tools that have lists of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import count

from temporalio.exceptions import ApplicationError

from dealwright.deal import Contact, Person
from dealwright.effects import CloseTask, CreateTask, Outcome
from integrations.kit.delivery import Delivery
from integrations.kit.ports import TaskLists
from tests.activities.conftest import Worker
from tests.store.samples import NOW

REP = Person(name="Rita Rep", email="rita@seller.example")
MANY = 12
LATER = timedelta(minutes=2)
TROUBLE = ["lose_request", "lose_response", "bad_gateway", "server_error"]
_numbers = count(1)


def a_task(**changes: object) -> CreateTask:
    """A call to somebody whom no other task is about."""
    number = next(_numbers)
    id_ = f"acme-1/reach/{number}/call/1"
    made = CreateTask(
        id=id_, at=NOW, summary="Ask Rita to call Ana", task=id_, role="sdr", owner=REP, title=f"Call {number}",
        due_at=NOW, detail="They asked for figures", channel="call",
        reaches=Contact(id="ana", name="Ana Lopez", email=f"task-{number}@buyer.example"),
    )  # fmt: skip
    return made.model_copy(update=changes)


def off_the_list(made: CreateTask, how: str = "cancelled") -> CloseTask:
    """What takes it off its list."""
    return CloseTask(
        id=f"{made.id}.closed", at=NOW, summary="Take it off", task=made.task, how=how, reason="Ana replied"
    )


def prepared(tasks: TaskLists, effect: CreateTask | CloseTask) -> Callable[[], Awaitable[Delivery]]:
    """What makes an effect ready to be handed over."""
    if isinstance(effect, CreateTask):
        return lambda: tasks.create_task("acme-1", effect)
    return lambda: tasks.close_task("acme-1", effect, NOW)


async def until_settled(worker: Worker, tasks: TaskLists, effect: CreateTask | CloseTask) -> Outcome:
    """Attempts as Temporal makes them, until one tells what became of the effect."""
    for number in range(MANY):
        try:
            return await worker.attempt(effect, prepare=prepared(tasks, effect), later=LATER * number)
        except ApplicationError:
            continue
    raise AssertionError("nothing became of it")


def id_of(made: Outcome) -> str:
    """The task that an outcome names, in the tool's id."""
    return str(made.reference).rpartition(":")[2]
