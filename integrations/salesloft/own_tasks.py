"""Which tasks in Salesloft are deals' own, and how the key is written by which they are found."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict

from integrations.salesloft.settings import SOURCE
from store import mirror
from store.database import Store

_OURS, _CLOSED = "task", "closed"


class OwnTask(BaseModel):
    """A task that a deal asked for."""

    model_config = ConfigDict(frozen=True)

    task: str
    """What the deal calls it."""
    deal: str


def key_of(task: str) -> str:
    """Our key of a task, which Salesloft takes once: short, and without what people called the deal."""
    return f"dw-{hashlib.sha256(task.encode()).hexdigest()[:40]}"


async def note_task(store: Store, id_: str, own: OwnTask) -> None:
    """Note whose a task is.

    Raises:
        StoreAway: the database does not answer.
    """
    await mirror.note(store, SOURCE, f"task:{id_}", {_OURS: own.model_dump(mode="json")}, datetime.now(UTC))


async def note_closed(store: Store, id_: str) -> None:
    """Note that we are about to complete a task ourselves.

    Raises:
        StoreAway: the database does not answer.
    """
    await mirror.note(store, SOURCE, f"task:{id_}", {_CLOSED: True}, datetime.now(UTC))


async def task_of(store: Store, id_: int) -> tuple[OwnTask, bool] | None:
    """Whose a task is, and whether we have completed it ourselves; None for what no deal asked for.

    Raises:
        StoreAway: the database does not answer.
    """
    known = await mirror.known(store, SOURCE, f"task:{id_}")
    return (OwnTask.model_validate(known[_OURS].value), _CLOSED in known) if _OURS in known else None
