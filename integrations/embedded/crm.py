"""The CRM and the chat for a team that has none, or wants none here: they keep everything in the store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from dealwright.effects import CloseTask, CreateTask, HandOver, LogActivity, Notify, RequestApproval, UpdateCrm
from integrations.kit.delivery import Delivery, Idempotency
from store import records, tasks
from store.database import Store


class EmbeddedCrm:
    """Tasks, notes, stages and packages in the store, each under its effect's id."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def create_task(self, deal_id: str, effect: CreateTask) -> Delivery:
        """A task on its owner's list."""
        return _kept(effect.task, lambda: tasks.create(self._store, deal_id, effect))

    async def close_task(self, deal_id: str, effect: CloseTask, at: datetime) -> Delivery:
        """A task off its owner's list."""
        return _kept(effect.task, lambda: tasks.close(self._store, deal_id, effect, at))

    async def update_deal(self, deal_id: str, effect: UpdateCrm) -> Delivery:
        """The deal's record as it stands now."""
        return _kept(deal_id, lambda: records.update_record(self._store, deal_id, effect))

    async def log_activity(self, deal_id: str, effect: LogActivity) -> Delivery:
        """What was done with the buyer, as a note."""
        return _kept(effect.id, lambda: records.keep_activity(self._store, deal_id, effect))

    async def keep_package(self, deal_id: str, effect: HandOver) -> Delivery:
        """A handoff package."""
        return _kept(effect.handoff, lambda: records.keep_package(self._store, deal_id, effect))

    async def keep_approval_request(self, deal_id: str, effect: RequestApproval) -> Delivery:
        """An approval request."""
        return _kept(effect.approval, lambda: records.keep_approval_request(self._store, deal_id, effect))


class EmbeddedChat:
    """Notices in the store, for whoever lists them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def tell(self, deal_id: str, effect: Notify) -> Delivery:
        """A notice."""
        return _kept(None, lambda: records.keep_notice(self._store, deal_id, effect))


def _kept(reference: str | None, keep: Callable[[], Awaitable[None]]) -> Delivery:
    async def send() -> str | None:
        await keep()
        return reference

    return Delivery(send=send, idempotency=Idempotency.VENDOR)
