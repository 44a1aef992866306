"""PandaDoc's public API, v1, as far as the simulator has it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError
from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from integrations.pandadoc.simulator.workspace import (
    NUMBERS,
    Document,
    Recipient,
    Subscription,
    Workspace,
    new_id,
)

_VOIDED = 11
_FILTERS = frozenset({"count", "page", "status", "tag", "order_by"})
_CREATED, _SENT = 1, 6
"""What an audit trail calls that a document was made, and sent."""
_LIVE = frozenset({"document.sent", "document.viewed"})
Told = Callable[[Document, str], None]


def problem(status: int, kind: str, detail: JsonValue) -> Response:
    """An error as PandaDoc writes it."""
    return JSONResponse({"type": kind, "detail": detail}, status)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


_M = TypeVar("_M", bound=_Strict)


class _NewRecipient(_Strict):
    email: str
    first_name: str = ""
    last_name: str = ""
    role: str = ""
    signing_order: int | None = None


class _Token(_Strict):
    name: str
    value: str


class _NewDocument(_Strict):
    name: str = ""
    template_uuid: str
    recipients: list[_NewRecipient]
    tokens: list[_Token] = []
    metadata: dict[str, str] = {}
    tags: list[str] = []


class _Sending(_Strict):
    subject: str = ""
    message: str = ""
    silent: bool = False


class _NewStatus(_Strict):
    status: int
    note: str = ""
    notify_recipients: bool = False


class _File(_Strict):
    name: str
    source: str


class _Change(_Strict):
    name: str | None = None
    url: str | None = None
    active: bool | None = None
    triggers: list[str] | None = None
    payload: list[str] | None = None


class Api:
    """The paths. ``told`` tells subscribers of a document's new status."""

    def __init__(self, workspace: Workspace, drafting: int, now: Callable[[], datetime], told: Told) -> None:
        self._all, self._drafting, self._now, self._told = workspace, drafting, now, told

    def routes(self) -> Sequence[BaseRoute]:
        """All of them."""
        document = "/public/v1/documents/{id}"
        return [
            Route("/public/v1/documents", self._list, methods=["GET"]),
            Route("/public/v1/documents", self._create, methods=["POST"]),
            Route(document, self._read, methods=["GET"]),
            Route(document, self._delete, methods=["DELETE"]),
            Route(f"{document}/send", self._send, methods=["POST"]),
            Route(f"{document}/status", self._change_status, methods=["PATCH"]),
            Route(f"{document}/attachments", self._attachments, methods=["GET"]),
            Route(f"{document}/attachments", self._attach, methods=["POST"]),
            Route("/public/v1/webhook-subscriptions", self._subscriptions, methods=["GET"]),
            Route("/public/v1/webhook-subscriptions/{id}", self._subscribe, methods=["PATCH"]),
            Route("/public/v1/webhook-events", self._log, methods=["GET"]),
            Route("/public/v1/webhook-events/{id}", self._logged, methods=["GET"]),
        ]

    def made_in_the_background(self) -> None:
        """Documents that were looked for a few times are drafts by now."""
        for one in self._all.documents.values():
            if one.status == "document.uploaded":
                one.looks += 1
                if one.looks > self._drafting:
                    self._set(one, "document.draft")

    def _set(self, document: Document, status: str) -> None:
        document.status, document.modified = status, self._now()
        self._told(document, "document_state_changed")

    async def _list(self, request: Request) -> Response:
        self.made_in_the_background()
        asked = request.query_params
        wrong = [name for name in asked if not name.startswith("metadata_") and name not in _FILTERS]
        if wrong:
            return problem(400, "validation_error", {wrong[0]: ["Unknown parameter."]})
        found = [
            one.listed()
            for one in self._all.documents.values()
            if ("tag" not in asked or asked["tag"] in one.tags)
            and all(
                one.metadata.get(name[9:]) == value for name, value in asked.items() if name.startswith("metadata_")
            )
            and ("status" not in asked or NUMBERS.get(one.status) == int(asked["status"]))
        ]
        count, page = int(asked.get("count", "50")), int(asked.get("page", "1"))
        return JSONResponse({"results": found[count * (page - 1) : count * page]})

    async def _create(self, request: Request) -> Response:
        given = await _read_as(request, _NewDocument)
        if isinstance(given, Response):
            return given
        if given.template_uuid not in self._all.templates:
            return problem(404, "not_found", "Template is not found.")
        if not given.recipients:
            return problem(400, "validation_error", {"recipients": ["This field is required."]})
        now, unknown = self._now(), {"signing_order"}
        made = Document(
            id=new_id(), name=given.name, template=given.template_uuid, created=now, modified=now,
            recipients=[Recipient.model_validate(one.model_dump(exclude=unknown)) for one in given.recipients],
            tokens={one.name: one.value for one in given.tokens}, metadata=given.metadata, tags=given.tags,
        )  # fmt: skip
        made.add(_CREATED, self._all.members[0], now)
        self._all.documents[made.id] = made
        return JSONResponse({**made.listed(), "uuid": made.id, "info_message": "You need to poll the status"}, 201)

    async def _read(self, request: Request) -> Response:
        self.made_in_the_background()
        one = self._one(request)
        return _missing() if one is None else JSONResponse(one.listed())

    async def _delete(self, request: Request) -> Response:
        if (one := self._one(request)) is None:
            return _missing()
        del self._all.documents[one.id]
        return Response(status_code=204)

    async def _send(self, request: Request) -> Response:
        self.made_in_the_background()
        given, one = await _read_as(request, _Sending), self._one(request)
        if isinstance(given, Response):
            return given
        if one is None:
            return _missing()
        if one.status != "document.draft":
            return problem(409, "request_conflict", f"Document is not in the draft status: {one.status}")
        one.sendings += 1
        one.add(_SENT, self._all.members[0], self._now())
        self._set(one, "document.sent")
        return JSONResponse({"id": one.id, "status": one.status, "name": one.name})

    async def _change_status(self, request: Request) -> Response:
        given, one = await _read_as(request, _NewStatus), self._one(request)
        if isinstance(given, Response):
            return given
        if one is None:
            return _missing()
        if given.status != _VOIDED or one.status not in _LIVE:
            return problem(400, "invalid_request_error", "This status cannot be set from the current one.")
        self._set(one, "document.voided")
        return Response(status_code=204)

    async def _attachments(self, request: Request) -> Response:
        if (one := self._one(request)) is None:
            return _missing()
        return JSONResponse([{"uuid": id_, "name": name} for name, id_ in one.attachments.items()])

    async def _attach(self, request: Request) -> Response:
        self.made_in_the_background()
        given, one = await _read_as(request, _File), self._one(request)
        if isinstance(given, Response):
            return given
        if one is None:
            return _missing()
        if one.status != "document.draft":
            return problem(409, "request_conflict", "Attachments are added to drafts only.")
        one.attachments[given.name] = new_id()
        return JSONResponse({"uuid": one.attachments[given.name], "name": given.name}, 201)

    async def _subscriptions(self, _: Request) -> Response:
        return JSONResponse({"items": [_shown(one) for one in self._all.subscriptions.values()]})

    async def _subscribe(self, request: Request) -> Response:
        given, one = await _read_as(request, _Change), self._all.subscriptions.get(request.path_params["id"])
        if isinstance(given, Response):
            return given
        if one is None:
            return _missing()
        for name, value in given.model_dump(exclude_none=True).items():
            setattr(one, name, value)
        one.status = "ACTIVE" if one.active else "INACTIVE"
        return JSONResponse(_shown(one))

    async def _log(self, request: Request) -> Response:
        asked = request.query_params
        if "since" not in asked:
            return problem(400, "validation_error", {"since": ["This field is required."]})
        since, count, page = datetime.fromisoformat(asked["since"]), int(asked["count"]), int(asked["page"])
        found = [one for one in self._all.log if one.event_time >= since][count * (page - 1) : count * page]
        shown: list[JsonValue] = [one.model_dump(mode="json", exclude={"request_body"}) for one in found]
        return JSONResponse({"items": shown})

    async def _logged(self, request: Request) -> Response:
        found = next((one for one in self._all.log if one.uuid == request.path_params["id"]), None)
        return _missing() if found is None else JSONResponse(found.model_dump(mode="json"))

    def _one(self, request: Request) -> Document | None:
        return self._all.documents.get(request.path_params["id"])


def _missing() -> Response:
    return problem(404, "not_found", "Not found.")


def _shown(one: Subscription) -> dict[str, JsonValue]:
    return one.model_dump(mode="json")


async def _read_as(request: Request, model: type[_M]) -> _M | Response:
    if not request.headers.get("content-type", "").startswith("application/json"):
        return problem(415, "unsupported_media_type", "Unsupported media type in request.")
    try:
        return model.model_validate(from_json(await request.body()))
    except (ValidationError, ValueError) as error:
        field = ".".join(map(str, error.errors()[0]["loc"])) if isinstance(error, ValidationError) else "body"
        return problem(400, "validation_error", {field: ["This field is wrong, missing or unknown."]})
