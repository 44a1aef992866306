"""How Pipedrive sends webhooks: one event a request, Basic authentication, three times again, then it is lost.

After ten first attempts in a row that failed, nothing is sent for half an hour and what happens meanwhile is lost;
after three days without success the webhook is deleted. https://pipedrive.readme.io/docs/guide-for-webhooks-v2.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from pydantic import JsonValue

from integrations.kit.simulator.webhooks import SignedWebhook
from integrations.pipedrive.simulator.company import Company, Subscription

_FAILURES, _BAN, _GIVEN_UP = 10, timedelta(minutes=30), timedelta(days=3)


class Subscriptions:
    """The webhooks of a company, and how they fare. It is also the rules of sending."""

    largest_batch = 1
    most_attempts = 4
    pauses: tuple[float, ...] = (3, 30, 150)

    def __init__(self, company: Company) -> None:
        self._company = company
        self._sent: tuple[Subscription, datetime] | None = None

    def wanting(self, action: str, kind: str, now: datetime) -> list[Subscription]:
        """The webhooks that get an event. Those that have failed for days are deleted here."""
        alive = [
            one
            for one in self._company.subscriptions
            if not (one.failed_first_attempts and now - one.worked_at >= _GIVEN_UP)
        ]
        self._company.subscriptions = alive
        return [
            one
            for one in alive
            if one.event_action in {"*", action}
            and one.event_object in {"*", kind}
            and (one.banned_until is None or one.banned_until <= now)
        ]

    def request(self, target: str, events: Sequence[JsonValue], attempt: int, at: datetime) -> SignedWebhook:
        """One event. Until it is taken, it counts as failed."""
        event = events[0] if isinstance(events[0], dict) else {}
        meta = event.get("meta")
        meta = {**meta, "attempt": attempt + 1} if isinstance(meta, dict) else {}
        headers = {"content-type": "application/json", "user-agent": "Pipedrive Webhooks"}
        found = [one for one in self._company.subscriptions if str(one.id) == meta.get("webhook_id")]
        self._sent = (found[0], at) if found else None
        if found and attempt == 0:
            self._count_failure(found[0], at)
        if found and found[0].http_auth_user:
            login = f"{found[0].http_auth_user}:{found[0].http_auth_password or ''}"
            headers["authorization"] = "Basic " + base64.b64encode(login.encode()).decode()
        body = json.dumps({**event, "meta": meta}, ensure_ascii=False, separators=(",", ":")).encode()
        return SignedWebhook(target, headers, body)

    def is_taken(self, status: int, body: bytes) -> bool:  # noqa: ARG002 - the status says it
        """Any 2xx."""
        taken = 200 <= status < 300  # noqa: PLR2004 - the range of success
        if taken and self._sent:
            one, at = self._sent
            one.failed_first_attempts, one.banned_until, one.worked_at = 0, None, at
        return taken

    def is_final(self, status: int) -> bool:  # noqa: ARG002 - it tries again after every one
        """Never."""
        return False

    def _count_failure(self, one: Subscription, at: datetime) -> None:
        one.failed_first_attempts += 1
        if one.failed_first_attempts >= _FAILURES:
            one.banned_until = at + _BAN
