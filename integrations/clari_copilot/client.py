"""Clari Copilot's API, as far as Dealwright uses it: calls, and one call with its action items.

https://api-doc.copilot.clari.com (version 1.0.0). Each method raises ``NotHandedOver``, ``Refused`` or ``Unanswered``
(``integrations.kit.errors``).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pydantic import AwareDatetime, BaseModel

from integrations.clari_copilot.settings import SOURCE, ClariCopilotConnection
from integrations.kit.answers import Operation
from integrations.kit.conversations import CrmObject, Recording, SuggestedStep, Talker
from integrations.kit.credentials import Authorization
from integrations.kit.http import Payload, ToolClient
from integrations.kit.request_budget import Limit, SharedBudget, budget_name
from store.database import Store

_LIMIT = Limit(most=8, per=timedelta(seconds=1))
"""Of the ten calls that it takes in a second; and 100,000 in a week."""
PAGE = 100
_CALLS = Operation(name="list calls")
_DETAILS = Operation(name="read a call", empty=frozenset({404}))
_HAPPENED = frozenset({"PROCESSED", "POST_PROCESSING_DONE"})
_WITH_NOBODY = frozenset(
    {"CALL_DID_NOT_CONNECT_WITH_PROSPECT", "CALL_NOBODY_JOINED", "CALL_BOTJOIN_DENIED"}
)  # fmt: skip


class Listed(BaseModel):
    """A call in a list."""

    id: str
    status: str = ""
    disposition: str | None = None
    last_modified_time: str | None = None

    @property
    def happened(self) -> bool:
        """Whether people talked, and what they said has been worked out."""
        return self.status in _HAPPENED and self.disposition not in _WITH_NOBODY


class _Pagination(BaseModel):
    hasMore: bool = False  # noqa: N815 - Clari's names
    nextPageSkip: int | None = None  # noqa: N815


class _Calls(BaseModel):
    calls: list[Listed] = []
    pagination: _Pagination = _Pagination()


class _User(BaseModel):
    userEmail: str | None = None  # noqa: N815


class _Participant(BaseModel):
    name: str | None = None
    email: str | None = None


class _CrmInfo(BaseModel):
    source_crm: str | None = None
    deal_id: str | None = None


class _Metrics(BaseModel):
    call_duration: float | None = None
    """Seconds."""


class _ActionItem(BaseModel):
    action_item: str = ""
    speaker_name: str | None = None


class _Summary(BaseModel):
    key_action_items: list[_ActionItem] | None = None


class _Call(Listed):
    title: str | None = None
    time: AwareDatetime
    users: list[_User] | None = None
    externalParticipants: list[_Participant] | None = None  # noqa: N815
    joinedParticipants: list[_Participant] | None = None  # noqa: N815
    crm_info: _CrmInfo | None = None
    metrics: _Metrics | None = None
    call_review_page_url: str | None = None
    summary: _Summary | None = None

    def recording(self) -> Recording:
        """In the form of all such tools."""
        lasted = self.metrics.call_duration if self.metrics else None
        items = self.summary.key_action_items if self.summary else None
        return Recording(
            id=self.id, began_at=self.time, lasted=timedelta(seconds=max(lasted or 0, 0)), title=self.title,
            url=self.call_review_page_url, about=self._about(), parties=self._parties(),
            steps=tuple(SuggestedStep(text=one.action_item, by=one.speaker_name) for one in items or []),
        )  # fmt: skip

    def _about(self) -> tuple[CrmObject, ...]:
        if self.crm_info is None or not self.crm_info.deal_id or not self.crm_info.source_crm:
            return ()
        system = self.crm_info.source_crm
        kind = "opportunity" if system.lower() == "salesforce" else "deal"
        return (CrmObject(system=system, kind=kind, id=self.crm_info.deal_id),)

    def _parties(self) -> tuple[Talker, ...]:
        """Our users, and of the others those who joined; where nobody is known to have joined, who was invited."""
        ours = [one.userEmail for one in self.users or [] if one.userEmail]
        known = {address.casefold() for address in ours}
        others = [
            one for one in self.joinedParticipants or [] if (one.email or "").casefold() not in known
        ] or self.externalParticipants or []  # fmt: skip
        return (
            *(Talker(name=one.name, address=one.email) for one in others),
            *(Talker(address=address, ours=True) for address in ours),
        )


class _CallAnswer(BaseModel):
    call: _Call


class _KeyAndPassword:
    """Both are sent with each call."""

    def __init__(self, connection: ClariCopilotConnection) -> None:
        key, password = connection.api_key.get_secret_value(), connection.api_password.get_secret_value()
        self._both = Authorization(headers={"X-Api-Key": key, "X-Api-Password": password}, secrets=(key, password))

    async def authorization(self) -> Authorization:
        """Key and password."""
        return self._both

    async def renew(self, spent: Authorization) -> bool:  # noqa: ARG002 - there are no others
        """There are no others."""
        return False


class ClariCopilotClient:
    """One workspace. Close it at the end."""

    def __init__(self, connection: ClariCopilotConnection, store: Store) -> None:
        budget = SharedBudget(store, budget_name(SOURCE, connection.api_key.get_secret_value()), _LIMIT)
        self._http = ToolClient("Clari Copilot", connection.base_url, _KeyAndPassword(connection), budget)

    async def calls(self, begins: datetime, ends: datetime, page: str | None) -> tuple[list[Listed], str | None]:
        """A page of the calls that began in a time, without private ones, and what the next page is asked for by."""
        asked: dict[str, str | int] = {
            "filterTimeGt": _iso(begins), "filterTimeLt": _iso(ends), "sortTime": "asc", "limit": PAGE,
            "skip": int(page or "0"),
        }  # fmt: skip
        read = (await self._http.call(_CALLS, "/calls", Payload(query=asked))).read_as(_Calls)
        after = read.pagination.nextPageSkip
        return read.calls, str(after) if read.pagination.hasMore and after is not None else None

    async def call(self, id_: str) -> Recording | None:
        """The call of an id; None where there is none any more."""
        answer = await self._http.call(_DETAILS, "/call-details", Payload(query={"id": id_}))
        return None if answer.empty else answer.read_as(_CallAnswer).call.recording()

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.close()


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
