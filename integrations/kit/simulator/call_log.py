"""The log of calls that a simulator got, with what became of each."""

from __future__ import annotations

from collections import deque
from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict

MOST_CALLS, MOST_OF_A_BODY = 10_000, 4_000


class Call(BaseModel):
    """One call. Its headers are not kept: they have secrets."""

    model_config = ConfigDict(frozen=True)

    number: int
    at: AwareDatetime
    method: str
    path: str
    query: str
    body: str
    """How it begins."""
    status: int | None
    """None where the caller got no answer."""
    fault: str | None
    """The switch that kept the call from its answer, if one did."""


class CallLog:
    """The newest calls, in the order in which they were answered."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=MOST_CALLS)
        self._number = 0

    def add(self, at: datetime, request: tuple[str, str, str, bytes], status: int | None, fault: str | None) -> None:
        """Write a call down; ``request`` is its method, path, query and body."""
        method, path, query, body = request
        self._number += 1
        text = body[:MOST_OF_A_BODY].decode("utf-8", "replace")
        self._calls.append(
            Call(
                number=self._number, at=at, method=method, path=path, query=query, body=text, status=status, fault=fault
            )
        )

    def since(self, number: int = 0) -> list[Call]:
        """The calls after the one of that number."""
        return [call for call in self._calls if call.number > number]
