"""Slack's Web API, as far as Dealwright uses it (https://docs.slack.dev/reference/methods).

Each method raises ``NotHandedOver``, ``Refused`` or ``Unanswered`` (``integrations.kit.errors``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from pydantic import BaseModel, JsonValue

from integrations.kit.answers import Operation
from integrations.kit.credentials import FixedToken
from integrations.kit.delivery import Absent, Found, Lookup, Unsure
from integrations.kit.http import Payload, ToolClient
from integrations.kit.request_budget import Limit, SharedBudget, budget_name
from integrations.slack.answers import classify
from integrations.slack.settings import SlackConnection
from store.database import Store

EVENT_TYPE = "dealwright_effect"
"""The type of the metadata that our messages carry."""
_POST = Operation(name="post a message", method="POST")
_UPDATE = Operation(name="change a message", method="POST")
_WHISPER = Operation(name="tell one person alone", method="POST")
_USER = Operation(name="look up a person by id")
_ME = Operation(name="look at the token", method="POST", reads=True)
_BY_EMAIL = Operation(name="look up a person by e-mail")
_OPEN = Operation(name="open direct messages", method="POST", reads=True)
_HISTORY = Operation(name="read a conversation's history")
_PAGE, _MOST_PAGES = 200, 10


class Profile(BaseModel):
    """What a member says of themselves; Slack checks the address before it changes."""

    email: str = ""


class Member(BaseModel):
    """Somebody whom Slack shows in the workspace."""

    id: str
    team_id: str = ""
    deleted: bool = False
    is_bot: bool = False
    is_stranger: bool = False
    """Whether they belong to another company, with which a channel is shared."""
    profile: Profile = Profile()


class Installation(BaseModel):
    """Where and as what the app is installed."""

    team_id: str
    team: str = ""
    user_id: str
    scopes: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Content:
    """What a message says: ``text`` stands in notifications, and in the message where there are no ``blocks``."""

    text: str
    key: str
    """Our key, which its metadata carries."""
    blocks: tuple[JsonValue, ...] = ()

    def fields(self) -> dict[str, JsonValue]:
        """As the API takes it."""
        return {
            "text": self.text, "blocks": list(self.blocks),
            "metadata": {"event_type": EVENT_TYPE, "event_payload": {"key": self.key}},
        }  # fmt: skip


class _FoundMember(BaseModel):
    user: Member


class _Person(BaseModel):
    id: str


class _FoundPerson(BaseModel):
    user: _Person


class _Opened(BaseModel):
    channel: _Person


class _Posted(BaseModel):
    channel: str
    ts: str


class _Metadata(BaseModel):
    event_type: str = ""
    event_payload: dict[str, JsonValue] = {}


class _Message(BaseModel):
    ts: str
    metadata: _Metadata | None = None


class _Next(BaseModel):
    next_cursor: str = ""


class _History(BaseModel):
    messages: list[_Message]
    has_more: bool = False
    response_metadata: _Next | None = None


class SlackClient:
    """One app in one workspace. Close it at the end."""

    def __init__(self, connection: SlackConnection, store: Store) -> None:
        limit = Limit(most=connection.calls_a_minute, per=timedelta(minutes=1))
        budget = SharedBudget(store, budget_name("slack", connection.token.get_secret_value()), limit)
        self._http = ToolClient("Slack", connection.base_url, FixedToken(connection.token), budget, classify)

    async def post(self, channel: str, content: Content) -> str:
        """Post a message; returns what Slack names it."""
        body: JsonValue = {
            "channel": channel, "mrkdwn": False, "unfurl_links": False, "unfurl_media": False, **content.fields(),
        }  # fmt: skip
        posted = (await self._http.call(_POST, "/api/chat.postMessage", Payload(json=body))).read_as(_Posted)
        return reference(posted.channel, posted.ts)

    async def update(self, message: str, content: Content) -> None:
        """Change a message of ours, by what Slack names it; once more, it changes nothing."""
        channel, ts = place_of(message)
        body: JsonValue = {"channel": channel, "ts": ts, **content.fields()}
        await self._http.call(_UPDATE, "/api/chat.update", Payload(json=body))

    async def whisper(self, channel: str, user: str, text: str) -> None:
        """Tell one person something in a conversation, where nobody else sees it."""
        body: JsonValue = {"channel": channel, "user": user, "text": text}
        await self._http.call(_WHISPER, "/api/chat.postEphemeral", Payload(json=body))

    async def member(self, user: str) -> Member | None:
        """A member by their id; None when there is none."""
        answer = await self._http.call(_USER, "/api/users.info", Payload(query={"user": user}))
        return None if answer.empty else answer.read_as(_FoundMember).user

    async def installation(self) -> Installation:
        """Whose the token is, and what it may do."""
        answer = await self._http.call(_ME, "/api/auth.test", Payload(json={}))
        scopes = frozenset(filter(None, answer.headers.get("x-oauth-scopes", "").replace(" ", "").split(",")))
        return answer.read_as(Installation).model_copy(update={"scopes": scopes})

    async def find(self, channel: str, key: str) -> Lookup:
        """The message that carries a key, among the newest two thousand of a conversation."""
        cursor = ""
        for _ in range(_MOST_PAGES):
            query: dict[str, str | int] = {"channel": channel, "limit": _PAGE, "include_all_metadata": "true"}
            query |= {"cursor": cursor} if cursor else {}
            answer = await self._http.call(_HISTORY, "/api/conversations.history", Payload(query=query))
            page = answer.read_as(_History)
            for message in page.messages:
                if message.metadata is not None and message.metadata.event_payload.get("key") == key:
                    return Found(reference(channel, message.ts))
            cursor = page.response_metadata.next_cursor if page.response_metadata else ""
            if not page.has_more or not cursor:
                return Absent()
        return Unsure(f"so much was written in {channel} since that the message may stand further back")

    async def person_of(self, email: str) -> str | None:
        """The id of the member with an e-mail address."""
        answer = await self._http.call(_BY_EMAIL, "/api/users.lookupByEmail", Payload(query={"email": email}))
        return None if answer.empty else answer.read_as(_FoundPerson).user.id

    async def direct_messages(self, user: str) -> str | None:
        """The conversation with one member, which nobody sees before something is written; None for who has left."""
        answer = await self._http.call(_OPEN, "/api/conversations.open", Payload(json={"users": user}))
        return None if answer.empty else answer.read_as(_Opened).channel.id

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.close()


def reference(channel: str, ts: str) -> str:
    """What a message is named in the ledger: a ``ts`` is unique within its channel only."""
    return f"message:{channel}/{ts}"


def place_of(message: str) -> tuple[str, str]:
    """The channel and the ``ts`` of a message that is named so."""
    channel, _, ts = message.removeprefix("message:").partition("/")
    return channel, ts
