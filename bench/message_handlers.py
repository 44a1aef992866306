"""The signals and updates of the bare workflow: one typed method each; by hand one would write out those it needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias, cast

from temporalio import workflow

from dealwright.commands import COMMANDS, Command
from dealwright.decision import Verdict
from dealwright.facts import FACTS, Fact

_TAKEN = Verdict(accepted=True, text="Taken.")

SignalHandler: TypeAlias = Callable[..., None]
UpdateHandler: TypeAlias = Callable[..., Awaitable[Verdict]]


class MessageLog:
    """The base of a workflow that takes in every fact and command, and asks nothing of them."""

    def __init__(self) -> None:
        self.heard: list[Fact | Command] = []


def _signal(name: str, fact: type[Fact]) -> SignalHandler:
    def handler(self: MessageLog, given: Fact) -> None:
        self.heard.append(given)

    handler.__annotations__ = {"given": fact, "return": None}
    handler.__name__ = handler.__qualname__ = name
    return workflow.signal(name=name)(handler)


def _update(name: str, command: type[Command]) -> object:
    async def handler(self: MessageLog, given: Command) -> Verdict:
        self.heard.append(given)
        return _TAKEN

    handler.__annotations__ = {"given": command, "return": Verdict}
    handler.__name__ = handler.__qualname__ = name
    return workflow.update(name=name)(cast("UpdateHandler", handler))


for _name, _fact in FACTS.items():
    setattr(MessageLog, _name, _signal(_name, _fact))
for _name, _command in COMMANDS.items():
    setattr(MessageLog, _name, _update(_name, _command))
