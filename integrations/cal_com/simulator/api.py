"""Cal.com's API, version 2, as far as the simulator has it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar
from uuid import uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from integrations.cal_com.simulator.account import Account, Booking, Webhook

TRIGGERS = (
    "BOOKING_CREATED", "BOOKING_RESCHEDULED", "BOOKING_CANCELLED", "BOOKING_REJECTED", "BOOKING_REQUESTED",
    "BOOKING_NO_SHOW_UPDATED", "MEETING_STARTED", "MEETING_ENDED",
)  # fmt: skip
_BOOKINGS_VERSION = "2024-08-13"
_M = TypeVar("_M", bound=BaseModel)


class _Query(BaseModel):
    """What can be asked for in a list of bookings."""

    model_config = ConfigDict(extra="forbid")

    after: AwareDatetime | None = Field(default=None, alias="afterUpdatedAt")
    before: AwareDatetime | None = Field(default=None, alias="beforeUpdatedAt")
    order: str | None = Field(default=None, alias="sortUpdatedAt", pattern="^(asc|desc)$")
    after_start: AwareDatetime | None = Field(default=None, alias="afterStart")
    before_end: AwareDatetime | None = Field(default=None, alias="beforeEnd")
    status: str | None = Field(default=None, pattern="^(upcoming|recurring|past|cancelled|unconfirmed)(,[a-z]+)*$")
    by_start: str | None = Field(default=None, alias="sortStart", pattern="^(asc|desc)$")
    take: int = Field(default=100, ge=1, le=250)
    skip: int = Field(default=0, ge=0)

    def finds(self, one: Booking, now: datetime) -> bool:
        """Whether a booking is asked for. Of the statuses, only ``past`` is told from others here."""
        over = one.ends_at <= now and one.status == "accepted"
        return (
            (self.after is None or one.updated_at >= self.after)
            and (self.before is None or one.updated_at <= self.before)
            and (self.after_start is None or one.starts_at >= self.after_start)
            and (self.before_end is None or one.ends_at <= self.before_end)
            and (self.status != "past" or over)
        )


class _ChangedWebhook(BaseModel):
    """What can be said of a webhook."""

    model_config = ConfigDict(extra="forbid")

    url: str | None = Field(default=None, alias="subscriberUrl")
    triggers: list[str] | None = None
    active: bool | None = None
    secret: str | None = None


def problem(status: int, code: str, message: str) -> Response:
    """An error as Cal.com writes it."""
    error: dict[str, JsonValue] = {"code": code, "message": message, "details": {"message": message}}
    return JSONResponse({"status": "error", "timestamp": datetime.now(UTC).isoformat(), "error": error}, status)


class Api:
    """The paths."""

    def __init__(self, account: Account, now: Callable[[], datetime]) -> None:
        self._account, self._now = account, now

    def routes(self) -> Sequence[BaseRoute]:
        """All of them."""
        return [
            Route("/v2/me", self._me),
            Route("/v2/bookings", self._bookings),
            Route("/v2/bookings/{uid}", self._booking),
            Route("/v2/webhooks", self._webhooks, methods=["GET"]),
            Route("/v2/webhooks", self._subscribe, methods=["POST"]),
            Route("/v2/webhooks/{id}", self._change, methods=["PATCH"]),
        ]

    async def _me(self, _: Request) -> Response:
        return _success({"id": 1, "username": "sam", "email": "sam@us.example"})

    async def _bookings(self, request: Request) -> Response:
        if (wrong := _of_another_version(request)) is not None:
            return wrong
        query = _read(_Query, {**request.query_params})
        if isinstance(query, Response):
            return query
        found = [one for one in self._account.bookings.values() if query.finds(one, self._now())]
        if query.order:
            found.sort(key=lambda one: one.updated_at, reverse=query.order == "desc")
        if query.by_start:
            found.sort(key=lambda one: one.starts_at, reverse=query.by_start == "desc")
        page = found[query.skip : query.skip + query.take]
        pagination: dict[str, JsonValue] = {
            "totalItems": len(found), "returnedItems": len(page), "itemsPerPage": query.take,
            "hasNextPage": query.skip + query.take < len(found),
        }  # fmt: skip
        return JSONResponse({"status": "success", "data": [one.shown() for one in page], "pagination": pagination})

    async def _booking(self, request: Request) -> Response:
        if (wrong := _of_another_version(request)) is not None:
            return wrong
        uid = request.path_params["uid"]
        if uid not in self._account.bookings:
            return problem(404, "NotFoundException", f"Booking with uid={uid} was not found in the database")
        return _success(self._account.bookings[uid].shown())

    async def _webhooks(self, _: Request) -> Response:
        return _success([one.shown() for one in self._account.webhooks.values()])

    async def _subscribe(self, request: Request) -> Response:
        said = _read(_ChangedWebhook, await request.json())
        if isinstance(said, Response):
            return said
        if said.url is None or said.active is None or not said.triggers or not set(said.triggers) <= set(TRIGGERS):
            return problem(400, "BadRequestException", "subscriberUrl, triggers and active are needed")
        if self._account.to(said.url):
            return problem(409, "ConflictException", "Webhook with this subscriberUrl already exists for this user")
        made = Webhook(id=str(uuid4()), url=said.url, triggers=said.triggers, active=said.active, secret=said.secret)
        self._account.webhooks[made.id] = made
        return _success(made.shown(), 201)

    async def _change(self, request: Request) -> Response:
        there = self._account.webhooks.get(request.path_params["id"])
        if there is None:
            return problem(404, "NotFoundException", "Webhook not found")
        said = _read(_ChangedWebhook, await request.json())
        if isinstance(said, Response):
            return said
        for name, value in said.model_dump(exclude_none=True).items():
            setattr(there, name, value)
        return _success(there.shown())


def _read(model: type[_M], given: object) -> _M | Response:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        return problem(400, "BadRequestException", f"{error.errors()[0]['loc']}: {error.errors()[0]['msg']}")


def _of_another_version(request: Request) -> Response | None:
    if request.headers.get("cal-api-version") == _BOOKINGS_VERSION:
        return None
    return problem(404, "NotFoundException", f"Cannot {request.method} {request.url.path}")


def _success(data: object, status: int = 200) -> Response:
    return JSONResponse({"status": "success", "data": data}, status)
