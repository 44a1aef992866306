"""Counts what stands in Slack after the demo, beside what the ledger says and what became of the work asked there."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from integrations.kit.simulator.process import RunningSimulator
from store import asked_work, ledger
from store.asked_work import AskedWork
from store.database import Store
from store.work_messages import WorkMessage

_SOURCE = "slack"
_LOOK_EVERY = 0.1


@dataclass
class SlackCount:
    """What was counted; ``faults`` is empty when both sides agree."""

    messages: list[dict[str, Any]]
    """What came into the workspace."""
    notices: int = 0
    about_work: int = 0
    pressed: int = 0
    """Questions that were answered by a button."""
    faults: list[str] = field(default_factory=list)


async def count_slack(
    workspace: RunningSimulator,
    before: int,
    store: Store,
    deal_ids: Sequence[str],
    told: Sequence[WorkMessage],
    *,
    patience: timedelta = timedelta(seconds=10),
) -> SlackCount:
    """Compare the messages in the workspace, but for the first ones, with what deals and people were to be told.

    ``patience`` is how long a message may take to show what became of its questions: a gateway looks every few seconds.
    """
    notices = [effect for deal_id in deal_ids for effect in await _notices(store, deal_id)]
    work = [one.id for one in told if (one.channel, one.state) == (_SOURCE, "done")]
    questions = [question for key in work for question in await _settled(store, key, patience)]
    messages = await messages_in(workspace)
    counted = SlackCount(messages[before:], len(notices), len(work))
    wanted, there = Counter([*notices, *work]), Counter(map(_key, counted.messages))
    counted.faults += [
        f"{key}: told {wanted[key]} times in the ledger, {there[key]} times in Slack"
        for key in wanted | there
        if wanted[key] != there[key]
    ]
    for question in questions:
        counted.pressed += (question.outcome or "").endswith(f"({question.person})")
        shown = [str(one["blocks"]) for one in counted.messages if _key(one) == question.message_key]
        if not question.shown or any(question.id in blocks for blocks in shown):
            counted.faults.append(f"{question.work_id}: Slack does not show what became of it")
    return counted


async def messages_in(workspace: RunningSimulator) -> list[dict[str, Any]]:
    """The messages that stand in a workspace."""
    state: Any = await workspace.state()
    return list(state["messages"])


async def _notices(store: Store, deal_id: str) -> list[str]:
    rows = [row for row in await ledger.of_deal(store, deal_id) if row.kind == "notify"]
    return [row.effect_id for row in rows if row.result is not None and row.result.status == "done"]


async def _settled(store: Store, key: str, patience: timedelta) -> list[AskedWork]:
    """What a message asks, once the message says what became of all of it; or else after a while."""
    end = asyncio.get_running_loop().time() + patience.total_seconds()
    questions = await asked_work.of_message(store, _SOURCE, key)
    while not all(question.shown for question in questions) and asyncio.get_running_loop().time() < end:
        await asyncio.sleep(_LOOK_EVERY)
        questions = await asked_work.of_message(store, _SOURCE, key)
    return questions


def _key(message: dict[str, Any]) -> str:
    return str(((message["metadata"] or {}).get("event_payload") or {}).get("key"))
