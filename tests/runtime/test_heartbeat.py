from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from temporalio import activity
from temporalio.activity import ActivityCancellationDetails
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from runtime.heartbeat import Heartbeats

Work = Callable[[], Awaitable[str]]


class Running(ActivityInboundInterceptor):
    """Where the SDK calls the activity itself."""

    def __init__(self) -> None:
        """Nothing comes after it."""

    async def execute_activity(self, input: ExecuteActivityInput) -> object:  # noqa: A002 - the SDK's name
        return await input.fn(*input.args)


class FakeAttempt:
    """One attempt at an activity, in the SDK's own environment."""

    def __init__(self, work: Work, heartbeat_timeout: timedelta | None = timedelta(seconds=0.2)) -> None:
        self.environment = ActivityEnvironment()
        self.environment.info = dataclasses.replace(self.environment.info, heartbeat_timeout=heartbeat_timeout)
        self.environment.on_heartbeat = self._beat
        self.beats = 0
        self.beaten = asyncio.Event()
        self._work = work

    async def run(self) -> object:
        called = ExecuteActivityInput(fn=self._work, args=(), executor=None, headers={})
        return await self.environment.run(Heartbeats().intercept_activity(Running()).execute_activity, called)

    def _beat(self, *_: object) -> None:
        self.beats += 1
        if self.beats == 3:
            self.beaten.set()


async def at_once() -> str:
    return "done"


async def failing() -> str:
    raise ValueError("refused")


async def test_an_activity_that_takes_long_gives_signs_of_life_until_it_is_done() -> None:
    async def long() -> str:
        await attempt.beaten.wait()
        return "done"

    attempt = FakeAttempt(long)
    assert await attempt.run() == "done"
    assert attempt.beats == 3


async def test_an_activity_that_is_soon_done_costs_no_call() -> None:
    attempt = FakeAttempt(at_once)
    assert await attempt.run() == "done"
    assert attempt.beats == 0


async def test_an_activity_without_a_heartbeat_timeout_is_left_alone() -> None:
    attempt = FakeAttempt(at_once, heartbeat_timeout=None)
    assert await attempt.run() == "done"


async def test_an_error_of_the_activity_is_its_own() -> None:
    with pytest.raises(ValueError, match="refused"):
        await FakeAttempt(failing).run()


@pytest.mark.parametrize("why", ["not_found", "timed_out", "cancel_requested", "paused"])
async def test_an_attempt_that_nobody_waits_for_any_more_is_not_broken_off(why: str) -> None:
    begun, answer = asyncio.Event(), asyncio.Event()

    async def handing_over() -> str:
        begun.set()
        await answer.wait()
        return "handed over"

    attempt = FakeAttempt(handing_over)
    running = asyncio.create_task(attempt.run())
    await begun.wait()
    attempt.environment.cancel(ActivityCancellationDetails(**{why: True}))
    await attempt.beaten.wait()
    answer.set()
    assert await running == "handed over"


async def test_an_attempt_is_broken_off_by_a_worker_that_has_to_stop() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def never_ending() -> str:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return activity.info().activity_type

    attempt = FakeAttempt(never_ending)
    running = asyncio.create_task(attempt.run())
    await begun.wait()
    attempt.environment.cancel(ActivityCancellationDetails(worker_shutdown=True))
    with pytest.raises(asyncio.CancelledError):
        await running
    await ended.wait()
