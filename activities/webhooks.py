"""Tells the team's own systems about a deal: the activity behind ``webhook`` steps."""

from __future__ import annotations

from temporalio import activity

from activities.attempt import Attempt
from activities.ledger import Ledger
from activities.requests import effect_of
from dealwright.contract import EffectRequest
from dealwright.effects import Outcome, PostWebhook
from integrations.kit.delivery import Delivery
from integrations.kit.ports import Endpoints


class Webhooks:
    """Posts to the team's own endpoints."""

    def __init__(self, ledger: Ledger, endpoints: Endpoints) -> None:
        self._ledger, self._endpoints = ledger, endpoints

    @activity.defn(name="post_webhook")
    async def post_webhook(self, request: EffectRequest) -> Outcome:
        """Post one request, under an id that stays the same for all attempts."""
        effect = effect_of(request, PostWebhook)

        async def prepare() -> Delivery:
            return self._endpoints.post(request.deal_id, effect)

        return await self._ledger.hand_over(request, Attempt.current(), prepare)
