"""PandaDoc's API, as far as Dealwright uses it: documents, webhook subscriptions and the log of their events.

https://developers.pandadoc.com/reference. Each method raises ``NotHandedOver``, ``Refused`` or ``Unanswered``
(``integrations.kit.errors``).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, ConfigDict, JsonValue

from integrations.kit.answers import Answer, Operation, Retry, Verdict, by_status
from integrations.kit.credentials import FixedToken
from integrations.kit.documents import EFFECT
from integrations.kit.http import Payload, ToolClient
from integrations.kit.request_budget import Limit, SharedBudget, budget_name
from integrations.pandadoc.settings import SOURCE, PandaDocConnection
from integrations.pandadoc.trail import Details, Entry, Somebody
from store.database import Store

VIEWED, VOIDED = 5, 11
"""PandaDoc's numbers for ``document.viewed`` and ``document.voided``."""
TAG = "dealwright"
"""The tag of documents that are made here."""
TRIGGERS = ("document_state_changed", "recipient_completed")
PAYLOAD = ("metadata", "tokens")
"""What each event has with it besides."""
_LIMIT = Limit(most=300, per=timedelta(minutes=1))
"""Of the 400 sendings and 500 creations a minute that PandaDoc takes."""
_PAGE, _LONGEST_TRAIL = 100, 1000
_SOON = timedelta(seconds=2)
_CREATE = Operation(name="make a document", method="POST")
_SEND = Operation(name="send a document", method="POST")
_STATUS = Operation(name="change a document's status", method="PATCH")
_DELETE = Operation(name="delete a document", method="DELETE", empty=frozenset({404}))
_FIND = Operation(name="find a document")
_READ = Operation(name="read a document", empty=frozenset({404}))
_ATTACH = Operation(name="attach a file", method="POST")
_ATTACHED = Operation(name="list attachments")
_SUBSCRIPTIONS = Operation(name="list webhook subscriptions")
_SUBSCRIBE = Operation(name="change a webhook subscription", method="PATCH")
_VIEWED = Operation(name="list documents that were opened")
_DETAILS = Operation(name="read a document's details", empty=frozenset({404}))
_TRAIL = Operation(name="read a document's audit trail", empty=frozenset({404}))
_MEMBERS = Operation(name="list the members of the workspace")
_LOG = Operation(name="list webhook events")
_LOGGED = Operation(name="read a webhook event", empty=frozenset({404}))


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True)


class Document(_Model):
    """A document as lists and details show it."""

    id: str
    status: str
    """``document.draft``, ``document.sent`` and so on."""


class _Documents(_Model):
    results: list[Document]


class _Trail(_Model):
    results: list[Entry] = []


class _Members(_Model):
    results: list[Somebody]


class Attachment(_Model):
    """A file beside a document."""

    uuid: str
    name: str | None = None


class Subscription(_Model):
    """Where webhooks go."""

    uuid: str
    url: str
    active: bool = False
    status: str = "ACTIVE"
    triggers: list[str] = []
    payload: list[str] = []

    @property
    def lacks(self) -> list[str]:
        """What keeps it from telling us all that we need, in words."""
        wrong = {
            f"being on (it is {self.status})": not self.active or self.status != "ACTIVE",
            **{f"the trigger {one}": one not in self.triggers for one in TRIGGERS},
            **{f"the {one} in its payload": one not in self.payload for one in PAYLOAD},
        }
        return [what for what, is_so in wrong.items() if is_so]


class _Subscriptions(_Model):
    items: list[Subscription]


class Logged(_Model):
    """A webhook event in the log; the list lacks its body."""

    uuid: str
    event_time: str | None = None
    request_body: str | None = None


class _Log(_Model):
    items: list[Logged]


def classify(operation: Operation, answer: Answer) -> Verdict:
    """PandaDoc refuses with 409 what a document is not ready for: it is made in the background."""
    if answer.status == 409 and operation in {_SEND, _ATTACH}:  # noqa: PLR2004 - Conflict
        return Retry(answer.retry_after(datetime.now(UTC)) or _SOON)
    return by_status(operation, answer)


