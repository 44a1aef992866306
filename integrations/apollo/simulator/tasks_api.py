"""Tasks of Apollo's API: made as often as it is asked to, listed, completed, skipped. It deletes none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from integrations.apollo.simulator.requests import Problem, read_as
from integrations.apollo.simulator.team import USERS, Task, Team

Paths = list[tuple[str, str, Callable[[Request], Awaitable[Response]]]]
_SORTS = {"task_due_at", "task_priority"}
_MOST_A_PAGE, _MOST_PAGES = 100, 500


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _New(_Strict):
    user_id: str
    contact_id: str
    type: Literal[
        "call", "outreach_manual_email", "linkedin_step_connect", "linkedin_step_message", "linkedin_step_view_profile",
        "linkedin_step_interact_post", "action_item",
    ]  # fmt: skip
    priority: Literal["high", "medium", "low"] = "medium"
    status: Literal["scheduled", "completed", "archived"]
    due_at: AwareDatetime
    title: str | None = None
    note: str | None = None


class _Note(_Strict):
    note: str | None = None


class TasksApi:
    """The paths."""

    def __init__(self, team: Team, now: Callable[[], datetime]) -> None:
        self._team, self._now = team, now

    def paths(self) -> Paths:
        """All of them."""
        return [
            ("/tasks", "POST", self._create), ("/tasks/search", "POST", self._search),
            ("/tasks/{id}", "GET", self._read), ("/tasks/{id}/complete", "POST", self._complete),
            ("/tasks/{id}/skip", "POST", self._skip),
        ]  # fmt: skip

    def resolve(self, task: Task, becomes: str, note: str | None) -> None:
        """Somebody has done it, or says that nobody will."""
        task.status, task.resolved, task.resolutions = becomes, self._now(), task.resolutions + 1
        if note:
            task.note = f"{task.note or ''}\n{note}"

    async def _create(self, request: Request) -> Response:
        given = await read_as(request, _New)
        if given.user_id not in USERS:
            raise Problem(422, f"Parameters misconfigured. {given.user_id} is not a valid ID")
        if given.contact_id not in self._team.contacts:
            raise Problem(422, f"Parameters misconfigured. {given.contact_id} is not a valid ID")
        made = Task(
            id=self._team.new_id(), user=given.user_id, contact=given.contact_id, type=given.type, title=given.title,
            note=given.note, due=given.due_at, status=given.status, created=self._now(),
        )  # fmt: skip
        self._team.tasks[made.id] = made
        return JSONResponse({"task": made.shown()})

    async def _search(self, request: Request) -> Response:
        asked = request.query_params
        if unknown := set(asked) - {"sort_by_field", "open_factor_names[]", "page", "per_page"}:
            raise Problem(422, f"Parameters misconfigured. {min(unknown)} is not a valid parameter")
        page, size, sort = asked.get("page", "1"), asked.get("per_page", "25"), asked.get("sort_by_field")
        if not (page.isdecimal() and size.isdecimal() and sort in {None, *_SORTS}):
            raise Problem(422, "Invalid parameter passed in.")
        if int(page) > _MOST_PAGES or int(size) > _MOST_A_PAGE:
            raise Problem(422, "Invalid parameter passed in. Page * per page number is over threshold.")
        found = sorted(self._team.tasks.values(), key=lambda one: (one.due, one.id), reverse=True)
        begin = (int(page) - 1) * int(size)
        shown: list[JsonValue] = [one.shown() for one in found[begin : begin + int(size)]]
        pages: JsonValue = {
            "page": int(page), "per_page": int(size), "total_entries": len(found),
            "total_pages": -(-len(found) // int(size)),
        }  # fmt: skip
        return JSONResponse({"tasks": shown, "pagination": pages})

    async def _read(self, request: Request) -> Response:
        task = self._team.tasks.get(request.path_params["id"])
        if task is None:
            raise Problem(404, "Task not found")
        return JSONResponse({"task": task.shown()})

    async def _complete(self, request: Request) -> Response:
        return await self._resolved(request, "completed")

    async def _skip(self, request: Request) -> Response:
        return await self._resolved(request, "skipped")

    async def _resolved(self, request: Request, becomes: str) -> Response:
        given, id_ = await read_as(request, _Note), request.path_params["id"]
        task = self._team.tasks.get(id_)
        if task is None:
            return JSONResponse({"task": {"id": id_, "deleted": True}})
        if task.status != "scheduled":
            raise Problem(422, f"Task is already {task.status}")
        self.resolve(task, becomes, given.note)
        shown: dict[str, JsonValue] = {
            "id": task.id, "status": task.status, "note": task.note, "completed": becomes == "completed",
        }  # fmt: skip
        return JSONResponse({"task": shown})
