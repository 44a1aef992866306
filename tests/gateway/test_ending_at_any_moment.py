"""The gateway's background tasks end when they are told to, also in the moment in which something wakes them."""

from __future__ import annotations

import asyncio

import pytest

from dealwright.client.deal_client import DealClient
from gateway.webhooks.dispatch import Dispatcher
from store.database import Store


class Idle(Dispatcher):
    """Never has anything to send."""

    async def run_round(self) -> bool:
        return False

    async def clean_up(self) -> None:
        return None


async def turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


@pytest.mark.parametrize("moment", range(6))
async def test_the_dispatcher_ends_however_soon_after_an_event_it_is_told_to(
    store: Store, away: DealClient, moment: int
) -> None:
    dispatcher = Idle(store, away, frozenset())
    running = asyncio.create_task(dispatcher.run())
    await turns(10)  # by now it waits for events

    dispatcher.wake()
    await turns(moment)
    running.cancel()

    await asyncio.wait([running], timeout=5)
    assert running.cancelled()
