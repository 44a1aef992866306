"""Webhooks of a simulated tool: kept in a queue, signed as the tool signs, sent again as the tool does."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import httpx2
from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue

from integrations.kit.simulator.switches import Switches
from integrations.kit.trusted_authorities import trusted_authorities

_LOOK_EVERY = 0.02
_PATIENCE = 10.0
"""Seconds that the other side may take to answer."""
_PAUSE = 1.0
"""Seconds between two attempts where the vendor does not say."""
_MOST_ATTEMPTS_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class SignedWebhook:
    """A request that a tool makes (with POST)."""

    url: str
    headers: dict[str, str]
    body: bytes


class WebhookRules(Protocol):
    """How one tool sends webhooks."""

    largest_batch: int
    """Events in one request; 1 where each has its own."""
    pauses: tuple[float, ...]
    """Seconds that the vendor waits before its second attempt, its third and so on; the last one holds for all that
    follow. Empty where the vendor does not say."""

    @property
    def most_attempts(self) -> int:
        """Attempts at one request, the first included."""

    def request(self, target: str, events: Sequence[JsonValue], attempt: int, at: datetime) -> SignedWebhook:
        """The signed request for these events. ``attempt`` counts from 0, ``at`` is the tool's time."""

    def is_taken(self, status: int, body: bytes) -> bool:
        """Whether this answer means that the events are taken."""

    def is_final(self, status: int) -> bool:
        """Whether, after an answer with this status, there is no other attempt."""


class NoWebhooks:
    """Of a tool that sends none."""

    largest_batch = 1
    most_attempts = 1
    pauses: tuple[float, ...] = ()

    def request(self, target: str, events: Sequence[JsonValue], attempt: int, at: datetime) -> SignedWebhook:
        """Never asked for: there is nothing to send."""
        raise NotImplementedError("this tool sends no webhooks")

    def is_taken(self, status: int, body: bytes) -> bool:  # noqa: ARG002 - there is none
        """There is none."""
        return True

    def is_final(self, status: int) -> bool:  # noqa: ARG002 - there is none
        """There is none."""
        return True


class Attempt(BaseModel):
    """One attempt to send a webhook."""

    model_config = ConfigDict(frozen=True)

    at: AwareDatetime
    target: str
    events: list[JsonValue]
    attempt: int
    status: int | None
    """None where there was no answer."""


class WebhookState(BaseModel):
    """What became of a tool's webhooks so far."""

    waiting: int
    """Events that are still to be sent."""
    lost: list[JsonValue]
    """Events that are never sent again."""
    attempts: list[Attempt]


@dataclass
class Batch:
    """Events that go to one address in one request."""

    target: str
    events: list[JsonValue]
    not_before: datetime
    attempt: int = 0
    together: bool = False
    """Whether it is a request already, which is made again as it was."""


@dataclass
class WebhookQueue:
    """Events that are to be sent, from :meth:`add` until they are taken or lost."""

    rules: WebhookRules
    switches: Switches
    now: Callable[[], datetime]
    """The tool's time."""
    attempts: list[Attempt] = field(default_factory=list)
    lost: list[JsonValue] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._waiting: list[Batch] = []
        self._random = random.Random(0)  # noqa: S311 - the same disorder each time
        self._sending = asyncio.Lock()
        self._http = httpx2.AsyncClient(timeout=_PATIENCE, verify=trusted_authorities())

    def add(self, target: str, *events: JsonValue) -> None:
        """Send these events to an address. Without an address nobody has subscribed."""
        if not target or self.switches.subscription_disabled:
            self.lost.extend(events)
            return
        due = self.now() + timedelta(seconds=self.switches.delay)
        self._waiting.extend(Batch(target, [event], due) for event in events)

    def state(self) -> WebhookState:
        """What became of the webhooks so far."""
        waiting = sum(len(batch.events) for batch in self._waiting)
        return WebhookState(waiting=waiting, lost=self.lost, attempts=self.attempts)

    async def run(self) -> None:
        """Send what is due, until cancelled; nothing while webhooks are held."""
        while True:
            if not self.switches.hold:
                await self.deliver(only_due=True)
            await asyncio.sleep(_LOOK_EVERY)

    async def deliver(self, *, only_due: bool = False) -> None:
        """Make one attempt at all that waits, or at what is due."""
        async with self._sending:
            now = self.now()
            due = [batch for batch in self._waiting if not only_due or batch.not_before <= now]
            self._waiting = [batch for batch in self._waiting if batch not in due]
            for batch in self._as_requests(due):
                await self._send(batch)

    def _as_requests(self, due: list[Batch]) -> list[Batch]:
        single, again = [one for one in due if not one.together], [one for one in due if one.together]
        if self.switches.reorder:
            self._random.shuffle(single)
        requests = []
        for target in dict.fromkeys(one.target for one in single):
            events = [event for one in single if one.target == target for event in one.events]
            size = self.rules.largest_batch
            chunks = [events[start : start + size] for start in range(0, len(events), size)]
            requests += [Batch(target, chunk, self.now(), together=True) for chunk in chunks]
        return [*again, *requests]

    async def _send(self, batch: Batch) -> None:
        if self.switches.drop and self.switches.take("drop"):
            self.lost.extend(batch.events)
            return
        answer = await self._attempt(batch)
        if self.switches.duplicate and self.switches.take("duplicate"):
            await self._attempt(batch)
        if answer is not None and self.rules.is_taken(answer.status_code, answer.content):
            return
        batch.attempt += 1
        if (
            answer is not None and self.rules.is_final(answer.status_code)
        ) or batch.attempt >= self.rules.most_attempts:
            self.lost.extend(batch.events)
            return
        batch.not_before = self.now() + self._pause(batch.attempt)
        self._waiting.append(batch)

    def _pause(self, attempts: int) -> timedelta:
        """How long nothing is tried after so many attempts."""
        if self.switches.retry_after is not None:
            return timedelta(seconds=self.switches.retry_after)
        pauses = self.rules.pauses or (_PAUSE,)
        return timedelta(seconds=pauses[min(attempts, len(pauses)) - 1])

    async def _attempt(self, batch: Batch) -> httpx2.Response | None:
        at, answer = self.now(), None
        request = self.rules.request(batch.target, batch.events, batch.attempt, at)
        with suppress(httpx2.TransportError):
            answer = await self._http.post(request.url, content=request.body, headers=request.headers)
        status = None if answer is None else answer.status_code
        made = Attempt(at=at, target=batch.target, events=batch.events, attempt=batch.attempt, status=status)
        self.attempts = [*self.attempts[-_MOST_ATTEMPTS_KEPT:], made]
        return answer
