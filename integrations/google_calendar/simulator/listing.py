"""Lists of events: all, or what changed since a sync token; page by page.

https://developers.google.com/workspace/calendar/api/guides/sync
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from pydantic import AwareDatetime, BaseModel, TypeAdapter, ValidationError

from integrations.google_calendar.simulator.workspace import Event, JsonObject, Workspace

_MOMENT: TypeAdapter[datetime] = TypeAdapter(AwareDatetime)
_NOT_WITH_SYNC = frozenset({
    "iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "timeMin", "timeMax", "updatedMin",
})  # fmt: skip
_KNOWN = _NOT_WITH_SYNC | {"maxResults", "pageToken", "syncToken", "showDeleted", "singleEvents"}
_KNOWN_OF_INSTANCES = {"timeMin", "timeMax", "showDeleted", "maxResults", "pageToken"}
_MOST = 2500
_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True)
class ListRefused(Exception):
    """A list that cannot be had."""

    status: int
    reason: str
    message: str


class _Sync(BaseModel):
    """What a sync token stands for."""

    change: int
    single: bool


class _Next(BaseModel):
    """What a page token stands for."""

    offset: int
    change: int
    """The number of the last change when the first page was made."""


@dataclass(frozen=True)
class Asked:
    """What is asked for."""

    query: Mapping[str, str]

    def flag(self, name: str) -> bool:
        """A yes or no."""
        value = self.query.get(name, "false")
        if value not in {"true", "false"}:
            raise ListRefused(400, "badRequest", "Bad Request")
        return value == "true"

    def moment(self, name: str) -> datetime | None:
        """A time; one without an offset is refused."""
        try:
            return _MOMENT.validate_python(self.query[name]) if name in self.query else None
        except ValidationError:
            raise ListRefused(400, "badRequest", "Bad Request") from None


def page_of(
    workspace: Workspace, calendar: str, query: Mapping[str, str], *, bare_deletions: bool, empty_first: bool
) -> JsonObject:
    """A page.

    Raises:
        ListRefused: what is wrong with the query, or 410 for a sync token that is too old.
    """
    if unknown := query.keys() - _KNOWN:
        raise ListRefused(400, "badRequest", f"unknown parameter {min(unknown)}")
    asked = Asked(query)
    place = _read(_Next, query["pageToken"]) if "pageToken" in query else _Next(offset=0, change=workspace.changes)
    found = _found(workspace, calendar, asked)
    if empty_first and "pageToken" not in query:  # Google does that, too
        return {**_head(calendar), "items": [], "nextPageToken": _written(place)}
    most = min(int(query.get("maxResults", "250")), _MOST)
    shown = found[place.offset : place.offset + most]
    page: JsonObject = {
        **_head(calendar), "items": [one.shown(calendar, bare_deletions=bare_deletions) for one in shown],
    }  # fmt: skip
    if place.offset + most < len(found):
        return {**page, "nextPageToken": _written(_Next(offset=place.offset + most, change=place.change))}
    return {**page, "nextSyncToken": _written(_Sync(change=place.change, single=asked.flag("singleEvents")))}


def _found(workspace: Workspace, calendar: str, asked: Asked) -> list[Event]:
    there = sorted((one for one in workspace.events.values() if one.is_in(calendar)), key=lambda one: one.change)
    if "syncToken" in asked.query:
        sync = _read(_Sync, asked.query["syncToken"])
        if wrong := _NOT_WITH_SYNC & asked.query.keys():
            raise ListRefused(400, "badRequest", f"Sync token cannot be used with {min(wrong)}")
        if sync.single != asked.flag("singleEvents") or asked.query.get("showDeleted") == "false":
            raise ListRefused(400, "badRequest", "Sync token is of another query")
        if sync.change < workspace.oldest_sync_token:
            raise ListRefused(410, "fullSyncRequired", "Sync token is no longer valid, a full sync is required.")
        return [one for one in there if one.change > sync.change]
    after, before = asked.moment("timeMin"), asked.moment("timeMax")
    if asked.flag("singleEvents"):
        there = _single(workspace, there)
    if not asked.flag("showDeleted"):
        there = [one for one in there if not one.is_gone(calendar)]
    return [one for one in there if _is_within(one, after, before)]


def instances_of(workspace: Workspace, calendar: str, event: Event, query: Mapping[str, str]) -> JsonObject:
    """The single ones of a weekly event, on one page.

    Raises:
        ListRefused: what is wrong with the query.
    """
    if unknown := query.keys() - _KNOWN_OF_INSTANCES:
        raise ListRefused(400, "badRequest", f"unknown parameter {min(unknown)}")
    asked = Asked(query)
    found = [one for one in workspace.instances(event) if asked.flag("showDeleted") or not one.is_gone(calendar)]
    found = [one for one in found if _is_within(one, asked.moment("timeMin"), asked.moment("timeMax"))]
    return {**_head(calendar), "items": [one.shown(calendar, bare_deletions=False) for one in found]}


def _single(workspace: Workspace, events: list[Event]) -> list[Event]:
    """Each weekly event as its single ones."""
    plain = [one for one in events if not one.weekly and one.series is None]
    return [*plain, *(single for one in events if one.weekly for single in workspace.instances(one))]


def _is_within(one: Event, after: datetime | None, before: datetime | None) -> bool:
    ends_at = one.ends_at + timedelta(weeks=51) if one.weekly else one.ends_at
    return (after is None or ends_at > after) and (before is None or one.starts_at < before)


def _head(calendar: str) -> JsonObject:
    return {
        "kind": "calendar#events", "etag": '"p1"', "summary": calendar, "timeZone": "UTC", "accessRole": "owner",
        "defaultReminders": [],
    }  # fmt: skip


def _written(what: BaseModel) -> str:
    return base64.urlsafe_b64encode(what.model_dump_json().encode()).decode()


def _read(model: type[_Model], token: str) -> _Model:
    try:
        return model.model_validate_json(base64.urlsafe_b64decode(token))
    except ValueError:
        raise ListRefused(400, "badRequest", "Bad Request") from None
