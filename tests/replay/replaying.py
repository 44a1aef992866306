"""Replaying a stored history, and rewriting what was recorded in it as another release would have."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from runtime.plugin import deals_plugin
from workflows.deal import DealWorkflow

HISTORIES = sorted((Path(__file__).parent / "histories").glob("*.json.gz"))
Json = dict[str, Any]

WHAT_TO_DO = """
This deal would stop for ever once the release is deployed: its history does not replay with this code.

What must stay replayable is small: workflows/ (the shell), dealwright/fold/ (the fold), and the recorded models
(dealwright/decision.py, entries/, effects/, state.py). Look at what the change did to them:
  - a rule in dealwright/rules/ or dealwright/playbook/ can never cause this; did one move into the shell or the fold?
  - commands (activities, timers, upserts, continue-as-new) must come in the order of the recorded decisions;
  - recorded models grow by optional fields only; nothing is renamed, retyped or required anew;
  - a change to the shell that is really needed goes behind workflow.patched().
Mend the change. Do not record the history anew: it stands for deals that are in flight.
"""


class DoesNotReplay(AssertionError):
    """A stored history does not replay with this code."""

    def __init__(self, name: str, failure: BaseException) -> None:
        super().__init__(f"{name}: {failure}\n{WHAT_TO_DO}")


def history_in(path: Path) -> Json:
    """The history in a file, as Temporal's JSON."""
    history: Json = json.loads(gzip.decompress(path.read_bytes()))
    return history


def activities_in(history: Json) -> set[str]:
    """The names of the activities that a history holds."""
    begun = (event.get("activityTaskScheduledEventAttributes") for event in history["events"])
    return {one["activityType"]["name"] for one in begun if one}


async def replay(name: str, history: Json) -> None:
    """Replay a history from its first event.

    Raises:
        DoesNotReplay: what to look at.
    """
    workflow_id = next(
        event["workflowExecutionStartedEventAttributes"]["workflowId"] for event in history["events"][:1]
    )
    replayer = Replayer(workflows=[DealWorkflow], plugins=[deals_plugin()])
    result = await replayer.replay_workflow(
        WorkflowHistory.from_json(workflow_id, history), raise_on_replay_failure=False
    )
    if result.replay_failure is not None:
        raise DoesNotReplay(name, result.replay_failure)


def decisions_changed(history: Json, change: Callable[[Json], object]) -> int:
    """Rewrite every decision in a history, in place; returns how many there were."""
    changed = 0
    for event in history["events"]:
        details = event.get("markerRecordedEventAttributes", {}).get("details", {})
        for payload in details.get("result", {}).get("payloads", []):
            decision = json.loads(base64.b64decode(payload["data"]))
            change(decision)
            payload["data"] = base64.b64encode(json.dumps(decision).encode()).decode()
            changed += 1
    return changed
