"""The activities ``create_task`` and ``close_task``."""

from __future__ import annotations

from dataclasses import dataclass, replace

from temporalio import activity

from activities.attempt import Attempt
from activities.ledger import Ledger
from activities.requests import effect_of
from dealwright.contract import EffectRequest
from dealwright.effects import CloseTask, CreateTask, Outcome
from integrations.kit.delivery import Delivery, Part
from integrations.kit.errors import NotHandedOver
from integrations.kit.ports import Crm, TaskLists
from store import ledger as rows
from store.database import Store
from store.ledger import LedgerState

_UNDER_WAY = frozenset({LedgerState.CLAIMED, LedgerState.RELEASED, LedgerState.HANDING_OVER})
"""How a task stands in the ledger that is not on a list yet, and may come to one."""


@dataclass(frozen=True)
class Touches:
    """The tool in which people find the tasks by which they reach contacts."""

    name: str
    lists: TaskLists
    store: Store


class Tasks:
    """Keeps people's lists in the CRM, and in the tool of ``touches`` those tasks by which they reach contacts."""

    def __init__(self, ledger: Ledger, crm: Crm, touches: Touches | None = None) -> None:
        self._ledger, self._crm, self._touches = ledger, crm, touches

    @activity.defn(name="create_task")
    async def create_task(self, request: EffectRequest) -> Outcome:
        """Put one task on its owner's list, once."""
        effect = effect_of(request, CreateTask)
        is_touch = self._touches is not None and effect.channel is not None
        lists: TaskLists = self._touches.lists if self._touches is not None and is_touch else self._crm

        async def prepare() -> Delivery:
            return await lists.create_task(request.deal_id, effect)

        return await self._ledger.hand_over(request, Attempt.current(), prepare)

    @activity.defn(name="close_task")
    async def close_task(self, request: EffectRequest) -> Outcome:
        """Take one task off its owner's list, wherever it is."""
        effect, attempt = effect_of(request, CloseTask), Attempt.current()

        async def prepare() -> Delivery:
            if self._touches is None:
                return await self._crm.close_task(request.deal_id, effect, attempt.at)
            return await self._off_its_list(self._touches, request.deal_id, effect, attempt)

        return await self._ledger.hand_over(request, attempt, prepare)

    async def _off_its_list(self, touches: Touches, deal_id: str, effect: CloseTask, attempt: Attempt) -> Delivery:
        """Where the task is, its reference tells; where nobody knows, it is taken off both lists."""
        row = await rows.row(touches.store, effect.task)
        if row is not None and row.state in _UNDER_WAY:
            raise NotHandedOver("the task is being put on its owner's list at this moment")
        reference = row.result.reference if row is not None and row.result is not None else None
        if reference is not None and not reference.startswith(f"{touches.name}:"):
            return await self._crm.close_task(deal_id, effect, attempt.at)
        there = await touches.lists.close_task(deal_id, effect, attempt.at)
        if reference is not None:
            return there
        in_crm = await self._crm.close_task(deal_id, effect, attempt.at)
        return replace(in_crm, before=(*in_crm.before, Part(name=f"in-{touches.name}", delivery=there)))
