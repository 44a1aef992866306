"""What a tool brings along for what comes in, where its mapping file is not enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from pydantic import JsonValue

from integrations.kit.mapping.answers import Reply
from integrations.kit.mapping.source_mapping import Source
from integrations.kit.proof.request import WebhookRequest
from store.database import Store
from store.intake import Event


@dataclass(frozen=True, slots=True)
class InboundResult:
    """What code read in a request."""

    events: tuple[Event, ...] = ()
    """What is to be kept in the intake, in order; it is kept before the answer."""
    answer: Reply | None = None
    """What the source wants to hear; without it what its mapping file says, or our receipt."""
    kept: tuple[Event, ...] = ()
    """What it has kept already, since it wrote something else after it."""


class InboundHandler(Protocol):
    """Reads a source's requests, where a mapping cannot: raw mail, buttons of a chat.

    The request has proven where it comes from. It is called again for the same request, so it changes nothing that
    cannot be changed twice; what it wants to happen, it gives back as events.
    """

    async def __call__(self, request: WebhookRequest, source: Source, store: Store) -> InboundResult:
        """What the request brings.

        Raises:
            Unreadable: it is not what its source sends. The source is answered 422.
            NotHandedOver, Unanswered: what it needs to look up cannot be had now; the source tries again.
            StoreAway: the source tries again.
        """


class Fetcher(Protocol):
    """Gets what a source only hinted at."""

    async def fetch(self, what: JsonValue) -> JsonValue | None:
        """What the mapping's ``fetch.what`` points at, as the tool has it now; None when it is not there any more.

        Each item of a list is an event of its own. It only reads, so it may be called again.

        Raises:
            NotHandedOver, Unanswered: it cannot be had now, and is asked for again later.
            Refused: it can never be had.
        """
