"""Salesloft's API, v2, as far as the simulator has it: https://developers.salesloft.com/docs/api/."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError
from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from integrations.salesloft.simulator.team import ON, Held, Membership, Subscription, Team

Tell = Callable[[str, Held], None]
_PAGED = frozenset({"sort_by", "sort_direction", "per_page", "page", "include_paging_counts"})
_TIMES = {"updated_at": "updated", "start_time": "starts"}
_LARGEST_PAGE = 100
_BOUNDS: dict[str, Callable[[datetime, datetime], bool]] = {
    "gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le,
}  # fmt: skip


def problem(status: int, error: str) -> Response:
    """An error as Salesloft writes it."""
    return JSONResponse({"error": error}, status)


def invalid(**fields: str) -> Response:
    """What is wrong with which field, as Salesloft writes it."""
    return JSONResponse({"errors": {name: [said] for name, said in fields.items()}}, 422)


class _NewSubscription(BaseModel):
    model_config = ConfigDict(extra="forbid")
    event_type: str
    callback_url: str
    callback_token: str


class _Change(BaseModel):
    model_config = ConfigDict(extra="forbid")
    enabled: bool | None = None
    callback_url: str | None = None


class Api:
    """The paths. ``tell`` has subscribers told of a record."""

    def __init__(self, team: Team, now: Callable[[], datetime], tell: Tell) -> None:
        self._team, self._now, self._tell = team, now, tell

    def routes(self) -> Sequence[BaseRoute]:
        """All of them."""
        team, by_update = self._team, "updated_at"
        membership = "/v2/cadence_memberships/{id:int}"
        return [
            Route("/v2/people", self._list(lambda: team.people, by_update, {"email_addresses[]"}), methods=["GET"]),
            Route("/v2/people/{id:int}", self._one(lambda: team.people), methods=["GET"]),
            Route("/v2/users", self._users, methods=["GET"]),
            Route("/v2/cadence_memberships", self._list(
                lambda: team.memberships, by_update, {"person_id", "cadence_id", "currently_on_cadence"}
            ), methods=["GET"]),
            Route("/v2/cadence_memberships", self._enrol, methods=["POST"]),
            Route(membership, self._one(lambda: team.memberships), methods=["GET"]),
            Route(membership, self._remove, methods=["DELETE"]),
            Route("/v2/activities/emails", self._list(lambda: team.emails, by_update), methods=["GET"]),
            Route("/v2/activities/calls", self._list(lambda: team.calls, by_update), methods=["GET"]),
            Route("/v2/tasks", self._list(lambda: team.tasks, by_update, {"idempotency_key"}), methods=["GET"]),
            Route("/v2/tasks/{id:int}", self._one(lambda: team.tasks), methods=["GET"]),
            Route("/v2/meetings", self._list(lambda: team.meetings, "start_time"), methods=["GET"]),
            Route("/v2/webhook_subscriptions", self._subscriptions, methods=["GET"]),
            Route("/v2/webhook_subscriptions", self._subscribe, methods=["POST"]),
            Route("/v2/webhook_subscriptions/{id:int}", self._change_subscription, methods=["PUT"]),
        ]  # fmt: skip

    def _list(
        self, held: Callable[[], Mapping[int, Held]], order: str, filters: Iterable[str] = ()
    ) -> Callable[[Request], Response]:
        known = {*_PAGED, *filters, f"{order}[gt]", f"{order}[gte]", f"{order}[lt]", f"{order}[lte]"}

        def answer(request: Request) -> Response:
            asked = dict(request.query_params)
            if wrong := [name for name in asked if name not in known]:
                return invalid(**{wrong[0]: "is not a permitted parameter"})
            try:
                page, size = int(asked.get("page", "1")), int(asked.get("per_page", "25"))
                found = [one for one in held().values() if _matches(one, asked, order)]
            except ValueError:
                return invalid(page="is invalid")
            if not 1 <= size <= _LARGEST_PAGE or page < 1:
                return invalid(per_page="must be in the range [1, 100]")
            descending = asked.get("sort_direction", "DESC").upper() == "DESC"
            ordered = sorted(found, key=lambda one: (_time_of(one, order), one.id), reverse=descending)
            shown = ordered[size * (page - 1) : size * page]
            more = len(ordered) > size * page
            paging: JsonValue = {"per_page": size, "current_page": page, "next_page": page + 1 if more else None,
                                 "prev_page": page - 1 or None}  # fmt: skip
            return JSONResponse({"metadata": {"paging": paging}, "data": [one.shown() for one in shown]})

        return answer

    def _one(self, held: Callable[[], Mapping[int, Held]]) -> Callable[[Request], Response]:
        def answer(request: Request) -> Response:
            one = held().get(request.path_params["id"])
            return problem(404, "Not Found") if one is None else JSONResponse({"data": one.shown()})

        return answer

    async def _users(self, request: Request) -> Response:
        words = request.query_params.get("search", "").lower()
        found: list[JsonValue] = [one.model_dump() for one in self._team.users if words in one.email.lower()]
        return JSONResponse({"data": found})

    async def _enrol(self, request: Request) -> Response:
        asked = dict(request.query_params)
        if wrong := asked.keys() - {"person_id", "cadence_id", "user_id", "step_id", "task_id"}:
            return invalid(**{next(iter(wrong)): "is not a permitted parameter"})
        person = self._team.people.get(int(asked.get("person_id", "0")))
        cadence, user = int(asked.get("cadence_id", "0")), int(asked.get("user_id", "1"))
        if person is None:
            return invalid(person_id="is invalid")
        if cadence not in self._team.cadences:
            return invalid(cadence_id="is invalid")
        if user not in {one.id for one in self._team.users}:
            return invalid(user_id="is invalid")
        if person.do_not_contact:
            return invalid(person="is marked as Do Not Contact")
        there = self._team.membership_of(person.id, cadence)
        if there is not None and there.state in ON:
            return invalid(person="is already on this cadence")
        return JSONResponse({"data": self.add(person.id, cadence, user).shown()})

    def add(self, person: int, cadence: int, user: int) -> Membership:
        """Put a person into a cadence: the membership that they had goes on, under its id."""
        now, there = self._now(), self._team.membership_of(person, cadence)
        if there is None:
            made = Membership(
                id=self._team.new_id(), created=now, updated=now, added=now, person=person, cadence=cadence, user=user,
                step=self._team.cadences[cadence][0],
            )  # fmt: skip
            self._team.memberships[made.id] = made
            self._tell("cadence_membership_created", made)
            return made
        there.added = there.updated = now
        there.state, there.user, there.step = "staged", user, self._team.cadences[cadence][0]
        there.additions += 1
        self._tell("cadence_membership_updated", there)
        return there

    async def _remove(self, request: Request) -> Response:
        one = self._team.memberships.get(request.path_params["id"])
        if one is None or one.state not in ON:
            return problem(404, "Not Found")
        if one.state == "processing":
            return invalid(current_state="is processing: changes cannot be made at this time")
        one.state, one.updated = "removed", self._now()
        self._tell("cadence_membership_updated", one)
        return Response(status_code=204)

    async def _subscriptions(self, _: Request) -> Response:
        return JSONResponse({"data": [one.shown() for one in self._team.subscriptions.values()]})

    async def _subscribe(self, request: Request) -> Response:
        try:
            given = _NewSubscription.model_validate(from_json(await request.body()))
        except (ValidationError, ValueError):
            return invalid(event_type="is invalid")
        made = Subscription(id=self._team.new_id(), **given.model_dump())
        self._team.subscriptions[made.id] = made
        return JSONResponse({"data": made.shown()})

    async def _change_subscription(self, request: Request) -> Response:
        one = self._team.subscriptions.get(request.path_params["id"])
        if one is None:
            return problem(404, "Not Found")
        try:
            given = _Change.model_validate(from_json(await request.body()))
        except (ValidationError, ValueError):
            return invalid(enabled="is invalid")
        for name, value in given.model_dump(exclude_none=True).items():
            setattr(one, name, value)
        return JSONResponse({"data": one.shown()})


def _time_of(one: Held, order: str) -> datetime:
    at: datetime = getattr(one, _TIMES[order])
    return at


def _matches(one: Held, asked: Mapping[str, str], order: str) -> bool:
    at = _time_of(one, order)
    for name, holds in _BOUNDS.items():
        if (limit := asked.get(f"{order}[{name}]")) is not None and not holds(at, datetime.fromisoformat(limit)):
            return False
    said = {
        "email_addresses[]": str(getattr(one, "email", "")).lower(), "person_id": str(getattr(one, "person", "")),
        "cadence_id": str(getattr(one, "cadence", "")),
        "idempotency_key": str(getattr(one, "key", "")).lower(),
    }  # fmt: skip
    if any(name in asked and asked[name].lower() != value for name, value in said.items()):
        return False
    on = asked.get("currently_on_cadence")
    return on is None or (isinstance(one, Membership) and (one.state in ON) == (on == "true"))
