"""A command on its way to a deal, until its verdict or the end of the caller's wait."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from temporalio.client import WorkflowHandle, WorkflowQueryFailedError, WorkflowUpdateFailedError, WorkflowUpdateStage
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from dealwright.client.errors import CommandRefused, DealFinished, TemporalAway
from dealwright.client.rpc import between_runs, payload_of, within
from dealwright.commands import Command
from dealwright.decision import Verdict
from dealwright.fingerprints import fingerprint

Run = WorkflowHandle[Any, Any]  # the workflow's class is the worker's; this side knows it by its names

_MET_THE_END = {"AcceptedUpdateCompletedWorkflow", "UnprocessedUpdate"}
"""Types of the failure of an update whose run ended before it was answered, or before it was looked at."""
_UNDECIDED = Verdict(accepted=True, decided=False, text="Recorded, not yet decided. Ask again with the same id.")
_PAUSE, _LONGEST_PAUSE = 0.1, 1.0
"""Seconds between two tries (wall clock)."""
_LAST_QUESTION = 2.0
"""Seconds for the question that follows a verdict, however late that came."""


@dataclass(frozen=True, kw_only=True)
class Asking:
    """One command, asked under one id however often it takes."""

    run: Run
    is_running: Callable[[], Awaitable[bool]]
    """Whether the deal still runs; raises ``NoSuchDeal``."""
    deal_id: str
    command: Command
    id: str
    end: float
    """When the caller stops waiting, by the event loop's clock."""

    async def verdict(self) -> Verdict:
        """The verdict, or one that says that it is still to come.

        Raises:
            CommandRefused, DealFinished, NoSuchDeal, TemporalAway: see ``DealClient.command``.
        """
        while (verdict := await self._ask()) is None:
            if self._left() < _PAUSE:
                raise TemporalAway("the deal is between two runs", self.id)
            await asyncio.sleep(_PAUSE)
        return verdict if verdict.decided else await self._later()

    async def is_about_another(self, *, surely: bool) -> bool:
        """Whether the deal had another command under this id: the verdict then is that one's.

        The server answers an update's id with the first answer, whatever came with it. A deal whose worker does not
        know the question is believed.

        Raises:
            TemporalAway: it is not known, and has to be known ``surely``.
        """
        try:
            content = await within(max(self._left(), _LAST_QUESTION), self.run.query("content", self.id), self.id)
        except RPCError:
            return False
        except TemporalAway as error:
            if surely and not isinstance(error.__cause__, WorkflowQueryFailedError):
                raise
            return False
        return content not in (None, fingerprint(self.command.name, json.dumps(payload_of(self.command))))

    def _left(self) -> float:
        return max(self.end - asyncio.get_running_loop().time(), 0)

    async def _ask(self) -> Verdict | None:
        """The verdict; None when the deal was between two runs, or its next run has to be asked."""
        name, stage = self.command.name, WorkflowUpdateStage.ACCEPTED
        sending = self.run.start_update(name, payload_of(self.command), id=self.id, wait_for_stage=stage)
        try:
            taken = await within(self._left(), sending, self.id)
        except RPCError as error:
            if between_runs(error) or await self.is_running():
                return None
            raise DealFinished(self.deal_id) from error
        try:
            return Verdict.model_validate(await within(self._left(), taken.result(), self.id))
        except TemporalAway:
            return _UNDECIDED
        except RPCError:
            return None
        except WorkflowUpdateFailedError as error:
            if isinstance(error.cause, ApplicationError) and error.cause.type in _MET_THE_END:
                return None
            raise CommandRefused(self.deal_id, str(error.cause)) from error

    async def _later(self) -> Verdict:
        """The verdict of a command that is recorded; undecided when it does not come in time."""
        pause = _PAUSE
        while self._left() > pause:
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
            try:
                runs = await self.is_running()
                given = await within(self._left(), self.run.query("verdict", self.id))
            except (RPCError, TemporalAway):
                continue  # between two runs, or the worker is busy: it is asked again until the wait is over
            if given is not None:
                return Verdict.model_validate(given)
            if not runs:  # it ended before it came to this command
                raise DealFinished(self.deal_id)
        return _UNDECIDED
