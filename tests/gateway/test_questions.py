"""Questions in other tools are looked after in the background, each tool by itself."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta

from pydantic import JsonValue

from dealwright.decision import Verdict
from gateway.webhooks.questions import Questions
from integrations.kit.commands import GivenCommand
from integrations.kit.errors import NotHandedOver

AT_ONCE = timedelta(milliseconds=1)


class Tool:
    """A tool that fails so often, and then says that it was looked after."""

    def __init__(self, *failures: Exception) -> None:
        self.failures, self.settled = list(failures), asyncio.Event()

    async def read(self, what: JsonValue) -> GivenCommand:
        raise NotImplementedError

    async def tell(self, what: JsonValue, verdict: Verdict) -> None:
        raise NotImplementedError

    async def settle(self) -> None:
        if self.failures:
            raise self.failures.pop()
        self.settled.set()


async def looked_after(*tools: Tool) -> None:
    questions = Questions({str(place): tool for place, tool in enumerate(tools)}, AT_ONCE, AT_ONCE)
    running = asyncio.create_task(questions.run())
    async with asyncio.timeout(10):
        await asyncio.gather(*(tool.settled.wait() for tool in tools))
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_a_tool_that_was_away_is_looked_after_once_it_is_back() -> None:
    await looked_after(Tool(NotHandedOver("it is away"), NotHandedOver("it is away")))


async def test_a_fault_of_ours_ends_nothing() -> None:
    await looked_after(Tool(KeyError("of ours")))


async def test_a_tool_that_is_away_for_good_holds_up_no_other() -> None:
    away, here = Tool(*[NotHandedOver("it is away")] * 10_000), Tool()
    questions = Questions({"away": away, "here": here}, AT_ONCE, timedelta(hours=1))
    running = asyncio.create_task(questions.run())
    async with asyncio.timeout(10):
        await here.settled.wait()
    running.cancel()
    assert not away.settled.is_set()
