"""Handles the Nexus service of deals in whatever hosts them, with the client of its worker."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

import temporalio.nexus
from nexusrpc import HandlerError, HandlerErrorType
from nexusrpc.handler import StartOperationContext, service_handler, sync_operation

from dealwright.client.deal_client import DealClient
from dealwright.client.errors import CommandIdReused, DealError, DealExists, DealFinished, NoSuchDeal, TemporalAway
from dealwright.client.nexus_service import (
    CommandAnswered,
    CommandToGive,
    DealOpened,
    DealRead,
    DealsService,
    DealToOpen,
    DealToRead,
    FactTold,
    FactToTell,
)
from dealwright.commands import COMMANDS
from dealwright.diagnostics.diagnostic import BadInput
from dealwright.diagnostics.suggestions import did_you_mean
from dealwright.diagnostics.text import quoted, sentences
from dealwright.facts import FACTS
from dealwright.identity import TASK_QUEUE
from dealwright.validation.reading import read_fields

_WAIT = timedelta(seconds=6)
"""How long an operation may take; Temporal gives up after ten seconds, and starts it again."""
_UNTIL_DECIDED = timedelta(seconds=3)
_TYPES: dict[type[Exception], HandlerErrorType] = {
    NoSuchDeal: HandlerErrorType.NOT_FOUND,
    DealFinished: HandlerErrorType.CONFLICT,
    DealExists: HandlerErrorType.CONFLICT,
    CommandIdReused: HandlerErrorType.CONFLICT,
    TemporalAway: HandlerErrorType.UNAVAILABLE,
    DealError: HandlerErrorType.BAD_REQUEST,
    BadInput: HandlerErrorType.BAD_REQUEST,
}
"""What a caller is told of each error. What is no fault of the caller is tried again by Temporal."""
T = TypeVar("T")


@service_handler(service=DealsService)
class DealsServiceHandler:
    """Opens deals, tells them facts, gives them commands and reads them, for workflows in other namespaces."""

    def __init__(self, task_queue: str = TASK_QUEUE) -> None:
        self._task_queue = task_queue

    @sync_operation
    async def open_deal(self, _ctx: StartOperationContext, given: DealToOpen) -> DealOpened:
        """Open a deal; one that runs with the same content stays as it is."""
        with _told():
            opened = await self._deals().open(given.deal, given.playbook, until_decided=_UNTIL_DECIDED)
        return DealOpened(opened.deal_id, opened.opened_now, opened.let_in)

    @sync_operation
    async def tell_fact(self, _ctx: StartOperationContext, given: FactToTell) -> FactTold:
        """Tell a deal what happened."""
        with _told():
            fact = read_fields(_named("fact", given.fact, FACTS), {**given.fields, "id": given.id})
            await self._deals().record(given.deal_id, fact)
        return FactTold(given.deal_id, given.id)

    @sync_operation
    async def give_command(self, _ctx: StartOperationContext, given: CommandToGive) -> CommandAnswered:
        """Give a deal a command, and wait a moment for its verdict."""
        with _told():
            command = read_fields(_named("command", given.command, COMMANDS), given.fields)
            verdict = await self._deals().command(given.deal_id, command, command_id=given.id)
        return CommandAnswered(verdict.accepted, verdict.decided, verdict.text)

    @sync_operation
    async def read_deal(self, _ctx: StartOperationContext, given: DealToRead) -> DealRead:
        """Say where a deal stands."""
        with _told():
            snapshot = await self._deals().snapshot(given.deal_id)
        return DealRead(snapshot.model_dump(mode="json", exclude_none=True))

    def _deals(self) -> DealClient:
        return DealClient(temporalio.nexus.client(), _WAIT, task_queue=self._task_queue)


def _named(what: str, name: str, known: Mapping[str, type[T]]) -> type[T]:
    if name not in known:
        text = sentences(f"there is no {what} {quoted(name)}", did_you_mean(name, list(known)))
        raise HandlerError(text, type=HandlerErrorType.BAD_REQUEST)
    return known[name]


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (DealError, BadInput) as error:
        kind = next(told for each, told in _TYPES.items() if isinstance(error, each))
        raise HandlerError(str(error), type=kind) from error
