"""People who answer in the simulated Slack workspace of the demo."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from demo.director import StoryFailed
from integrations.kit.simulator.process import RunningSimulator

_LOOKS, _LOOK_EVERY = 300, 0.1


class SlackPeople:
    """What they do in Slack's own windows."""

    def __init__(self, workspace: RunningSimulator) -> None:
        self._workspace = workspace

    async def press(self, email: str, label: str, about: str) -> None:
        """Wait until somebody is asked about something in their direct messages, and press a button there."""
        for _ in range(_LOOKS):
            state: Any = await self._workspace.state()
            user = next(one["id"] for one in state["users"].values() if one["email"] == email)
            for message, button in _buttons_of(state, user):
                if button["text"]["text"] == label and about in str(message["blocks"]):
                    place = {name: message[name] for name in ("channel", "ts")}
                    chosen = {name: button[name] for name in ("action_id", "value")}
                    await self._workspace.change(do="press", user=user, **place, **chosen)
                    return
            await asyncio.sleep(_LOOK_EVERY)
        raise StoryFailed(f"{email} looked in vain for a button {label!r} in Slack")


def _buttons_of(state: dict[str, Any], user: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """The buttons in somebody's direct messages, each with its message."""
    for message in state["messages"]:
        if state["conversations"][message["channel"]]["user"] == user:
            rows = (block["elements"] for block in message["blocks"] if block["type"] == "actions")
            yield from ((message, button) for row in rows for button in row)
