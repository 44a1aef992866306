"""Tasks of Outreach's API: made, listed, completed, deleted; and calls, by which they are done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import Response

from integrations.outreach.simulator.organization import Organization
from integrations.outreach.simulator.requests import (
    Problem,
    Related,
    Shown,
    invalid,
    json,
    missing,
    page_of,
    query_of,
    read_as,
    since_of,
)
from integrations.outreach.simulator.tasks import Task

TellTask = Callable[[Task, str], None]
Paths = list[tuple[str, str, Callable[[Request], Awaitable[Response]]]]
_OF_COMPLETING = {"actionParams[completionNote]", "actionParams[completionAction]"}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Values(_Strict):
    action: Literal["action_item", "call", "email", "in_person"]
    dueAt: AwareDatetime | None = None  # noqa: N815 - Outreach's names
    note: str | None = None


class _OfTask(_Strict):
    owner: Related | None = None
    prospect: Related | None = None


class _Data(_Strict):
    type: Literal["task"]
    attributes: _Values
    relationships: _OfTask = _OfTask()


class _Body(_Strict):
    data: _Data


class TasksApi:
    """The paths. ``told`` tells subscribers of what became of a task."""

    def __init__(self, all_: Organization, now: Callable[[], datetime], told: TellTask) -> None:
        self._all, self._now, self._told = all_, now, told

    def paths(self) -> Paths:
        """All of them."""
        return [
            ("/tasks", "GET", self._tasks), ("/tasks", "POST", self._create), ("/tasks/{id}", "GET", self._task),
            ("/tasks/{id}", "DELETE", self._delete), ("/tasks/{id}/actions/markComplete", "POST", self._complete),
            ("/calls/{id}", "GET", self._call), ("/callDispositions/{id}", "GET", self._disposition),
        ]  # fmt: skip

    def complete(self, task: Task) -> None:
        """Somebody has done it."""
        task.completed = task.updated = self._now()
        task.completions += 1
        self._told(task, "completed")

    def delete(self, task: Task) -> Task:
        """Somebody has taken it away."""
        del self._all.tasks[task.id]
        self._told(task, "destroyed")
        return task

    async def _tasks(self, request: Request) -> Response:
        asked = query_of(request, "filter[prospect][id]", "filter[owner][id]", "filter[updatedAt]")
        since = since_of(asked, "filter[updatedAt]")
        found = [
            one
            for one in self._all.tasks.values()
            if asked.get("filter[prospect][id]") in {None, str(one.prospect)}
            and asked.get("filter[owner][id]") in {None, str(one.owner)}
            and (since is None or one.updated >= since)
        ]
        found.sort(key=lambda one: (one.updated, one.id))
        return page_of(request, asked, found)

    async def _create(self, request: Request) -> Response:
        given = (await read_as(request, _Body)).data
        values, owner, prospect = given.attributes, given.relationships.owner, given.relationships.prospect
        if owner is None or owner.data.type != "user" or owner.data.id not in self._all.users:
            raise invalid("Owner must exist.", "/data/relationships/owner")
        if prospect is not None and (prospect.data.type != "prospect" or prospect.data.id not in self._all.prospects):
            raise invalid("Prospect must exist.", "/data/relationships/prospect")
        now = self._now()
        made = Task(
            id=self._all.new_id(), action=values.action, note=values.note, due=values.dueAt, owner=owner.data.id,
            prospect=prospect.data.id if prospect else None, created=now, updated=now,
        )  # fmt: skip
        self._all.tasks[made.id] = made
        self._told(made, "created")
        return json({"data": made.shown()}, 201)

    async def _task(self, request: Request) -> Response:
        return json({"data": self._one(request).shown()})

    async def _delete(self, request: Request) -> Response:
        self.delete(self._one(request))
        return Response(status_code=204)

    async def _complete(self, request: Request) -> Response:
        if not {*request.query_params} <= _OF_COMPLETING:
            raise Problem(400, "badRequest", "Bad Request", "Unsupported parameters.")
        task = self._one(request)
        if task.completed is not None:
            raise invalid("The task is already complete.")
        self.complete(task)
        return json({"data": task.shown()})

    async def _call(self, request: Request) -> Response:
        return _shown(request, "call", self._all.calls_made)

    async def _disposition(self, request: Request) -> Response:
        return _shown(request, "callDisposition", self._all.dispositions)

    def _one(self, request: Request) -> Task:
        id_ = request.path_params["id"]
        one = self._all.tasks.get(int(id_)) if id_.isdecimal() else None
        if one is None:
            raise missing("task", id_)
        return one


def _shown(request: Request, kind: str, there: Mapping[int, Shown]) -> Response:
    id_ = request.path_params["id"]
    one = there.get(int(id_)) if id_.isdecimal() else None
    if one is None:
        raise missing(kind, id_)
    return json({"data": one.shown()})
