"""The activities ``update_crm`` and ``log_activity``: the deal's record in the CRM, and what was done there."""

from __future__ import annotations

from temporalio import activity

from activities.attempt import Attempt
from activities.ledger import Ledger
from activities.requests import effect_of
from dealwright.contract import EffectRequest
from dealwright.effects import LogActivity, Outcome, UpdateCrm
from integrations.kit.delivery import Delivery
from integrations.kit.ports import Crm


class CrmRecords:
    """Keeps the CRM up to date."""

    def __init__(self, ledger: Ledger, crm: Crm) -> None:
        self._ledger, self._crm = ledger, crm

    @activity.defn(name="update_crm")
    async def update_crm(self, request: EffectRequest) -> Outcome:
        """Bring one deal's record up to date."""
        effect = effect_of(request, UpdateCrm)

        async def prepare() -> Delivery:
            return await self._crm.update_deal(request.deal_id, effect)

        return await self._ledger.hand_over(request, Attempt.current(), prepare)

    @activity.defn(name="log_activity")
    async def log_activity(self, request: EffectRequest) -> Outcome:
        """Log one thing that was done with the buyer."""
        effect = effect_of(request, LogActivity)

        async def prepare() -> Delivery:
            return await self._crm.log_activity(request.deal_id, effect)

        return await self._ledger.hand_over(request, Attempt.current(), prepare)
