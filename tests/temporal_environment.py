"""A namespace, a worker and waiting, for tests on a real Temporal server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import uuid4

from temporalio.client import Client

from dealwright.decision import SEARCH_ATTRIBUTES
from local.server.namespace import ensure_namespace
from runtime.plugin import deals_plugin
from runtime.settings import Settings
from store import bundles
from store.database import Store
from worker import compose

QUIET = "quiet"
"""A playbook that does nothing by itself: stages to move through, and ends."""
_QUIET_TEXT = """
playbook: quiet
roles:
  rep: {title: Whoever sells}
ends:
  - {when: deal_lost, as: lost}
stages:
  - {name: research, owner: rep, leave_when: lead_qualified}
  - {name: outreach, owner: rep, leave_when: meeting_booked}
  - {name: presentation, owner: rep}
"""


async def new_namespace(address: str, what: str = "tests") -> Client:
    """A client in a new namespace, where no other test has deals and no other worker polls."""
    namespace = f"{what}-{uuid4().hex[:8]}"
    await ensure_namespace(address, namespace, SEARCH_ATTRIBUTES, patience=timedelta(minutes=2))
    return await Client.connect(address, namespace=namespace, plugins=[deals_plugin()])


@asynccontextmanager
async def running_worker(client: Client, store: Store, *, also_named: str = QUIET) -> AsyncIterator[None]:
    """A real worker, with the quiet playbook published, under another name too."""
    for name in {QUIET, also_named}:
        await bundles.publish(store, name, {"playbook.yaml": _QUIET_TEXT})
    async with await compose(client, store, Settings(drain_seconds=0)):
        yield


def new_deal_id(what: str = "deal") -> str:
    """A deal id that no other test uses."""
    return f"{what}-{uuid4().hex[:12]}"


async def wait_until(condition: Callable[[], Awaitable[bool]], seconds: float = 120) -> None:
    """Wait for something that happens in another process; patient, for a machine may have other things to do."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - nothing in this process is told when it happens
            await asyncio.sleep(0.02)
