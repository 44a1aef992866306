"""Chorus's API, as far as Dealwright uses it: engagements, conversations with their action items, and the hook.

The paths are those of Chorus's OpenAPI description, v26.33.08. The names of the fields within a conversation follow a
short summary of it, and were checked neither against the description nor against an answer of Chorus:
``docs/integrations/chorus.md`` says what to check first.

Each method raises ``NotHandedOver``, ``Refused`` or ``Unanswered`` (``integrations.kit.errors``).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pydantic import AwareDatetime, BaseModel, JsonValue

from integrations.chorus.settings import SOURCE, ChorusConnection
from integrations.kit.answers import Operation
from integrations.kit.conversations import CrmObject, Recording, SuggestedStep, Talker
from integrations.kit.credentials import FixedToken
from integrations.kit.http import Payload, ToolClient
from integrations.kit.request_budget import Limit, SharedBudget, budget_name
from store.database import Store

_LIMIT = Limit(most=5, per=timedelta(seconds=1))
"""Chorus publishes no limits: this one is ours."""
_NOT_THERE = frozenset({404})
_ENGAGEMENTS = Operation(name="list engagements")
_CONVERSATION = Operation(name="read a conversation", empty=_NOT_THERE)
_HOOKS = Operation(name="list hooks")
_SUBSCRIBE = Operation(name="set up a hook", method="POST")
EVENT = "recording_done"
_FORMS = {"plain": "{}", "bearer": "Bearer {}"}


class _Engagement(BaseModel):
    engagement_id: str


class _Engagements(BaseModel):
    engagements: list[_Engagement] = []
    continuation_key: str | None = None


class _Participant(BaseModel):
    name: str | None = None
    email: str | None = None
    type: str | None = None
    """``rep`` for our own people, ``cust`` for others."""


class _ActionItem(BaseModel):
    text: str = ""
    speaker: str | None = None


class _Deal(BaseModel):
    id: str | None = None


class _Attributes(BaseModel):
    name: str | None = None
    start_time: AwareDatetime
    duration: float = 0
    url: str | None = None
    private: bool = False
    participants: list[_Participant] = []
    action_items: list[_ActionItem] = []
    deal: _Deal | None = None


class _Data(BaseModel):
    id: str
    attributes: _Attributes


class _Conversation(BaseModel):
    data: _Data

    def recording(self, system: str) -> Recording:
        """In the form of all such tools."""
        about = self.data.attributes
        deal = about.deal.id if about.deal else None
        kind = "opportunity" if system == "salesforce" else "deal"
        return Recording(
            id=self.data.id, began_at=about.start_time, lasted=timedelta(seconds=max(about.duration, 0)),
            title=about.name, url=about.url, private=about.private,
            about=(CrmObject(system=system, kind=kind, id=deal),) if deal else (),
            parties=tuple(
                Talker(name=one.name, address=one.email, ours=one.type == "rep") for one in about.participants
            ),
            steps=tuple(SuggestedStep(text=one.text, by=one.speaker) for one in about.action_items),
        )  # fmt: skip


class _Hook(BaseModel):
    event: str
    hook_url: str


class _Hooks(BaseModel):
    hooks: list[_Hook] = []


class ChorusClient:
    """One Chorus account. Close it at the end."""

    def __init__(self, connection: ChorusConnection, store: Store) -> None:
        self._system = connection.system
        form = _FORMS[connection.token_form]
        budget = SharedBudget(store, budget_name(SOURCE, connection.token.get_secret_value()), _LIMIT)
        self._http = ToolClient("Chorus", connection.base_url, FixedToken(connection.token, form=form), budget)

    async def engagements(self, begins: datetime, ends: datetime, page: str | None) -> tuple[list[str], str | None]:
        """The ids of a page of what was recorded in a time, and what the next page is asked for by."""
        asked: dict[str, str | int] = {
            "min_date": begins.astimezone(UTC).isoformat(), "max_date": ends.astimezone(UTC).isoformat(),
            **({"continuation_key": page} if page else {}),
        }  # fmt: skip
        answer = await self._http.call(_ENGAGEMENTS, "/v3/engagements", Payload(query=asked))
        read = answer.read_as(_Engagements)
        return [one.engagement_id for one in read.engagements], read.continuation_key

    async def conversation(self, id_: str) -> Recording | None:
        """The conversation of an id; None while Chorus does not have it, or no longer."""
        answer = await self._http.call(_CONVERSATION, f"/api/v1/conversations/{id_}")
        return None if answer.empty else answer.read_as(_Conversation).recording(self._system)

    async def hooks(self) -> list[str]:
        """The addresses that are told when a recording is done."""
        found = (await self._http.call(_HOOKS, "/v3/webhook")).read_as(_Hooks)
        return [one.hook_url for one in found.hooks if one.event == EVENT]

    async def subscribe(self, url: str, secret: str) -> None:
        """Have an address told."""
        body: JsonValue = {"event": EVENT, "hook_url": url}
        await self._http.call(_SUBSCRIBE, "/v3/webhook", Payload(json=body, secrets=(secret,)))

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.close()
