"""Tasks of Salesloft's API: made once under a key, changed, completed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from integrations.salesloft.simulator.api import Tell, invalid, problem
from integrations.salesloft.simulator.team import Task, Team


class _New(BaseModel):
    model_config = ConfigDict(extra="forbid")
    subject: str = Field(min_length=1)
    person_id: int | None = None
    user_id: int = 1
    task_type: Literal["call", "email", "general"] = "general"
    due_date: date | None = None
    description: str | None = None
    idempotency_key: str | None = None


class _Change(BaseModel):
    model_config = ConfigDict(extra="forbid")
    current_state: Literal["scheduled", "completed"] | None = None
    is_logged: bool | None = None


class TasksApi:
    """The paths that change tasks. ``tell`` has subscribers told of a task."""

    def __init__(self, team: Team, now: Callable[[], datetime], tell: Tell) -> None:
        self._team, self._now, self._tell = team, now, tell

    def routes(self) -> Sequence[BaseRoute]:
        """All of them."""
        return [
            Route("/v2/tasks", self._create, methods=["POST"]),
            Route("/v2/tasks/{id:int}", self._change, methods=["PUT"]),
        ]

    def complete(self, one: Task) -> None:
        """Somebody has done it."""
        one.completed = one.updated = self._now()
        one.completions += 1
        self._tell("task_completed", one)

    async def _create(self, request: Request) -> Response:
        try:
            given = _New.model_validate(from_json(await request.body()))
        except (ValidationError, ValueError) as error:
            return _wrong(error)
        if given.person_id is not None and given.person_id not in self._team.people:
            return invalid(person_id="is invalid")
        if given.user_id not in {one.id for one in self._team.users}:
            return invalid(user_id="is invalid")
        keys = {one.key for one in self._team.tasks.values()}
        if given.idempotency_key is not None and given.idempotency_key in keys:
            return invalid(idempotency_key="has already been taken")
        now = self._now()
        made = Task(
            id=self._team.new_id(), created=now, updated=now, subject=given.subject, user=given.user_id,
            person=given.person_id, kind=given.task_type, description=given.description, key=given.idempotency_key,
            due_date=given.due_date.isoformat() if given.due_date else None,
        )  # fmt: skip
        self._team.tasks[made.id] = made
        self._tell("task_created", made)
        return JSONResponse({"data": made.shown()})

    async def _change(self, request: Request) -> Response:
        one = self._team.tasks.get(request.path_params["id"])
        if one is None:
            return problem(404, "Not Found")
        try:
            given = _Change.model_validate(from_json(await request.body()))
        except (ValidationError, ValueError) as error:
            return _wrong(error)
        if given.current_state == "completed" and one.completed is None:
            self.complete(one)
        return JSONResponse({"data": one.shown()})


def _wrong(error: ValueError) -> Response:
    field = str(error.errors()[0]["loc"][0]) if isinstance(error, ValidationError) else "body"
    return invalid(**{field: "is invalid"})
