"""Outreach's API, v2, as far as the simulator has it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from integrations.outreach.simulator.organization import (
    OVER,
    Organization,
    Prospect,
    SequenceState,
    Webhook,
)
from integrations.outreach.simulator.requests import (
    MEDIA_TYPE,
    Problem,
    Related,
    invalid,
    json,
    missing,
    page_of,
    query_of,
    read_as,
    since_of,
)
from integrations.outreach.simulator.tasks_api import TasksApi

Told = Callable[[SequenceState, str], None]
_V2 = "/api/v2"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _NewProspect(_Strict):
    emails: list[str] = []
    firstName: str = ""  # noqa: N815 - Outreach's names
    lastName: str = ""  # noqa: N815
    company: str = ""
    title: str = ""


class _OfProspect(_Strict):
    owner: Related | None = None


class _ProspectData(_Strict):
    type: str
    attributes: _NewProspect
    relationships: _OfProspect = _OfProspect()


class _ProspectBody(_Strict):
    data: _ProspectData


class _OfState(_Strict):
    prospect: Related | None = None
    sequence: Related | None = None
    mailbox: Related | None = None


class _StateData(_Strict):
    type: str
    relationships: _OfState = _OfState()


class _StateBody(_Strict):
    data: _StateData


class _WebhookValues(_Strict):
    url: str | None = None
    resource: str | None = None
    action: str | None = None
    secret: str | None = None
    payloadVersion: int = 1  # noqa: N815
    active: bool = True


class _WebhookData(_Strict):
    type: str
    id: int | None = None
    attributes: _WebhookValues


class _WebhookBody(_Strict):
    data: _WebhookData


class Api:
    """The paths. ``told`` tells subscribers of what became of a sequence state."""

    def __init__(self, all_: Organization, now: Callable[[], datetime], told: Told, tasks: TasksApi) -> None:
        self._all, self._now, self._told, self._tasks = all_, now, told, tasks

    def routes(self) -> Sequence[BaseRoute]:
        """All of them."""
        paths: list[tuple[str, str, Callable[[Request], Awaitable[Response]]]] = [
            ("/prospects", "GET", self._prospects),
            ("/prospects", "POST", self._create_prospect),
            ("/sequenceStates", "GET", self._states),
            ("/sequenceStates", "POST", self._enrol),
            ("/sequenceStates/{id}", "GET", self._state),
            ("/sequenceStates/{id}/actions/finish", "POST", self._finish),
            ("/mailings", "GET", self._mailings),
            ("/mailings/{id}", "GET", self._mailing),
            ("/webhooks", "GET", self._webhooks),
            ("/webhooks", "POST", self._subscribe),
            ("/webhooks/{id}", "PATCH", self._change_webhook),
            *self._tasks.paths(),
        ]
        return [Route(_V2 + path, _checked(handle), methods=[method]) for path, method, handle in paths]

    async def _prospects(self, request: Request) -> Response:
        asked = query_of(request, "filter[emails]")
        address = asked.get("filter[emails]")
        found = [*self._all.prospects.values()] if address is None else [*self._all.with_email(address)]
        found.sort(key=lambda one: one.id)
        return page_of(request, asked, found)

    async def _create_prospect(self, request: Request) -> Response:
        given = (await read_as(request, _ProspectBody)).data
        _check_type(given.type, "prospect")
        values, owner = given.attributes, given.relationships.owner
        if any(next(iter(self._all.with_email(one)), None) for one in values.emails):
            raise invalid("Emails has already been taken.", "/data/attributes/emails")
        if owner is not None and owner.data.id not in self._all.users:
            raise invalid("Owner must exist.", "/data/relationships/owner")
        now = self._now()
        made = Prospect(
            id=self._all.new_id(), emails=values.emails, first_name=values.firstName, last_name=values.lastName,
            company=values.company, owner=owner.data.id if owner else None, created=now, updated=now,
        )  # fmt: skip
        self._all.prospects[made.id] = made
        return json({"data": made.shown()}, 201)

    async def _states(self, request: Request) -> Response:
        asked = query_of(request, "filter[prospect][id]", "filter[sequence][id]", "filter[updatedAt]")
        since = since_of(asked, "filter[updatedAt]")
        found = [
            one
            for one in self._all.states.values()
            if asked.get("filter[prospect][id]") in {None, str(one.prospect)}
            and asked.get("filter[sequence][id]") in {None, str(one.sequence)}
            and (since is None or one.updated >= since)
        ]
        found.sort(key=lambda one: (one.updated if asked.get("sort") == "updatedAt" else one.created, one.id))
        return page_of(request, asked, found)

    async def _enrol(self, request: Request) -> Response:
        given = (await read_as(request, _StateBody)).data
        _check_type(given.type, "sequenceState")
        related = given.relationships
        prospect, sequence = self._known(related.prospect, "prospect"), self._known(related.sequence, "sequence")
        mailbox = self._known(related.mailbox, "mailbox")
        if self._all.prospects[prospect].opted_out:
            raise invalid("Prospect has opted out.", "/data/relationships/prospect")
        made = enrolled(self._all, prospect, sequence, mailbox, self._now())
        self._told(made, "created")
        return json({"data": made.shown()}, 201)

    def _known(self, given: Related | None, kind: str) -> int:
        known = {
            "prospect": {*self._all.prospects}, "sequence": {*self._all.sequences}, "mailbox": {*self._all.mailboxes},
        }  # fmt: skip
        if given is None:
            raise invalid(f"{kind.title()} can't be blank.", f"/data/relationships/{kind}")
        if given.data.type != kind or given.data.id not in known[kind]:
            raise invalid(f"{kind.title()} must exist.", f"/data/relationships/{kind}")
        return given.data.id

    async def _state(self, request: Request) -> Response:
        return json({"data": self._one(request).shown()})

    async def _finish(self, request: Request) -> Response:
        if request.query_params:
            raise Problem(400, "badRequest", "Bad Request", "Unsupported parameters.")
        state = self._one(request)
        if state.state in OVER:
            raise invalid("The sequence state is not active.")
        now = self._now()
        state.state, state.changed, state.updated, state.finishes = "finished", now, now, state.finishes + 1
        self._told(state, "finished")
        return json({"data": state.shown()})

    async def _mailings(self, request: Request) -> Response:
        asked = query_of(request, "filter[repliedAt]", "filter[sequenceState][id]")
        since, state = since_of(asked, "filter[repliedAt]"), asked.get("filter[sequenceState][id]")
        found = [
            one
            for one in self._all.mailings.values()
            if (since is None or (one.replied is not None and one.replied >= since)) and state in {None, str(one.state)}
        ]
        found.sort(key=lambda one: (one.replied or one.created, one.id))
        return page_of(request, asked, found)

    async def _mailing(self, request: Request) -> Response:
        id_ = request.path_params["id"]
        one = self._all.mailings.get(int(id_)) if id_.isdecimal() else None
        if one is None:
            raise missing("mailing", id_)
        return json({"data": one.shown()})

    async def _webhooks(self, request: Request) -> Response:
        return page_of(request, query_of(request), [*self._all.webhooks.values()])

    async def _subscribe(self, request: Request) -> Response:
        given = (await read_as(request, _WebhookBody)).data
        _check_type(given.type, "webhook")
        values = given.attributes
        if not values.url or not values.resource or not values.action:
            raise invalid("Url, resource and action can't be blank.", "/data/attributes")
        made = Webhook(
            id=self._all.new_id(), url=values.url, resource=values.resource, action=values.action,
            secret=values.secret or "", payload_version=values.payloadVersion, active=values.active,
        )  # fmt: skip
        self._all.webhooks[made.id] = made
        return json({"data": made.shown()}, 201)

    async def _change_webhook(self, request: Request) -> Response:
        given, id_ = (await read_as(request, _WebhookBody)).data, request.path_params["id"]
        one = self._all.webhooks.get(int(id_)) if id_.isdecimal() else None
        if one is None or given.id != one.id:
            raise missing("webhook", id_)
        one.active, one.disabled_reason = given.attributes.active, None
        return json({"data": one.shown()})

    def _one(self, request: Request) -> SequenceState:
        id_ = request.path_params["id"]
        one = self._all.states.get(int(id_)) if id_.isdecimal() else None
        if one is None:
            raise missing("sequenceState", id_)
        return one


def enrolled(all_: Organization, prospect: int, sequence: int, mailbox: int, now: datetime) -> SequenceState:
    """A prospect in a sequence, in which they are once at a time.

    Raises:
        Problem: they are in it.
    """
    here = [one for one in all_.states.values() if (one.prospect, one.sequence) == (prospect, sequence)]
    if any(one.state not in OVER for one in here):
        raise invalid("Prospect is already active in the sequence.", "/data/relationships/prospect")
    made = SequenceState(
        id=all_.new_id(), prospect=prospect, sequence=sequence, mailbox=mailbox, step=1, created=now, changed=now,
        updated=now,
    )  # fmt: skip
    all_.states[made.id] = made
    return made


def _check_type(given: str, kind: str) -> None:
    if given != kind:
        raise invalid(f"'{given}' is not a valid type.", "/data/type")


def _checked(handle: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    async def checked(request: Request) -> Response:
        if request.headers.get("content-type") != MEDIA_TYPE:
            detail = f"Expected Content-Type header to be '{MEDIA_TYPE}'."
            return Problem(415, "unsupportedMediaType", "Unsupported Media Type", detail).answer
        try:
            return await handle(request)
        except Problem as problem:
            return problem.answer

    return checked
