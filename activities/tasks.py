"""The activities ``create_task`` and ``close_task``."""

from __future__ import annotations

from temporalio import activity

from activities.attempt import Attempt
from activities.ledger import Ledger
from activities.requests import effect_of
from dealwright.contract import EffectRequest
from dealwright.effects import CloseTask, CreateTask, Outcome
from integrations.kit.delivery import Delivery
from integrations.kit.ports import Crm


class Tasks:
    """Keeps people's lists in the CRM."""

    def __init__(self, ledger: Ledger, crm: Crm) -> None:
        self._ledger, self._crm = ledger, crm

    @activity.defn(name="create_task")
    async def create_task(self, request: EffectRequest) -> Outcome:
        """Put one task on its owner's list, once."""
        effect = effect_of(request, CreateTask)

        async def prepare() -> Delivery:
            return await self._crm.create_task(request.deal_id, effect)

        return await self._ledger.hand_over(request, Attempt.current(), prepare)

    @activity.defn(name="close_task")
    async def close_task(self, request: EffectRequest) -> Outcome:
        """Take one task off its owner's list."""
        effect, attempt = effect_of(request, CloseTask), Attempt.current()

        async def prepare() -> Delivery:
            return await self._crm.close_task(request.deal_id, effect, attempt.at)

        return await self._ledger.hand_over(request, attempt, prepare)
