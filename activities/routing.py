"""The activity ``choose_owner``: who of a pool gets a role in a deal."""

from __future__ import annotations

from temporalio import activity

from activities.attempt import Attempt
from activities.ledger import Ledger
from activities.requests import effect_of
from dealwright.contract import EffectRequest
from dealwright.effects import ChooseOwner, Outcome
from integrations.kit.delivery import Delivery, Idempotency
from integrations.kit.errors import store_errors_for_temporal
from store import assignments
from store.database import Store


class Routing:
    """Shares deals out among the members of pools."""

    def __init__(self, ledger: Ledger, store: Store) -> None:
        self._ledger, self._store = ledger, store

    @activity.defn(name="choose_owner")
    async def choose_owner(self, request: EffectRequest) -> Outcome:
        """Choose somebody, once: the choice is made with the last checks, and read back here."""
        effect = effect_of(request, ChooseOwner)

        async def chosen() -> str | None:
            made = await assignments.find(self._store, effect.id)
            return made.person if made else None

        async def prepare() -> Delivery:
            return Delivery(send=chosen, idempotency=Idempotency.VENDOR)

        outcome = await self._ledger.hand_over(request, Attempt.current(), prepare)
        with store_errors_for_temporal():
            made = await assignments.find(self._store, effect.id)
        return outcome.model_copy(update={"reason": made.why}) if made and outcome.status == "done" else outcome
