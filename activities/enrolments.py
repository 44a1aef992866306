"""Contacts in cadences that run in other tools: the activities ``enrol_contact`` and ``stop_enrolment``."""

from __future__ import annotations

from collections.abc import Mapping

from temporalio import activity

from activities.attempt import Attempt
from activities.ledger import Ledger
from activities.requests import effect_of
from dealwright.contract import EffectRequest
from dealwright.effects import EnrolContact, Outcome, StopEnrolment
from integrations.kit.delivery import Delivery
from integrations.kit.errors import NotHandedOver
from integrations.kit.ports import Engagement
from store import ledger as rows
from store.database import Store
from store.ledger import LedgerState

_MAY_BE_THERE = frozenset({LedgerState.HANDING_OVER, LedgerState.UNCERTAIN, LedgerState.RECORDED})
"""How an enrolment stands in the ledger of which something may be in the tool."""


class Enrolments:
    """Enrols contacts in the tools that are connected, by name, and takes them out again."""

    def __init__(self, ledger: Ledger, store: Store, tools: Mapping[str, Engagement]) -> None:
        self._ledger, self._store, self._tools = ledger, store, tools

    @activity.defn(name="enrol_contact")
    async def enrol_contact(self, request: EffectRequest) -> Outcome:
        """Enrol one contact in one cadence, once."""
        effect = effect_of(request, EnrolContact)

        async def prepare() -> Delivery:
            return await self._of(effect.tool).enrol(request.deal_id, effect)

        return await self._ledger.hand_over(request, Attempt.current(), prepare)

    @activity.defn(name="stop_enrolment")
    async def stop_enrolment(self, request: EffectRequest) -> Outcome:
        """Take one contact out of one cadence; one that was never enrolled, or is out of it, stays as it is.

        While they are being enrolled nobody knows what there is to stop: it is tried again.
        """
        effect = effect_of(request, StopEnrolment)

        async def prepare() -> Delivery:
            row = await rows.row(self._store, effect.enrolment)
            if row is None or row.state not in _MAY_BE_THERE:
                return _nothing_to_do()
            if row.state is LedgerState.HANDING_OVER:
                raise NotHandedOver("they are being enrolled at this moment")
            if row.result is not None and row.result.status != "done":
                return _nothing_to_do()
            there = row.result.reference if row.result is not None else None
            return await self._of(effect.tool).stop(effect, there)

        return await self._ledger.hand_over(request, Attempt.current(), prepare)

    def _of(self, tool: str) -> Engagement:
        try:
            return self._tools[tool]
        except KeyError:
            known = f"those connected are {', '.join(self._tools)}" if self._tools else "none is connected"
            message = f"{tool} is connected to nothing that runs cadences ({known}): add it to the connections file"
            raise NotHandedOver(message) from None


def _nothing_to_do() -> Delivery:
    async def send() -> None:
        return None

    return Delivery(send=send)
