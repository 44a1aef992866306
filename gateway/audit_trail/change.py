"""What a route adds to the audit trail about the change that it was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends, Request


@dataclass
class Change:
    """A change that somebody asks for. The request itself says the rest: who, what, when, and the answer."""

    by: str | None = None
    """In whose name, if not in the caller's own."""
    deal_id: str | None = None
    """The deal, if the path does not name it."""
    target: str | None = None
    """What it is about, if the path does not name it."""
    idempotency_key: str | None = None
    result: Literal["done", "refused", "undecided"] | None = None
    """What became of it, if the status does not say so."""


def change_of(request: Request) -> Change:
    """The change that a request asks for."""
    found: Change | None = getattr(request.state, "change", None)
    if found is None:
        found = request.state.change = Change()
    return found


TheChange = Annotated[Change, Depends(change_of)]