class PandaDocClient:
    """One workspace. Close it at the end."""

    def __init__(self, connection: PandaDocConnection, store: Store) -> None:
        budget = SharedBudget(store, budget_name(SOURCE, connection.key.get_secret_value()), _LIMIT, lambda _: None)
        credentials = FixedToken(connection.key, form="API-Key {}")
        self._http = ToolClient("PandaDoc", connection.base_url, credentials, budget, classify)

    async def create(self, body: Mapping[str, JsonValue]) -> Document:
        """Make a document. It is ready to be sent a while later, once its status is ``document.draft``."""
        answer = await self._http.call(_CREATE, "/public/v1/documents", Payload(json=dict(body)))
        return answer.read_as(Document)

    async def find(self, key: str) -> Document | None:
        """The document that carries our key."""
        query: dict[str, str | int] = {f"metadata_{EFFECT}": key, "count": 2}
        answer = await self._http.call(_FIND, "/public/v1/documents", Payload(query=query))
        return next(iter(answer.read_as(_Documents).results), None)

    async def read(self, document: str) -> Document | None:
        """A document by its id."""
        answer = await self._http.call(_READ, f"/public/v1/documents/{document}")
        return None if answer.empty else answer.read_as(Document)

    async def viewed(self, page: int, count: int) -> list[Document]:
        """A page of our documents that were opened, and that nobody has answered yet; the oldest first."""
        query: dict[str, str | int] = {
            "status": VIEWED, "tag": TAG, "order_by": "date_created", "count": count, "page": page,
        }  # fmt: skip
        answer = await self._http.call(_VIEWED, "/public/v1/documents", Payload(query=query))
        return answer.read_as(_Documents).results

    async def details(self, document: str) -> Details | None:
        """A document with what it carries of ours, and who gets it."""
        answer = await self._http.call(_DETAILS, f"/public/v1/documents/{document}/details")
        return None if answer.empty else answer.read_as(Details)

    async def trail(self, document: str) -> list[Entry]:
        """The audit trail of a document, at most its first thousand entries. Administrators may read it."""
        found: list[Entry] = []
        while len(found) < _LONGEST_TRAIL:
            payload = Payload(query={"limit": _PAGE, "offset": len(found)})
            answer = await self._http.call(_TRAIL, f"/public/v2/documents/{document}/audit-trail", payload)
            page = [] if answer.empty else answer.read_as(_Trail).results
            found += page
            if len(page) < _PAGE:
                break
        return found

    async def members(self) -> frozenset[str]:
        """The addresses of our own people in the workspace."""
        answer = await self._http.call(_MEMBERS, "/public/v1/members")
        return frozenset(one.key for one in answer.read_as(_Members).results if one.key)

    async def send(self, document: str, subject: str) -> None:
        """Send a draft to its recipients."""
        body: JsonValue = {"subject": subject, "silent": False}
        await self._http.call(_SEND, f"/public/v1/documents/{document}/send", Payload(json=body))

    async def void(self, document: str, note: str) -> None:
        """Take a document back that was sent."""
        body: JsonValue = {"status": VOIDED, "note": note, "notify_recipients": False}
        await self._http.call(_STATUS, f"/public/v1/documents/{document}/status", Payload(json=body))

    async def delete(self, document: str) -> None:
        """Delete a draft."""
        await self._http.call(_DELETE, f"/public/v1/documents/{document}")

    async def attach(self, document: str, name: str, source: str) -> str:
        """Put a file beside a draft, which PandaDoc fetches; returns what it names it."""
        payload = Payload(json={"name": name, "source": source})
        return (
            (await self._http.call(_ATTACH, f"/public/v1/documents/{document}/attachments", payload))
            .read_as(Attachment)
            .uuid
        )

    async def attached(self, document: str) -> list[Attachment]:
        """The files beside a document."""
        found = (await self._http.call(_ATTACHED, f"/public/v1/documents/{document}/attachments")).json()
        return [Attachment.model_validate(one) for one in found] if isinstance(found, list) else []

    async def subscriptions(self) -> list[Subscription]:
        """All webhook subscriptions of the workspace."""
        return (await self._http.call(_SUBSCRIPTIONS, "/public/v1/webhook-subscriptions")).read_as(_Subscriptions).items

    async def switch_on(self, subscription: Subscription) -> None:
        """Have a subscription told of what we need again, beside what it is told of."""
        body: JsonValue = {
            "active": True, "triggers": [*dict.fromkeys([*subscription.triggers, *TRIGGERS])],
            "payload": [*dict.fromkeys([*subscription.payload, *PAYLOAD])],
        }  # fmt: skip
        await self._http.call(_SUBSCRIBE, f"/public/v1/webhook-subscriptions/{subscription.uuid}", Payload(json=body))

    async def log(self, since: datetime, count: int, page: int) -> list[Logged]:
        """A page of the log of webhook events since a time."""
        query: dict[str, str | int] = {"since": since.isoformat(), "count": count, "page": page}
        return (await self._http.call(_LOG, "/public/v1/webhook-events", Payload(query=query))).read_as(_Log).items

    async def logged(self, event: str) -> Logged | None:
        """An event of the log, with the body that was sent."""
        answer = await self._http.call(_LOGGED, f"/public/v1/webhook-events/{event}")
        return None if answer.empty else answer.read_as(Logged)

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.close()
