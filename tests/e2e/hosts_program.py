"""A service with packages of its own that are named as the worker's are. Run where only the client is installed."""

from __future__ import annotations

import asyncio
import json
import sys
from importlib import import_module
from importlib.util import find_spec

from dealwright import DealClient, LeadQualified


async def told(deal_id: str) -> list[object]:
    """What a deal answers that is opened, told something and looked at."""
    client = await DealClient.connect()
    opened = await client.open({"id": deal_id, "source": "inbound"})
    fact = await client.record(deal_id, LeadQualified(level="sql", id="form-1"))
    seen = await client.snapshot(deal_id)
    await asyncio.sleep(0.05)
    return [opened.let_in, fact, seen.deal_id]


deal_id, *its_own = sys.argv[1:]
found = {
    "its own": [import_module(name).WHOSE for name in its_own],
    "brought": [name for name in ("yaml", "jinja2", "gateway", "runtime") if find_spec(name)],
    "told": asyncio.run(told(deal_id)),
}
sys.stdout.write(json.dumps(found))
