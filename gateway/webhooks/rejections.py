"""Refused webhook requests and events: each is logged, and kept as a row of the intake."""

from __future__ import annotations

import hashlib
import logging
import re
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import uuid4

from integrations.kit.mapping.meaning import LONGEST_REASON
from integrations.kit.proof.request import URL_SHOWN, WebhookRequest
from store import intake
from store.database import Store, canonical_json
from store.errors import StoreAway
from store.intake import Event, IntakeState

log = logging.getLogger(__name__)

MAX_ROWS_PER_MINUTE = 60
"""For one source: whoever sends rubbish does not fill the database. The log has every one."""
EXCERPT = 500
"""Characters of the body that are kept."""


class RejectionLog:
    """Writes refused requests to the intake, at most ``most`` rows a minute for each source."""

    def __init__(
        self, store: Store, most: int = MAX_ROWS_PER_MINUTE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store, self._most, self._clock = store, most, clock
        self._minutes: dict[str, tuple[int, int]] = {}

    async def add(
        self, source: str, request: WebhookRequest, reason: str, at: datetime, secret_fields: Sequence[str] = ()
    ) -> None:
        """Log a refused request and keep a row of it. While the database is away, only the log has it.

        Of the body's ``secret_fields`` no value is kept.
        """
        log.warning("webhook of %s refused: %s", source, reason.replace(request.url[:URL_SHOWN], request.shown_url))
        if not self._has_room(source):
            return
        excerpt = _without(secret_fields, request.body[: EXCERPT * 4].decode("utf-8", "replace"))[:EXCERPT]
        event = Event(
            source=source,
            event_id=f"refused-{uuid4()}",
            deal_ref=None,
            fact="",
            payload={"excerpt": excerpt, "bytes": len(request.body), "url": request.shown_url},
            received_at=at,
            state=IntakeState.REFUSED,
            last_error=reason[:LONGEST_REASON],
        )
        try:
            await intake.add(self._store, [event])
        except StoreAway as error:
            log.warning("the trace of that request is not in the intake: %s", error)

    async def add_differing(self, source: str, events: Sequence[Event], at: datetime) -> None:
        """Keep events that came under the ids of earlier ones with other content, beside those, and refused.

        Raises:
            StoreAway: they are not kept.
        """
        kept = []
        for event in events:
            log.warning("an event of %s came under the id of an earlier one with other content: refused", source)
            if self._has_room(source):
                content = canonical_json([event.deal_ref, event.fact, event.payload]).encode()
                changes = {
                    "event_id": f"{event.event_id}.differs-{hashlib.sha256(content).hexdigest()[:12]}",
                    "received_at": at, "state": IntakeState.REFUSED,
                    "last_error": f"{event.event_id!r} came before with other content, which counts"[:LONGEST_REASON],
                }  # fmt: skip
                kept.append(event.model_copy(update=changes))
        await intake.add(self._store, kept)

    def _has_room(self, source: str) -> bool:
        minute = int(self._clock() // 60)
        began, count = self._minutes.get(source, (minute, 0))
        count = count + 1 if began == minute else 1
        self._minutes[source] = (minute, count)
        return count <= self._most


def _without(fields: Sequence[str], text: str) -> str:
    """The beginning of a JSON text without the values of some fields, also of one that it breaks off in."""
    if not fields:
        return text
    value = r'"(?:[^"\\]|\\.)*"?|[^\s,}\]]+'
    return re.sub(rf'("(?:{"|".join(map(re.escape, fields))})"\s*:\s*)(?:{value})', r'\1"…"', text)
