"""Bills what was signed, in the billing tool: the activities behind subscriptions."""

from __future__ import annotations

from temporalio import activity

from activities.attempt import Attempt
from activities.ledger import Ledger
from activities.requests import effect_of
from dealwright.contract import EffectRequest
from dealwright.effects import CancelSubscription, ChangeSubscription, Outcome, StartSubscription
from integrations.kit.delivery import Delivery
from integrations.kit.ports import Billing


class Subscriptions:
    """Starts, changes and ends subscriptions."""

    def __init__(self, ledger: Ledger, billing: Billing) -> None:
        self._ledger, self._billing = ledger, billing

    @activity.defn(name="start_subscription")
    async def start_subscription(self, request: EffectRequest) -> Outcome:
        """Start one; the outcome's reference is what the tool calls it."""
        effect = effect_of(request, StartSubscription)

        async def prepare() -> Delivery:
            return await self._billing.start(request.deal_id, effect)

        return await self._ledger.hand_over(request, Attempt.current(), prepare)

    @activity.defn(name="change_subscription")
    async def change_subscription(self, request: EffectRequest) -> Outcome:
        """Bring one to what is signed now."""
        effect = effect_of(request, ChangeSubscription)

        async def prepare() -> Delivery:
            return await self._billing.change(request.deal_id, effect)

        return await self._ledger.hand_over(request, Attempt.current(), prepare)

    @activity.defn(name="cancel_subscription")
    async def cancel_subscription(self, request: EffectRequest) -> Outcome:
        """End one, with its term or at once."""
        effect = effect_of(request, CancelSubscription)

        async def prepare() -> Delivery:
            return await self._billing.cancel(request.deal_id, effect)

        return await self._ledger.hand_over(request, Attempt.current(), prepare)
