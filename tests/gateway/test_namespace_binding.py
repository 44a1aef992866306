"""A gateway that started while Temporal was away: no deal is written to before it is known whose they are."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, cast

import pytest
from temporalio.client import OutboundInterceptor
from temporalio.service import RPCError

from gateway.namespace_binding import NamespaceBinding
from runtime.connection import ServerAway
from runtime.store_binding import StoreMismatch


class Server(OutboundInterceptor):
    """Where calls end."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    async def start_workflow(self, input: Any) -> Any:  # noqa: A002, ARG002
        self.calls.append("start_workflow")

    async def signal_workflow(self, input: Any) -> None:  # noqa: A002, ARG002
        self.calls.append("signal_workflow")

    async def start_workflow_update(self, input: Any) -> Any:  # noqa: A002, ARG002
        self.calls.append("start_workflow_update")


WRITES = ["start_workflow", "signal_workflow", "start_workflow_update"]


def answers(*said: Exception | None) -> Callable[[], Awaitable[None]]:
    left = iter(said)

    async def check() -> None:
        if (error := next(left)) is not None:
            raise error

    return check


async def settled(binding: NamespaceBinding, said: Sequence[Exception | None]) -> bool:
    """Returns whether the gateway is to stop."""
    stop = asyncio.Event()
    await binding.settle(answers(*said), stop, timedelta())
    return stop.is_set()


@pytest.mark.parametrize("write", WRITES)
async def test_no_deal_is_written_to_before_it_is_known_whose_it_is(write: str) -> None:
    server, binding = Server(), NamespaceBinding(known=False)
    guarded = binding.intercept_client(server)
    with pytest.raises(RPCError, match="not known yet"):
        await getattr(guarded, write)(cast("Any", None))
    assert server.calls == []
    assert await settled(binding, [ServerAway("away"), ServerAway("still away"), None]) is False
    await getattr(guarded, write)(cast("Any", None))
    assert server.calls == [write]


async def test_a_gateway_with_the_store_of_other_deals_stops_once_it_knows() -> None:
    binding = NamespaceBinding(known=False)
    assert await settled(binding, [ServerAway("away"), StoreMismatch("they belong to another store")]) is True
    assert str(binding.mismatch) == "they belong to another store"
    assert not binding.known


async def test_a_gateway_that_knew_from_the_start_asks_nobody() -> None:
    assert await settled(NamespaceBinding(), []) is False
