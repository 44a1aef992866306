"""Record the demo's histories: ``python -m tests.replay.record f`` records that of story (f).

Stored histories stand for deals that are in flight when a release is deployed. Record new ones only beside the old
ones of a release that is out; what fails to replay is a change to mend, not a history to replace.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from dealwright.identity import workflow_id
from demo.director import Director
from demo.hubspot_people import HubSpotPeople
from demo.run import IN_HUBSPOT, SIMULATED, STORIES
from local.stack import Ports, Stack, local_stack

HISTORIES = Path(__file__).parent / "histories"
_IN_HUBSPOT = "fern"


async def record(letters: Sequence[str]) -> None:
    """Tell these stories of the demo on a server of their own, and keep each run's history."""
    with tempfile.TemporaryDirectory() as directory:
        starting = local_stack(
            Path(directory), Ports(), Console(stderr=True), virtual_clocks=True, simulated=SIMULATED
        )  # fmt: skip
        async with starting as stack:
            await asyncio.gather(*(_record(stack, letter) for letter in letters))


async def _record(stack: Stack, letter: str) -> None:
    if stack.skipper is None:
        raise TypeError("the stories need clocks of their own")
    if letter == IN_HUBSPOT[0]:
        account, tell = _IN_HUBSPOT, IN_HUBSPOT[2]
        _, deal_id = await HubSpotPeople(stack.simulators["hubspot"]).begin("Fern: team plan", amount="18000")
    else:
        account, _, tell = STORIES[letter]
        deal_id = f"{account}-recorded"
    await tell(Director(letter, deal_id, stack.deals, stack.skipper, stack.gateway_url, stack.simulators))
    runs = [run async for run in stack.client.list_workflows(f'WorkflowId = "{workflow_id(deal_id)}"')]
    for number, run in enumerate(sorted(runs, key=lambda run: run.start_time), start=1):
        history = await stack.client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history()
        path = HISTORIES / f"{letter}-{account}-run{number}.json.gz"
        path.write_bytes(gzip.compress(json.dumps(history.to_json_dict()).encode(), mtime=0))


if __name__ == "__main__":
    HISTORIES.mkdir(exist_ok=True)
    asyncio.run(record(sys.argv[1:] or [*STORIES, IN_HUBSPOT[0]]))
