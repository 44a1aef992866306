from __future__ import annotations

from datetime import timedelta

from dealwright.effects import CloseTask, CreateTask
from store import tasks
from store.database import Store
from tests.store.samples import JANE, NOW


def create(task: str = "t1", role: str = "sdr", days: int = 1) -> CreateTask:
    return CreateTask(
        id=f"acme-1/{task}", at=NOW, summary="Create task", task=task, role=role, owner=JANE, title=f"Call {task}",
        due_at=NOW + timedelta(days=days),
    )  # fmt: skip


def close(task: str = "t1", how: str = "done") -> CloseTask:
    return CloseTask(id=f"acme-1/{task}/close", at=NOW, summary="Close task", task=task, how=how, reason="Jane called")


async def test_open_tasks_are_listed_by_when_they_are_due(store: Store) -> None:
    await tasks.create(store, "acme-1", create("late", days=2))
    await tasks.create(store, "acme-2", create("soon", role="csm"))
    listed = await tasks.list_tasks(store)
    assert [(row.id, row.deal_id, row.owner) for row in listed] == [
        ("soon", "acme-2", "Jane Doe"), ("late", "acme-1", "Jane Doe"),
    ]  # fmt: skip
    assert [row.id for row in await tasks.list_tasks(store, role="csm")] == ["soon"]
    assert [row.id for row in await tasks.list_tasks(store, deal_id="acme-1")] == ["late"]


async def test_a_closed_task_is_listed_only_when_asked_for(store: Store) -> None:
    await tasks.create(store, "acme-1", create())
    await tasks.close(store, "acme-1", close(), NOW)
    assert await tasks.list_tasks(store) == []
    (row,) = await tasks.list_tasks(store, only_open=False)
    assert (row.how, row.reason, row.closed_at) == ("done", "Jane called", NOW)


async def test_a_task_stays_as_it_was_closed_first(store: Store) -> None:
    await tasks.create(store, "acme-1", create())
    await tasks.close(store, "acme-1", close(), NOW)
    await tasks.close(store, "acme-1", close(how="cancelled"), NOW + timedelta(days=1))
    assert [row.how for row in await tasks.list_tasks(store, only_open=False)] == ["done"]


async def test_a_task_that_is_closed_before_it_is_opened_stays_closed(store: Store) -> None:
    await tasks.close(store, "acme-1", close(how="cancelled"), NOW)
    assert await tasks.list_tasks(store, only_open=False) == []
    await tasks.create(store, "acme-1", create())
    assert await tasks.list_tasks(store) == []
    assert [(row.title, row.how) for row in await tasks.list_tasks(store, only_open=False)] == [
        ("Call t1", "cancelled")
    ]


async def test_creating_a_task_again_changes_nothing(store: Store) -> None:
    await tasks.create(store, "acme-1", create())
    await tasks.create(store, "acme-1", create())
    assert len(await tasks.list_tasks(store)) == 1
