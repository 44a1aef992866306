"""The CRM and the chat for a team that has none, or wants none here: they keep everything in the store."""

from __future__ import annotations

from datetime import datetime

from dealwright.effects import CloseTask, CreateTask, HandOver, Notify, RequestApproval, UpdateCrm
from store import records, tasks
from store.database import Store


class EmbeddedCrm:
    """Tasks, notes, stages and packages in the store, each under its effect's id."""

    repeatable = True

    def __init__(self, store: Store) -> None:
        self._store = store

    async def create_task(self, deal_id: str, effect: CreateTask) -> str:
        """Put a task on its owner's list."""
        await tasks.create(self._store, deal_id, effect)
        return effect.task

    async def close_task(self, deal_id: str, effect: CloseTask, at: datetime) -> str:
        """Take a task off its owner's list."""
        await tasks.close(self._store, deal_id, effect, at)
        return effect.task

    async def update(self, deal_id: str, effect: UpdateCrm) -> str:
        """Bring the deal's record up to date."""
        await records.update_record(self._store, deal_id, effect)
        return deal_id

    async def keep_package(self, deal_id: str, effect: HandOver) -> str:
        """Keep a handoff package."""
        await records.keep_package(self._store, deal_id, effect)
        return effect.handoff

    async def keep_approval_request(self, deal_id: str, effect: RequestApproval) -> str:
        """Keep an approval request."""
        await records.keep_approval_request(self._store, deal_id, effect)
        return effect.approval


class EmbeddedChat:
    """Notices in the store, for whoever lists them."""

    repeatable = True

    def __init__(self, store: Store) -> None:
        self._store = store

    async def tell(self, deal_id: str, effect: Notify) -> None:
        """Keep a notice."""
        await records.keep_notice(self._store, deal_id, effect)
