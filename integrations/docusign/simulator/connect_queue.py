"""Connect's queue: after one answer that is not 2xx nothing is tried until the day's retry, or somebody asks for it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from pydantic import JsonValue
from typing_extensions import override

from integrations.docusign.simulator.account import JsonObject, new_id, time
from integrations.kit.simulator.webhooks import Batch, WebhookQueue

_PENDING = "Pending"


@dataclass
class ConnectQueue(WebhookQueue):
    """The events of all configurations of an account; a configuration is told by its address."""

    @override
    def __post_init__(self) -> None:
        super().__post_init__()
        self._down: dict[str, str] = {}
        """Addresses that did not take an event, and what they answered."""
        self._pending: list[int] = []
        """The batches that were never tried, since their address was down."""
        self._asked_for: list[int] = []
        """The batches that somebody wants to be tried all the same."""

    def failures(self) -> list[JsonObject]:
        """The log of what could not be told."""
        held = [one for one in self._waiting if one.attempt or id(one) in self._pending]
        return [self._failure(one) for one in held]

    def republish(self, envelopes: Collection[str]) -> list[JsonObject]:
        """Have what is held back of these envelopes tried again now; what will be."""
        wanted = [one for one in self._waiting if _envelope_of(one) in envelopes]
        self._asked_for = [id(one) for one in wanted]
        for one in wanted:
            one.not_before = self.now()
        return [
            {"envelopeId": _envelope_of(one), "configUrl": one.target, "status": "queued", "statusMessage": ""}
            for one in wanted
        ]

    @override
    async def _send(self, batch: Batch) -> None:
        if batch.target in self._down and not batch.attempt and id(batch) not in self._asked_for:
            self._pending.append(id(batch))
            batch.not_before = self.now() + self._pause(1)
            self._waiting.append(batch)
            return
        self._pending = [one for one in self._pending if one != id(batch)]
        self._asked_for = [one for one in self._asked_for if one != id(batch)]
        tried = len(self.attempts)
        await super()._send(batch)
        answers = [one.status for one in self.attempts[tried:]]
        if any(status is not None and self.rules.is_taken(status, b"") for status in answers):
            self._up(batch.target)
        elif answers:
            self._down[batch.target] = f"HTTP {answers[-1]}" if answers[-1] else "no answer"

    def _up(self, target: str) -> None:
        if self._down.pop(target, None) is not None:
            for one in self._waiting:
                one.not_before = self.now() if one.target == target else one.not_before

    def _failure(self, batch: Batch) -> JsonObject:
        error = _PENDING if not batch.attempt else self._down.get(batch.target, "HTTP error")
        return {
            "failureId": new_id(), "envelopeId": _envelope_of(batch), "configUrl": batch.target, "error": error,
            "retryCount": str(batch.attempt), "lastTry": time(self.now()), "status": "Sent", "subject": "",
        }  # fmt: skip


def _envelope_of(batch: Batch) -> str:
    event: JsonValue = batch.events[0]
    data = event.get("data") if isinstance(event, dict) else None
    return str(data.get("envelopeId")) if isinstance(data, dict) else ""
