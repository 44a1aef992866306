"""Record the demo's histories anew: ``python -m tests.replay.record``.

Stored histories stand for deals that are in flight when a release is deployed. Record new ones only beside the old
ones of a release that is out; what fails to replay is a change to mend, not a history to replace.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import tempfile
from pathlib import Path

from rich.console import Console

from dealwright.identity import workflow_id
from demo.director import Director
from demo.run import STORIES
from local.stack import Ports, Stack, local_stack

HISTORIES = Path(__file__).parent / "histories"


async def record() -> None:
    """Tell every story of the demo on a server of its own, and keep each run's history."""
    with tempfile.TemporaryDirectory() as directory:
        async with local_stack(Path(directory), Ports(), Console(stderr=True), virtual_clocks=True) as stack:
            await asyncio.gather(*(_record(stack, letter) for letter in STORIES))


async def _record(stack: Stack, letter: str) -> None:
    if stack.skipper is None:
        raise TypeError("the stories need clocks of their own")
    account, _, tell = STORIES[letter]
    deal = Director(letter, f"{account}-recorded", stack.deals, stack.skipper, stack.gateway_url)
    await tell(deal)
    runs = [run async for run in stack.client.list_workflows(f'WorkflowId = "{workflow_id(deal.deal_id)}"')]
    for number, run in enumerate(sorted(runs, key=lambda run: run.start_time), start=1):
        history = await stack.client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history()
        path = HISTORIES / f"{letter}-{account}-run{number}.json.gz"
        path.write_bytes(gzip.compress(json.dumps(history.to_json_dict()).encode(), mtime=0))


if __name__ == "__main__":
    HISTORIES.mkdir(exist_ok=True)
    asyncio.run(record())
