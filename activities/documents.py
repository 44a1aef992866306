"""Sends proposals and contracts to the buyer, and takes them back: the activities behind ``document`` steps."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from temporalio import activity

from activities.attempt import Attempt
from activities.ledger import Ledger
from activities.requests import effect_of
from dealwright.contract import EffectRequest
from dealwright.effects import Outcome, SendDocument, WithdrawDocument
from integrations.kit.delivery import Delivery
from integrations.kit.documents import link_of
from integrations.kit.errors import NotHandedOver, store_errors_for_temporal
from integrations.kit.ports import Documents
from store.database import Store


class SentDocuments:
    """Documents in the tools that make them; ``tools`` are the connected ones, by name."""

    def __init__(self, ledger: Ledger, store: Store, tools: Mapping[str, Documents]) -> None:
        self._ledger, self._store, self._tools = ledger, store, tools

    @activity.defn(name="send_document")
    async def send_document(self, request: EffectRequest) -> Outcome:
        """Make a document and send it."""
        effect = effect_of(request, SendDocument)

        async def prepare() -> Delivery:
            return await self._tool(effect.tool).send(request.deal_id, effect)

        outcome = await self._ledger.hand_over(request, Attempt.current(), prepare)
        if outcome.status != "done" or outcome.reference is None:
            return outcome
        with store_errors_for_temporal():
            link = await link_of(self._store, effect.tool, outcome.reference)
        return outcome.model_copy(update={"link": link})

    @activity.defn(name="withdraw_document")
    async def withdraw_document(self, request: EffectRequest) -> Outcome:
        """Take a document back."""
        effect = effect_of(request, WithdrawDocument)

        async def prepare() -> Delivery:
            return await self._tool(effect.tool).withdraw(request.deal_id, effect)

        return await self._ledger.hand_over(request, Attempt.current(), prepare)

    @property
    def both(self) -> tuple[Callable[[EffectRequest], Awaitable[Outcome]], ...]:
        """What a worker registers."""
        return self.send_document, self.withdraw_document

    def _tool(self, name: str) -> Documents:
        """The tool of a document.

        Raises:
            NotHandedOver: it is not connected.
        """
        if (tool := self._tools.get(name)) is None:
            known = f"connected are {', '.join(sorted(self._tools))}" if self._tools else "none is connected"
            raise NotHandedOver(f"no tool {name!r} makes documents here: {known}")
        return tool
