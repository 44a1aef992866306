"""A deal's desk in a tool for documents: what it sends and takes back there, and what it hears of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from temporalio.exceptions import ApplicationError

from dealwright.effects import Outcome, SendDocument, WithdrawDocument
from integrations.kit.delivery import Delivery
from integrations.kit.documents import key_of
from integrations.kit.ports import Documents
from store.intake import Event, IntakeState
from tests.activities.conftest import Worker
from tests.integrations.documents.tools import DocumentTool, Shown, made_for
from tests.integrations.told import Told

MANY = 12
LATER = timedelta(minutes=2)
Effect = SendDocument | WithdrawDocument


def prepared(documents: Documents, effect: Effect) -> Callable[[], Awaitable[Delivery]]:
    """What makes an effect ready to be handed over."""
    if isinstance(effect, SendDocument):
        return lambda: documents.send("acme-1", effect)
    return lambda: documents.withdraw("acme-1", effect)


async def until_settled(worker: Worker, documents: Documents, effect: Effect) -> Outcome:
    """Attempts as Temporal makes them, until one tells what became of the effect."""
    for number in range(MANY):
        try:
            return await worker.attempt(effect, prepare=prepared(documents, effect), later=LATER * number)
        except ApplicationError:
            continue
    raise AssertionError("nothing became of it")


@dataclass(kw_only=True)
class Desk(Told):
    """One installation's, in one account of a tool."""

    tool: DocumentTool
    worker: Worker
    documents: Documents

    async def settle(self, effect: Effect) -> Outcome:
        """What became of an effect."""
        return await until_settled(self.worker, self.documents, effect)

    async def sent(self, effect: SendDocument) -> str:
        """A document that the buyer has."""
        return str((await self.settle(effect)).reference)

    async def made(self, effect: SendDocument) -> list[Shown]:
        """What stands in the tool of an effect."""
        return made_for(self.tool, await self.running.state(), key_of(effect.id))

    async def do(self, document: str, *actions: str) -> None:
        """What people do with a document, one thing after the other: ``view``, ``sign``, ``void`` and so on."""
        own = {"sign": self.tool.signs, "void": self.tool.voids}
        for action in actions:
            await self.running.change(**{"do": own.get(action, action), self.tool.called: document})

    async def edit(self, document: str, **terms: str) -> None:
        """What one of our own people does who has a document say other terms, a while after it was sent."""
        assert self.tool.edits is not None
        await self.running.switch(clock_skew=60)
        for change in self.tool.edits(terms):
            await self.running.change(**{**change, self.tool.called: document})

    async def brought(self, document: str) -> list[Event]:
        """What webhooks and readings have brought of a document by now, also what is passed over."""
        await self.hear()
        return [one for one in self.kept.values() if document in one.event_id]

    def told(self, document: str) -> list[Event]:
        """What the deal is told of a document, by when it happened."""
        waiting = [one for one in self.kept.values() if one.state is IntakeState.WAITING]
        return sorted((one for one in waiting if document in one.event_id), key=lambda one: str(one.payload["at"]))

    def facts(self, document: str) -> list[str]:
        """The names of these facts."""
        return [str(one.fact) for one in self.told(document)]
