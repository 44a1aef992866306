"""Heartbeats of all activities, so that a killed worker is noticed in seconds."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor


class Heartbeats(Interceptor):
    """Every activity that was started with a heartbeat time-out gives its signs of life by itself.

    An attempt that its workflow no longer waits for is not broken off: in the middle of a call to the outside,
    nobody would know what became of it. Only a worker that has to stop breaks off.
    """

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - the SDK's
        """Put the heartbeats around the activity."""
        return _Beating(super().intercept_activity(next))


class _Beating(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002, ANN401 - the SDK's signature
        silence = activity.info().heartbeat_timeout
        if not silence:
            return await self.next.execute_activity(input)
        work = asyncio.ensure_future(self.next.execute_activity(input))
        beat = _Beat(silence / 4)
        try:
            while not work.done():
                await _until_done(work)
        finally:
            beat.stop()
        return work.result()


class _Beat:
    """One heartbeat after another. An activity that is done before the first one costs no call."""

    def __init__(self, every: timedelta) -> None:
        self._every = every.total_seconds()
        self._next = asyncio.get_running_loop().call_later(self._every, self._give)

    def stop(self) -> None:
        self._next.cancel()

    def _give(self) -> None:
        activity.heartbeat()
        self._next = asyncio.get_running_loop().call_later(self._every, self._give)


async def _until_done(work: asyncio.Future[Any]) -> None:
    try:
        await asyncio.wait({work})
    except asyncio.CancelledError:
        details = activity.cancellation_details()
        if details is None or details.worker_shutdown:
            work.cancel()
            raise
