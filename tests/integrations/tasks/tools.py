"""The tools whose lists tasks may come onto: one entry each, with what its simulator calls things.

A new one needs an entry here; how it is connected, made and read its entry in the registry says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from dealwright.effects import CreateTask
from integrations.kit.own_tasks import mark_of
from integrations.salesloft.tasks import key_of

Standing: TypeAlias = Literal["open", "done", "skipped"]


@dataclass(frozen=True)
class Shown:
    """A task as it stands in a simulator."""

    id: str
    standing: Standing
    resolutions: int
    """How often it was completed or skipped."""


@dataclass(frozen=True, kw_only=True)
class TaskTool:
    """One tool, and what is its own of what all such tools do."""

    name: str
    title: str
    found: Callable[[Any, CreateTask], list[Shown]]
    """The tasks in its simulator's state that were made for an effect."""
    makes: str
    """The call that makes a task, as ``switch(only=…)`` takes it; likewise those that follow."""
    shows: str
    completes: str
    calls_off: str
    """What takes a task off the list that nobody wants any more."""
    called_off: Standing | None
    """What becomes of it then; None where it is deleted."""
    options: dict[str, str] = field(default_factory=dict)
    """Of its simulator: for so many tests in one minute."""
    renews: bool = False
    """Whether an installation has to be let in anew, as a refresh token is good once."""


def _apollo(state: Any, effect: CreateTask) -> list[Shown]:
    standing: dict[str, Standing] = {"scheduled": "open", "completed": "done", "skipped": "skipped"}
    return [
        Shown(str(one["id"]), standing[one["status"]], one["resolutions"])
        for one in state["tasks"].values()
        if mark_of(effect.task) in (one["note"] or "")
    ]


def _outreach(state: Any, effect: CreateTask) -> list[Shown]:
    return [
        Shown(str(one["id"]), "open" if one["completed"] is None else "done", one["completions"])
        for one in state["tasks"].values()
        if mark_of(effect.task) in (one["note"] or "")
    ]


def _salesloft(state: Any, effect: CreateTask) -> list[Shown]:
    return [
        Shown(str(one["id"]), "open" if one["completed"] is None else "done", one["completions"])
        for one in state["tasks"].values()
        if one["key"] == key_of(effect.task)
    ]


APOLLO = TaskTool(
    name="apollo", title="Apollo", found=_apollo, makes="POST /api/v1/tasks$", shows="GET /api/v1/tasks/",
    completes="/complete$", calls_off="/skip$", called_off="skipped", options={"minute": "4000"},
)  # fmt: skip
OUTREACH = TaskTool(
    name="outreach", title="Outreach", found=_outreach, makes="POST /api/v2/tasks$", shows="GET /api/v2/tasks/",
    completes="/actions/markComplete$", calls_off="DELETE /api/v2/tasks/", called_off=None, renews=True,
)  # fmt: skip
SALESLOFT = TaskTool(
    name="salesloft", title="Salesloft", found=_salesloft, makes="POST /v2/tasks$", shows="GET /v2/tasks/",
    completes="PUT /v2/tasks/", calls_off="PUT /v2/tasks/", called_off="done", options={"points": "100000"},
)  # fmt: skip
TASK_TOOLS = (APOLLO, OUTREACH, SALESLOFT)
