"""Tasks for people, as the embedded CRM keeps them. Times are the deals' own.

Each change is made under an effect's id or the task's, so that making it again changes nothing; and a task
that is closed before it is opened stays closed.
"""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import select

from dealwright.effects import CloseTask, CreateTask
from store.database import Store
from store.tables import tasks


class TaskRow(BaseModel):
    """A task on somebody's list."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: str = Field(validation_alias="task")
    deal_id: str
    role: str | None
    owner: str | None
    title: str | None
    detail: str | None
    opened_at: AwareDatetime | None
    due_at: AwareDatetime | None
    closed_at: AwareDatetime | None
    how: str | None
    reason: str | None


async def create(store: Store, deal_id: str, effect: CreateTask) -> None:
    """Put a task on its owner's list.

    Raises:
        StoreAway: the database does not answer.
    """
    opened = {
        "role": effect.role,
        "owner": effect.owner.name if effect.owner else None,
        "title": effect.title,
        "detail": effect.detail,
        "opened_at": effect.at,
        "due_at": effect.due_at,
    }
    insert = store.insert(tasks).values(task=effect.task, deal_id=deal_id, **opened)
    async with store.writing() as connection:
        await connection.execute(insert.on_conflict_do_update(index_elements=["task"], set_=opened))


async def close(store: Store, deal_id: str, effect: CloseTask, at: datetime) -> None:
    """Take a task off its owner's list; one that is closed stays as it was closed first.

    Raises:
        StoreAway: the database does not answer.
    """
    closed = {"closed_at": at, "how": effect.how, "reason": effect.reason}
    insert = store.insert(tasks).values(task=effect.task, deal_id=deal_id, **closed)
    async with store.writing() as connection:
        await connection.execute(
            insert.on_conflict_do_update(index_elements=["task"], set_=closed, where=tasks.c.closed_at.is_(None))
        )


async def list_tasks(
    store: Store, *, only_open: bool = True, role: str | None = None, deal_id: str | None = None
) -> list[TaskRow]:
    """The tasks, by when they are due."""
    statement = select(tasks).where(tasks.c.title.is_not(None)).order_by(tasks.c.due_at, tasks.c.task)
    if only_open:
        statement = statement.where(tasks.c.closed_at.is_(None))
    if role is not None:
        statement = statement.where(tasks.c.role == role)
    if deal_id is not None:
        statement = statement.where(tasks.c.deal_id == deal_id)
    async with store.reading() as connection:
        return [TaskRow.model_validate(row) for row in await connection.execute(statement)]
