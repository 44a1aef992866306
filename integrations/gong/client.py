"""Gong's API, as far as Dealwright uses it: calls with who took part and what is to be done next.

https://gong.app.gong.io/settings/api/documentation. Each method raises ``NotHandedOver``, ``Refused`` or
``Unanswered`` (``integrations.kit.errors``).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from pydantic import AwareDatetime, BaseModel, JsonValue

from integrations.gong.settings import SOURCE, GongConnection
from integrations.kit.answers import Operation
from integrations.kit.conversations import CrmObject, Recording, SuggestedStep, Talker
from integrations.kit.credentials import FixedToken
from integrations.kit.http import Payload, ToolClient
from integrations.kit.request_budget import Limit, SharedBudget, budget_name
from store.database import Store

_LIMIT = Limit(most=3, per=timedelta(seconds=1))
"""What Gong takes; and 10,000 calls a day, after which it answers 429 with ``Retry-After``."""
_CALLS = Operation(name="read calls", method="POST", reads=True, empty=frozenset({404}))
"""Gong answers 404 where no call is found."""
_WANTED: JsonValue = {
    "context": "Extended",
    "exposedFields": {"parties": True, "content": {"pointsOfInterest": True}},
}


class _MetaData(BaseModel):
    id: str
    title: str | None = None
    url: str | None = None
    started: AwareDatetime
    duration: float = 0
    isPrivate: bool = False  # noqa: N815 - Gong's name


class _CrmObject(BaseModel):
    objectType: str = ""  # noqa: N815
    objectId: str | None = None  # noqa: N815


class _Context(BaseModel):
    system: str | None = None
    objects: list[_CrmObject] = []


class _Party(BaseModel):
    name: str | None = None
    emailAddress: str | None = None  # noqa: N815
    affiliation: str | None = None
    speakerId: str | None = None  # noqa: N815


class _ActionItem(BaseModel):
    snippet: str = ""
    speakerID: str | None = None  # noqa: N815


class _Points(BaseModel):
    actionItems: list[_ActionItem] | None = None  # noqa: N815


class _Content(BaseModel):
    pointsOfInterest: _Points | None = None  # noqa: N815


class _Call(BaseModel):
    metaData: _MetaData  # noqa: N815
    context: list[_Context] | None = None
    parties: list[_Party] | None = None
    content: _Content | None = None

    def recording(self) -> Recording:
        about = self.metaData
        parties = self.parties or []
        points = self.content.pointsOfInterest if self.content else None
        spoken_by = {one.speakerId: one.name or one.emailAddress for one in parties if one.speakerId}
        return Recording(
            id=about.id, began_at=about.started, lasted=timedelta(seconds=max(about.duration, 0)), title=about.title,
            url=about.url, private=about.isPrivate,
            about=tuple(
                CrmObject(system=context.system or "", kind=one.objectType, id=one.objectId)
                for context in self.context or []
                for one in context.objects
                if one.objectId
            ),
            parties=tuple(
                Talker(name=one.name, address=one.emailAddress, ours=one.affiliation == "Internal") for one in parties
            ),
            steps=tuple(
                SuggestedStep(text=one.snippet, by=spoken_by.get(one.speakerID or ""))
                for one in (points.actionItems if points else None) or []
            ),
        )  # fmt: skip


class _Records(BaseModel):
    cursor: str | None = None


class _Calls(BaseModel):
    calls: list[_Call] = []
    records: _Records = _Records()


class GongClient:
    """One Gong account. Close it at the end."""

    def __init__(self, connection: GongConnection, store: Store) -> None:
        budget = SharedBudget(store, budget_name(SOURCE, connection.access_key.get_secret_value()), _LIMIT)
        self._http = ToolClient("Gong", connection.base_url, FixedToken(connection.basic, form="Basic {}"), budget)

    async def calls(self, begins: datetime, ends: datetime, page: str | None) -> tuple[list[Recording], str | None]:
        """A page of the calls that began in a time, and what the next page is asked for by."""
        return await self._read({"fromDateTime": begins.isoformat(), "toDateTime": ends.isoformat()}, page)

    async def call(self, id_: str) -> Recording | None:
        """The call of an id; None while Gong does not have it, or no longer."""
        found, _ = await self._read({"callIds": [id_]}, None)
        return found[0] if found else None

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.close()

    async def _read(self, which: Mapping[str, JsonValue], page: str | None) -> tuple[list[Recording], str | None]:
        body: JsonValue = {"filter": {**which}, "contentSelector": _WANTED, **({"cursor": page} if page else {})}
        answer = await self._http.call(_CALLS, "/v2/calls/extensive", Payload(json=body))
        if answer.empty:
            return [], None
        read = answer.read_as(_Calls)
        return [one.recording() for one in read.calls], read.records.cursor
