"""A request as it came in, and what a check of its origin is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from dealwright.diagnostics.diagnostic import BadValue

URL_SHOWN = 200
"""Characters that are shown of the URL that was called."""
_VARIABLE = ("DEALWRIGHT_WEBHOOK_SECRETS",)


class InvalidSignature(Exception):
    """A request does not prove where it comes from; the message says what is wrong with it."""


class CannotVerify(Exception):
    """Whether a request comes from its source cannot be said now: what is needed for it cannot be reached."""


class BadSecret(BadValue):
    """A webhook secret that cannot be used."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem, remedy, _VARIABLE)


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """A request as it came in."""

    method: str
    url: str
    """The public URL that the source called, as it is written there, without the secret in it."""
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes
    query: Mapping[str, str] = field(default_factory=dict)
    """The fields of the URL's query; of one that comes twice, the first."""
    path_secret: str = field(default="", repr=False)
    """The last segment of a URL that has a secret there."""

    @property
    def shown_url(self) -> str:
        """What may be shown of the URL: no query, no secret."""
        return self.url.partition("?")[0][:URL_SHOWN]

    def header(self, name: str) -> str:
        """A header's value.

        Raises:
            InvalidSignature: it is missing.
        """
        if not (value := self.headers.get(name.lower())):
            raise InvalidSignature(f"the header {name} is missing")
        return value


class SignatureVerifier(Protocol):
    """Verifies that a request comes from its source."""

    async def check(self, request: WebhookRequest, now: datetime) -> None:
        """Return if the source sent the request. ``now`` is the wall clock's time.

        Raises:
            InvalidSignature: it does not prove that.
            CannotVerify: it cannot be said now.
        """


def check_age(signed_at: float, now: datetime, tolerance: float) -> None:
    """Check that a request was signed not long ago, and not in the future. All in seconds, by the wall clock.

    Raises:
        InvalidSignature: how far off it is.
    """
    age = now.timestamp() - signed_at
    if not abs(age) <= tolerance:  # also what is no number
        side = "in the past" if age > 0 else "in the future"
        raise InvalidSignature(f"it was signed {abs(age):.0f} s {side}: at most {tolerance:.0f} are taken")
