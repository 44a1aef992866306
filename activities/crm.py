"""The activity ``update_crm``: brings the deal's record in the CRM up to date."""

from __future__ import annotations

from temporalio import activity

from activities.attempt import Attempt
from activities.ledger import Delivery, Ledger
from activities.requests import effect_of
from dealwright.contract import EffectRequest
from dealwright.effects import Outcome, UpdateCrm
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
            async def send() -> str | None:
                return await self._crm.update(request.deal_id, effect)

            return Delivery(send=send, repeatable=self._crm.repeatable)

        return await self._ledger.hand_over(request, Attempt.current(), prepare)
