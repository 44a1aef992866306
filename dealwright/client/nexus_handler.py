"""Handles the Nexus service of deals in whatever hosts them, with the client of its worker."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypeVar
from urllib.parse import unquote, urlsplit

import temporalio.nexus
from nexusrpc import HandlerError, HandlerErrorType
from nexusrpc.handler import StartOperationContext, service_handler, sync_operation

from dealwright.client.deal_client import DealClient
from dealwright.client.errors import (
    CommandIdReused,
    DealError,
    DealExists,
    DealFinished,
    DealNotLetIn,
    NoSuchDeal,
    TemporalAway,
)
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


@dataclass
class Asked:
    """A change that a workflow asks for, and what becomes of it."""

    operation: str
    """``open_deal``, ``tell_…`` a fact, ``give_…`` a command."""
    deal_id: str | None
    id: str | None = None
    """The fact's, or the command's."""
    by: str | None = None
    """In whose name a command is given."""
    endpoint: str = ""
    workflow: str | None = None
    """Which workflow asks, as ``<namespace>/<workflow id>``, where Temporal says so."""
    result: Literal["done", "refused", "undecided"] = "refused"
    opened_now: bool | None = None
    """Of an opening: whether it did, or found the deal open."""


Note = Callable[[Asked], Awaitable[None]]
"""Writes down what was asked for and answered."""


async def _forget(_asked: Asked) -> None:
    """For a worker that keeps no audit trail."""


@service_handler(service=DealsService)
class DealsServiceHandler:
    """Opens deals, tells them facts, gives them commands and reads them, for workflows in other namespaces.

    ``note`` is told of each change that was asked for and answered for good. What Temporal asks again is told then.
    """

    def __init__(self, task_queue: str = TASK_QUEUE, note: Note = _forget) -> None:
        self._task_queue, self._note = task_queue, note

    @sync_operation
    async def open_deal(self, ctx: StartOperationContext, given: DealToOpen) -> DealOpened:
        """Open a deal; one that runs with the same content stays as it is."""
        named = given.deal.get("id")
        async with self._asked(ctx, Asked("open_deal", named if isinstance(named, str) else None)) as asked:
            opened = await self._deals().open(given.deal, given.playbook, until_decided=_UNTIL_DECIDED)
            asked.result, asked.opened_now = "done", opened.opened_now
        return DealOpened(opened.deal_id, opened.opened_now, opened.let_in)

    @sync_operation
    async def tell_fact(self, ctx: StartOperationContext, given: FactToTell) -> FactTold:
        """Tell a deal what happened."""
        kind = _named("fact", given.fact, FACTS)
        async with self._asked(ctx, Asked(f"tell_{given.fact}", given.deal_id, given.id)) as asked:
            await self._deals().record(given.deal_id, read_fields(kind, {**given.fields, "id": given.id}))
            asked.result = "done"
        return FactTold(given.deal_id, given.id)

    @sync_operation
    async def give_command(self, ctx: StartOperationContext, given: CommandToGive) -> CommandAnswered:
        """Give a deal a command, and wait a moment for its verdict."""
        kind = _named("command", given.command, COMMANDS)
        async with self._asked(ctx, Asked(f"give_{given.command}", given.deal_id, given.id)) as asked:
            command = read_fields(kind, given.fields)
            asked.by = command.by
            verdict = await self._deals().command(given.deal_id, command, command_id=given.id)
            asked.result = "undecided" if not verdict.decided else "done" if verdict.accepted else "refused"
        return CommandAnswered(verdict.accepted, verdict.decided, verdict.text)

    @sync_operation
    async def read_deal(self, _ctx: StartOperationContext, given: DealToRead) -> DealRead:
        """Say where a deal stands."""
        try:
            snapshot = await self._deals().snapshot(given.deal_id)
        except DealError as error:
            raise _told(error) from error
        return DealRead(snapshot.model_dump(mode="json", exclude_none=True))

    @asynccontextmanager
    async def _asked(self, ctx: StartOperationContext, asked: Asked) -> AsyncIterator[Asked]:
        """Do what is asked for in this block, and note it; an error is told in Nexus's words."""
        asked.endpoint, asked.workflow = temporalio.nexus.info().endpoint, _workflow_in(ctx)
        try:
            yield asked
        except (DealError, BadInput) as error:
            told, asked.opened_now = _told(error), isinstance(error, DealNotLetIn) or None
            if told.type is not HandlerErrorType.UNAVAILABLE:
                await self._note(asked)
            raise told from error
        await self._note(asked)

    def _deals(self) -> DealClient:
        return DealClient(temporalio.nexus.client(), _WAIT, task_queue=self._task_queue)


def _named(what: str, name: str, known: Mapping[str, type[T]]) -> type[T]:
    if name not in known:
        text = sentences(f"there is no {what} {quoted(name)}", did_you_mean(name, list(known)))
        raise HandlerError(text, type=HandlerErrorType.BAD_REQUEST)
    return known[name]


def _told(error: DealError | BadInput) -> HandlerError:
    return HandlerError(str(error), type=next(told for kind, told in _TYPES.items() if isinstance(error, kind)))


def _workflow_in(ctx: StartOperationContext) -> str | None:
    """The workflow that calls: ``temporal:///namespaces/<namespace>/workflows/<id>/…`` in its link."""
    for link in ctx.inbound_links:
        match urlsplit(link.url).path.split("/"):
            case ["", "namespaces", namespace, "workflows", id_, *_]:
                return f"{unquote(namespace)}/{unquote(id_)}"
    return None
