"""Whether the gateway's store is known to be that of the Temporal namespace. Until it is, no deal is written to.

A gateway that starts while Temporal is away takes webhooks all the same: they are kept, and their sources do not have
to send them again. What it keeps goes to deals only once the namespace has said that they are this store's.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.client import (
    Client,
    Interceptor,
    OutboundInterceptor,
    SignalWorkflowInput,
    StartWorkflowInput,
    StartWorkflowUpdateInput,
    WorkflowHandle,
    WorkflowUpdateHandle,
)
from temporalio.service import RPCError, RPCStatusCode
from typing_extensions import override

from runtime.connection import NotReady
from runtime.store_binding import StoreMismatch
from store.errors import StoreAway

log = logging.getLogger(__name__)

_ASKED_EVERY = timedelta(seconds=2)


@dataclass
class NamespaceBinding(Interceptor):
    """What is known so far; a client with this interceptor writes to no deal before it is ``known``."""

    known: bool = True
    mismatch: StoreMismatch | None = None

    async def settle(
        self, check: Callable[[], Awaitable[object]], stop: asyncio.Event, every: timedelta = _ASKED_EVERY
    ) -> None:
        """Ask until the namespace has answered; ``stop`` is set if it belongs to another store."""
        while not self.known:
            try:
                await check()
            except StoreMismatch as error:
                self.mismatch = error
                stop.set()
                return
            except (NotReady, StoreAway) as error:
                log.info("%s", error)
                await asyncio.sleep(every.total_seconds())
            else:
                self.known = True
                log.warning("Temporal answers: what was kept meanwhile is passed on")

    def problem(self) -> str | None:
        """Why no deal is written to, if none is."""
        return None if self.known else "it is not known yet whether the namespace's deals are those of this store"

    def guarding(self, client: Client) -> Client:
        """A client of the same connection that writes to no deal before it is known whose they are."""
        config = client.config()
        config["interceptors"] = [*config["interceptors"], self]
        return Client(**config)

    @override
    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        return _Guarded(self, next)


class _Guarded(OutboundInterceptor):
    def __init__(self, binding: NamespaceBinding, inner: OutboundInterceptor) -> None:
        super().__init__(inner)
        self._binding = binding

    @override
    async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:
        self._require_known()
        return await super().start_workflow(input)

    @override
    async def signal_workflow(self, input: SignalWorkflowInput) -> None:
        self._require_known()
        await super().signal_workflow(input)

    @override
    async def start_workflow_update(self, input: StartWorkflowUpdateInput) -> WorkflowUpdateHandle[Any]:
        self._require_known()
        return await super().start_workflow_update(input)

    def _require_known(self) -> None:
        if not self._binding.known:
            raise RPCError(
                "it is not known yet whether its deals are those of this store", RPCStatusCode.UNAVAILABLE, b""
            )
