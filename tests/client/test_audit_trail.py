"""What a service asks of deals stands in the audit trail soon, though it never comes near the gateway."""

from __future__ import annotations

import pytest

from dealwright.client.deal_client import DealClient
from dealwright.commands import Pause
from store import audit
from store.database import Store
from tests.temporal_environment import wait_until

pytestmark = pytest.mark.server


async def test_an_opening_and_a_command_by_a_service(deals: DealClient, deal_id: str, store: Store) -> None:
    await deals.command(deal_id, Pause(by="Ana", why="the buyer is on holiday"), command_id="pause-1")

    async def there() -> bool:
        return len(await audit.recent(store, deal_id=deal_id)) == 2

    await wait_until(there)
    command, opening = await audit.recent(store, deal_id=deal_id)
    assert (opening.caller, opening.operation, opening.result) == ("temporal", "open_deal", "done")
    assert (command.caller, command.operation, command.by, command.idempotency_key) == (
        "temporal", "give_pause", "Ana", "pause-1",
    )  # fmt: skip
