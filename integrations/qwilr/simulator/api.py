"""Qwilr's public API, v1, as far as the simulator has it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError
from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from integrations.qwilr.simulator.account import EVENTS, STATUSES, Account, Page, Subscription, new_id

_MOST = 100
_EXPANSIONS = frozenset({"metadata", "acceptance", "previewAcceptance"})
Told = Callable[[Page, str], None]


def problem(status: int, message: str) -> Response:
    """An error; how Qwilr writes them was not verified."""
    return JSONResponse({"statusCode": status, "message": message}, status)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


_M = TypeVar("_M", bound=_Strict)


class _Expiry(_Strict):
    enabled: bool
    days: Annotated[int, Field(ge=1)] | None = None


class _LineItem(_Strict):
    type: Literal["fixedCost", "text"]
    description: str
    unitPrice: float | None = None  # noqa: N815 - Qwilr's
    quantity: float | None = None


class _QuoteSection(_Strict):
    description: str = ""
    lineItems: list[_LineItem]  # noqa: N815


class _Block(_Strict):
    id: str
    quoteSections: list[_QuoteSection] | None = None  # noqa: N815


class _NewPage(_Strict):
    templateId: str | None = None  # noqa: N815
    blocks: list[_Block] | None = None
    name: str = "Untitled"
    published: bool = False
    substitutions: dict[str, JsonValue] = {}
    metadata: dict[str, str] = {}
    tags: list[str] = []
    ownerId: Annotated[str, Field(pattern="^[a-z0-9]{24}$")] | None = None  # noqa: N815
    expiry: _Expiry | None = None


class _Change(_Strict):
    published: bool | None = None
    expiry: _Expiry | None = None


class _NewSubscription(_Strict):
    event: str
    targetUrl: str  # noqa: N815


class Api:
    """The paths. ``told`` tells subscribers of an event."""

    def __init__(self, account: Account, now: Callable[[], datetime], told: Told) -> None:
        self._all, self._now, self._told = account, now, told

    def routes(self) -> Sequence[BaseRoute]:
        """All of them."""
        return [
            Route("/v1/pages", self._list, methods=["GET"]),
            Route("/v1/pages", self._create, methods=["POST"]),
            Route("/v1/pages/{id}", self._read, methods=["GET"]),
            Route("/v1/pages/{id}", self._change, methods=["PUT"]),
            Route("/v1/webhooks", self._subscriptions, methods=["GET"]),
            Route("/v1/webhooks", self._subscribe, methods=["POST"]),
            Route("/v1/webhooks/{id}", self._unsubscribe, methods=["DELETE"]),
        ]

    def look_at_the_clock(self) -> None:
        """Pages whose days are over are declined; nobody is told."""
        for one in self._all.pages.values():
            one.look_at_the_clock(self._now())

    def set_live(self, page: Page) -> None:
        """Let whoever has the link open a page."""
        page.settings += 1
        page.status, page.live_since = "live", self._now()
        self._told(page, "pageSetLive" if page.settings == 1 else "pageRevivedLive")

    async def _list(self, request: Request) -> Response:
        self.look_at_the_clock()
        asked = request.query_params
        if wrong := asked.keys() - {"status", "tags", "ownerId", "limit", "cursor", "expand"}:
            return problem(400, f"unknown parameter {min(wrong)}")
        statuses, tags = _parts(asked.get("status")), _parts(asked.get("tags"))
        expand, limit, first = _parts(asked.get("expand")), int(asked.get("limit", "50")), int(asked.get("cursor", "0"))
        if statuses - STATUSES or expand - _EXPANSIONS or not 1 <= limit <= _MOST:
            return problem(400, "status, expand or limit is wrong")
        found = [
            one
            for one in self._all.pages.values()
            if (not statuses or one.status in statuses) and (not tags or tags & {*one.tags})
        ]
        listed: list[JsonValue] = [one.listed(expand) for one in found[first : first + limit]]
        more = {"nextCursor": str(first + limit)} if first + limit < len(found) else {}
        return JSONResponse({"pages": listed, **more})

    async def _create(self, request: Request) -> Response:
        given = await _read_as(request, _NewPage)
        if isinstance(given, Response):
            return given
        if (given.templateId is None) == (given.blocks is None):
            return problem(422, "exactly one of templateId and blocks is needed")
        if given.templateId is not None and given.templateId not in self._all.templates:
            return problem(404, "there is no such template")
        for block in given.blocks or []:
            kind = self._all.saved_blocks.get(block.id)
            if kind is None or (block.quoteSections is not None and kind != "quote"):
                return problem(422, f"there is no saved block {block.id}, or it is no quote")
        if not all(isinstance(value, str | list) for value in given.substitutions.values()):
            return problem(422, "substitutions are texts")
        days = given.expiry.days if given.expiry and given.expiry.enabled else None
        made = Page(
            id=new_id(), name=given.name, template=given.templateId, quoted=_quoted(given),
            substitutions=given.substitutions,
            metadata=given.metadata, tags=given.tags, link=self._all.link, expires_after=days,
            **({"owner": given.ownerId} if given.ownerId else {}),
        )  # fmt: skip
        self._all.pages[made.id] = made
        if given.published:
            self.set_live(made)
        return JSONResponse(made.shown(), 201)

    async def _read(self, request: Request) -> Response:
        self.look_at_the_clock()
        expand = _parts(request.query_params.get("expand"))
        if expand - _EXPANSIONS:
            return problem(400, "expand is wrong")
        one = self._one(request)
        return _missing() if one is None else JSONResponse(one.shown(frozenset(expand)))

    async def _change(self, request: Request) -> Response:
        self.look_at_the_clock()
        given, one = await _read_as(request, _Change), self._one(request)
        if isinstance(given, Response):
            return given
        if one is None:
            return _missing()
        if one.status == "accepted":
            return problem(409, "the page was accepted")
        if given.expiry is not None:
            one.expires_after = given.expiry.days if given.expiry.enabled else None
        if given.published and one.status not in {"live", "accepting"}:
            self.set_live(one)
        elif given.published is False and one.status in {"live", "accepting"}:
            one.status = "disabled"
        return JSONResponse(one.shown(frozenset()))

    async def _subscriptions(self, _: Request) -> Response:
        return JSONResponse([one.shown() for one in self._all.subscriptions.values()])

    async def _subscribe(self, request: Request) -> Response:
        given = await _read_as(request, _NewSubscription)
        if isinstance(given, Response):
            return given
        if given.event not in EVENTS:
            return problem(422, "there is no such event")
        made = Subscription(id=new_id(), event=given.event, url=given.targetUrl)
        self._all.subscriptions[made.id] = made
        return JSONResponse({"id": made.id}, 201)

    async def _unsubscribe(self, request: Request) -> Response:
        gone = self._all.subscriptions.pop(request.path_params["id"], None)
        return _missing() if gone is None else Response(status_code=204)

    def _one(self, request: Request) -> Page | None:
        return self._all.pages.get(request.path_params["id"])


def _quoted(given: _NewPage) -> dict[str, float]:
    sections = [section for block in given.blocks or [] for section in block.quoteSections or []]
    return {one.description: one.unitPrice or 0 for section in sections for one in section.lineItems}


def _missing() -> Response:
    return problem(404, "not found")


def _parts(text: str | None) -> set[str]:
    return {one for one in (text or "").split(",") if one}


async def _read_as(request: Request, model: type[_M]) -> _M | Response:
    if not request.headers.get("content-type", "").startswith("application/json"):
        return problem(415, "the body is to be JSON")
    try:
        return model.model_validate(from_json(await request.body()))
    except (ValidationError, ValueError) as error:
        field = ".".join(map(str, error.errors()[0]["loc"])) if isinstance(error, ValidationError) else "body"
        return problem(422, f"{field} is wrong, missing or unknown")
