"""What people do in a simulated tool: named actions, each with what it needs, answered with what it changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from pydantic import JsonValue

from integrations.kit.simulator.simulator import BadChange


class Shown(Protocol):
    """Something that the tool shows."""

    def shown(self) -> dict[str, JsonValue]:
        """As its API shows it."""


Action = Callable[[dict[str, JsonValue]], Shown]


def done(change: dict[str, JsonValue], actions: Mapping[str, Action]) -> JsonValue:
    """Do what ``do`` of a change names, and show what it changed.

    Raises:
        BadChange: there is no such action, or it lacks something, or names what is not there.
    """
    action = actions.get(str(change.get("do")))
    if action is None:
        raise BadChange(f"do is one of {', '.join(actions)}")
    try:
        return action(change).shown()
    except KeyError as error:
        raise BadChange(f"{error.args[0]} is missing, or unknown") from error
