"""Apollo's API, v1, as far as the simulator has it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict, JsonValue
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from integrations.apollo.simulator.requests import Problem, read_as
from integrations.apollo.simulator.tasks_api import TasksApi
from integrations.apollo.simulator.team import ACCOUNTS, SEQUENCES, USERS, Contact, Happened, Team

V1 = "/api/v1"
_MOST_SHOWN = 50_000
_ADDING = {
    "emailer_campaign_id", "contact_ids[]", "send_email_from_email_account_id", "user_id", "label_names[]",
    "sequence_active_in_other_campaigns", "sequence_finished_in_other_campaigns", "status",
}  # fmt: skip
_MODES = {"mark_as_finished", "remove", "stop"}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Search(_Strict):
    q_keywords: str = ""
    per_page: int = 25
    page: int = 1


class _New(_Strict):
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    organization_name: str = ""
    title: str = ""
    run_dedupe: bool = False


class _Feed(_Strict):
    contact_id: str
    sequence_id: str | None = None
    per_page: int = 50


class Api:
    """The paths."""

    def __init__(self, team: Team, now: Callable[[], datetime], tasks: TasksApi) -> None:
        self._team, self._now, self._tasks = team, now, tasks

    def routes(self) -> Sequence[BaseRoute]:
        """All of them."""
        paths: list[tuple[str, str, Callable[[Request], Awaitable[Response]]]] = [
            ("/contacts/search", "POST", self._search),
            ("/contacts", "POST", self._create),
            ("/contacts/{id}", "GET", self._read),
            ("/emailer_campaigns/remove_or_stop_contact_ids", "POST", self._take_out),
            ("/emailer_campaigns/activity_feed", "POST", self._feed),
            ("/emailer_campaigns/{id}/add_contact_ids", "POST", self._add),
            *self._tasks.paths(),
        ]
        return [Route(V1 + path, _checked(handle), methods=[method]) for path, method, handle in paths]

    async def _search(self, request: Request) -> Response:
        asked = await read_as(request, _Search)
        if asked.page * asked.per_page > _MOST_SHOWN:
            raise Problem(422, "Invalid parameter passed in. Page * per page number is over threshold.")
        word = asked.q_keywords.lower()
        found = [one for one in self._team.contacts.values() if word in f"{one.email} {one.first_name}".lower()]
        begin = (asked.page - 1) * asked.per_page
        return JSONResponse({"contacts": [one.shown() for one in found[begin : begin + asked.per_page]]})

    async def _create(self, request: Request) -> Response:
        given = await read_as(request, _New)
        known = self._team.with_email(given.email) if given.run_dedupe else []
        made = known[0] if known else Contact(
            id=self._team.new_id(), email=given.email, first_name=given.first_name, last_name=given.last_name,
            organization_name=given.organization_name, created=self._now(),
        )  # fmt: skip
        self._team.contacts[made.id] = made
        return JSONResponse({"contact": made.shown()})

    async def _read(self, request: Request) -> Response:
        return JSONResponse({"contact": self._one(request.path_params["id"]).shown()})

    async def _add(self, request: Request) -> Response:
        query, sequence = request.query_params, request.path_params["id"]
        if unknown := set(query) - _ADDING:
            raise Problem(422, f"Parameters misconfigured. {min(unknown)} is not a valid parameter")
        ids, account = query.getlist("contact_ids[]"), query.get("send_email_from_email_account_id")
        if query.get("emailer_campaign_id") != sequence or not account:
            raise Problem(422, "Please specify a emailer_campaign_id and send_email_from_email_account_id.")
        if not ids:
            raise Problem(422, "Please specify either contact_ids or label_names.")
        if account not in ACCOUNTS:
            raise Problem(422, f"These mailboxes are no longer active. {account}")
        if sequence not in SEQUENCES or query.get("user_id", USERS[0]) not in USERS:
            raise Problem(422, f"Parameters misconfigured. {sequence} is not a valid ID")
        skipped: dict[str, JsonValue] = {}
        for id_ in ids:
            contact = self._team.contacts.get(id_)
            why = "contact_not_found" if contact is None else None
            if contact is not None:
                why = self._team.add(contact, sequence, account, query.get("user_id"), self._now())
            if why is not None:
                skipped[id_] = why
        added = [self._team.contacts[one].shown() for one in ids if one not in skipped]
        return JSONResponse({"contacts": added, "skipped_contact_ids": skipped, "signals_hash": None})

    async def _take_out(self, request: Request) -> Response:
        query = request.query_params
        ids, sequences, mode = (
            query.getlist("contact_ids[]"),
            query.getlist("emailer_campaign_ids[]"),
            query.get("mode"),
        )
        if set(query) - {"contact_ids[]", "emailer_campaign_ids[]", "mode"} or mode not in _MODES:
            raise Problem(422, f"Parameters misconfigured. {mode} is not a valid mode")
        found = [self._team.contacts[one] for one in ids if one in self._team.contacts]
        for contact in found:
            for sequence in sequences:
                take_out(contact, sequence, mode or "", self._now())
        return JSONResponse({"contacts": [one.shown() for one in found]})

    async def _feed(self, request: Request) -> Response:
        asked = await read_as(request, _Feed)
        contact = self._one(asked.contact_id)
        found = [one for one in contact.timeline if asked.sequence_id in {None, one.sequence}]
        most = min(max(asked.per_page, 1), 50)
        return JSONResponse({"contact_id": contact.id, "events": [one.shown() for one in found[:most]]})

    def _one(self, id_: str) -> Contact:
        if id_ not in self._team.contacts:
            raise Problem(404, "Contact not found")
        return self._team.contacts[id_]


def take_out(contact: Contact, sequence: str, mode: str, now: datetime) -> None:
    """Take a contact out of a sequence: finished by hand, or removed from it."""
    status = contact.standing(sequence)
    if status is None:
        return
    status.stops += 1
    if mode == "remove":
        contact.statuses.remove(status)
        contact.timeline.insert(0, Happened(type="removed", at=now, sequence=sequence))
    elif status.status != "finished":
        status.status, status.inactive_reason, status.finished = "finished", "manually finished", now
        contact.timeline.insert(0, Happened(type="completed", at=now, sequence=sequence))


def _checked(handle: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    async def checked(request: Request) -> Response:
        try:
            return await handle(request)
        except Problem as problem:
            return problem.answer

    return checked
