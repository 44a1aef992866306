"""The lists of one tool: what a deal puts there, what people do there, and what the deal hears of it."""

from __future__ import annotations

from dataclasses import dataclass

from dealwright.effects import CloseTask, CreateTask, Outcome
from integrations.kit.ports import TaskLists
from store import intake, links
from store.intake import IntakeState
from store.intake_rows import IntakeRow
from tests.activities.conftest import Worker
from tests.integrations.tasks.effects import a_task, id_of, until_settled
from tests.integrations.tasks.tools import Shown, TaskTool
from tests.integrations.told import Told


@dataclass(kw_only=True)
class Lists(Told):
    """One installation's, in one account of a tool."""

    tool: TaskTool
    worker: Worker
    tasks: TaskLists

    async def settle(self, effect: CreateTask | CloseTask) -> Outcome:
        """What became of an effect."""
        return await until_settled(self.worker, self.tasks, effect)

    async def has(self, effect: CreateTask) -> list[Shown]:
        """The tasks that were made for an effect."""
        return self.tool.found(await self.running.state(), effect)

    async def made(self) -> tuple[CreateTask, str]:
        """A task that is on its list, and the tool's id of it."""
        effect = a_task()
        return effect, id_of(await self.settle(effect))

    async def do(self, what: str, id_: str) -> None:
        """What somebody does with a task: ``complete`` it, ``drop`` (delete) it."""
        await self.running.change(do=what, task=id_ if self.tool.name == "apollo" else int(id_))

    async def told_of(self, effect: CreateTask) -> list[IntakeRow]:
        """What webhooks and one more reading have brought to the deal of a task by now, each once."""
        await self.hear()
        await self.look()
        return await self.in_intake(effect)

    async def in_intake(self, effect: CreateTask) -> list[IntakeRow]:
        """What waits in the intake to be told of a task."""
        rows = await intake.recent(self.store, state=IntakeState.WAITING, limit=1000)
        return [row for row in rows if row.payload.get("task") == effect.task]

    async def deal_of(self, row: IntakeRow) -> str | None:
        """The deal that it is told to."""
        return await links.deal_of(self.store, self.name, row.deal_ref or "") or row.deal_ref
