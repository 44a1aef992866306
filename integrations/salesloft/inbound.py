"""What Salesloft's webhooks bring: a record each, of the type that a header names."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeAlias

from pydantic import ValidationError
from pydantic_core import from_json

from integrations.kit.errors import NotHandedOver, Refused
from integrations.kit.inbound import InboundResult
from integrations.kit.mapping.bodies import Unreadable
from integrations.kit.mapping.source_mapping import Source
from integrations.kit.proof.request import WebhookRequest
from integrations.kit.tool import Connected
from integrations.salesloft.client import SalesloftClient
from integrations.salesloft.reading import Reader, events_of
from integrations.salesloft.records import Call, Email, Meeting, Membership, Person, Task
from integrations.salesloft.settings import SOURCE, SalesloftConnection
from store import intake, mirror
from store.database import Store

Kind: TypeAlias = type[Membership] | type[Email] | type[Call] | type[Meeting] | type[Person] | type[Task]
EVENTS: dict[str, Kind] = {
    "cadence_membership_created": Membership, "cadence_membership_updated": Membership, "email_updated": Email,
    "call_created": Call, "call_updated": Call, "meeting_booked": Meeting, "meeting_updated": Meeting,
    "person_updated": Person, "task_completed": Task, "task_updated": Task,
}  # fmt: skip
"""The types of webhooks that are followed, and the record that each has in it.

https://developers.salesloft.com/docs/platform/webhooks/event-types/
"""
Listed: TypeAlias = Membership | Email | Call | Meeting | Person | Task
_HEADER = "x-salesloft-event"


def salesloft_webhooks(connected: Connected | None) -> SalesloftWebhooks:
    """What reads the webhooks of an installation, connected to Salesloft or not."""
    return SalesloftWebhooks(connected)


class SalesloftWebhooks:
    """Reads webhooks. Of their bodies nothing is kept but what is said of deals: they have the callback token."""

    def __init__(self, connected: Connected | None) -> None:
        connection = connected.block(SalesloftConnection) if connected else None
        self._client = SalesloftClient(connection, connected.store) if connection and connected else None
        self._dispositions = connection.dispositions if connection else {}

    async def __call__(self, request: WebhookRequest, source: Source, store: Store) -> InboundResult:
        """What a request brings. It is kept here already, so that the mirror is written after it.

        Raises:
            Unreadable: it is none of Salesloft's.
            NotHandedOver, Unanswered: whom a call went to cannot be looked up now.
            StoreAway: it is not all kept; Salesloft tries again.
        """
        kind = EVENTS.get(request.header(_HEADER))
        if kind is None:
            return InboundResult()
        now = datetime.now(UTC)
        try:
            noticed = await Reader(store, self._client, self._dispositions).read(_record(kind, request.body), now)
        except Refused as error:  # whoever mends the connection gets it by the next try, or by reading
            raise NotHandedOver(error.reason) from error
        events = await events_of(store, source, noticed.changes, now)
        await intake.add(store, events)
        for seen in noticed.seen:
            await mirror.note(store, SOURCE, seen.object_id, seen.values, seen.at)
        return InboundResult(kept=tuple(events))


def _record(kind: Kind, body: bytes) -> Listed:
    try:
        said = from_json(body)
        inner = said.get("data") if isinstance(said, dict) else None
        return kind.model_validate(inner if isinstance(inner, dict) else said)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"])) or "its body"
        raise Unreadable(f"the body is no {kind.__name__.lower()} of Salesloft's ({where})") from None
    except ValueError:
        raise Unreadable("the body is no JSON") from None
