"""Tasks that reach contacts, in a tool of their own beside the CRM: each is taken off the list that it is on."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.ledger import Ledger
from activities.tasks import Tasks, Touches
from dealwright.contract import EffectRequest
from dealwright.deal import Contact
from dealwright.effects import CloseTask, CreateTask, Outcome
from integrations.embedded.crm import EmbeddedCrm
from integrations.kit.delivery import Delivery, Idempotency
from integrations.kit.errors import NotHandedOver
from store import tasks as crm_tasks
from store.database import Store
from tests.store.samples import NOW

CALL = CreateTask(
    id="acme-1/reach/1/call/1", at=NOW, summary="Call Ada", task="acme-1/reach/1/call/1", role="sdr", title="Call Ada",
    due_at=NOW + timedelta(hours=2), channel="call", reaches=Contact(id="ada", name="Ada"),
)  # fmt: skip
RESEARCH = CALL.model_copy(
    update={"id": "acme-1/look/1/do/1", "task": "acme-1/look/1/do/1", "title": "Research", "channel": None}
)


def closing(task: CreateTask) -> CloseTask:
    return CloseTask(id=f"{task.id}.closed", at=NOW, summary="Close", task=task.task, how="done", reason="done")


class Dialer:
    """A tool with lists of its own."""

    def __init__(self) -> None:
        self.open: list[str] = []
        self.closed: list[str] = []
        self.away = False

    async def create_task(self, deal_id: str, effect: CreateTask) -> Delivery:  # noqa: ARG002 - the port's
        async def send() -> str:
            if self.away:
                raise NotHandedOver("the tool is away")
            self.open.append(effect.title)
            return f"dialer:{effect.task}"

        return Delivery(send=send, idempotency=Idempotency.VENDOR)

    async def close_task(self, deal_id: str, effect: CloseTask, at: datetime) -> Delivery:  # noqa: ARG002
        async def send() -> None:
            self.closed.append(effect.task)

        return Delivery(send=send, idempotency=Idempotency.VENDOR)


@pytest.fixture
def dialer() -> Dialer:
    return Dialer()


async def confirm(_deal: str, _effect: str) -> None:
    return None


async def do(store: Store, dialer: Dialer | None, effect: CreateTask | CloseTask) -> Outcome:
    touches = Touches("dialer", dialer, store) if dialer is not None else None
    activities = Tasks(Ledger(store, confirm), EmbeddedCrm(store), touches)
    activity = activities.create_task if isinstance(effect, CreateTask) else activities.close_task
    return await ActivityEnvironment().run(activity, EffectRequest(deal_id="acme-1", effect=effect))


async def in_crm(store: Store) -> list[str | None]:
    return [row.title for row in await crm_tasks.list_tasks(store)]


async def test_tasks_that_reach_contacts_go_to_their_tool_and_all_others_to_the_crm(
    store: Store, dialer: Dialer
) -> None:
    await do(store, dialer, CALL)
    await do(store, dialer, RESEARCH)

    assert (dialer.open, await in_crm(store)) == (["Call Ada"], ["Research"])


async def test_each_is_taken_off_the_list_that_it_is_on(store: Store, dialer: Dialer) -> None:
    for task in (CALL, RESEARCH):
        await do(store, dialer, task)
        assert (await do(store, dialer, closing(task))).status == "done"

    assert (dialer.closed, await in_crm(store)) == ([CALL.task], [])


async def test_without_such_a_tool_all_are_in_the_crm(store: Store) -> None:
    await do(store, None, CALL)
    assert await in_crm(store) == ["Call Ada"]
    await do(store, None, closing(CALL))
    assert await in_crm(store) == []


async def test_what_came_into_the_crm_before_there_was_such_a_tool_is_taken_off_there(
    store: Store, dialer: Dialer
) -> None:
    await do(store, None, CALL)

    await do(store, dialer, closing(CALL))

    assert (dialer.closed, await in_crm(store)) == ([], [])


async def test_what_nobody_knows_is_taken_off_both(store: Store, dialer: Dialer) -> None:
    outcome = await do(store, dialer, closing(CALL))

    assert (outcome.status, dialer.closed) == ("done", [CALL.task])


async def test_what_is_being_put_on_a_list_is_taken_off_it_later(store: Store, dialer: Dialer) -> None:
    dialer.away = True
    with pytest.raises(ApplicationError):
        await do(store, dialer, CALL)
    with pytest.raises(ApplicationError, match="at this moment"):
        await do(store, dialer, closing(CALL))
    dialer.away = False
    await do(store, dialer, CALL)

    await do(store, dialer, closing(CALL))

    assert (dialer.open, dialer.closed) == (["Call Ada"], [CALL.task])
