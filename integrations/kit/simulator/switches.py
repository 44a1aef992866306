"""Switches: how a simulator misbehaves, set at ``POST /_simulator/switches``.

Those that count say how many times more it happens: 0 is never, -1 until it is set back.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

Times = Annotated[int, Field(ge=-1)]
Seconds = Annotated[float, Field(ge=0)]


class Switches(BaseModel):
    """What every simulator can do wrong. A tool with ways of its own adds fields in a subclass."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    only: str = ""
    """A regular expression: calls whose ``METHOD /path`` it does not find are answered as they should be."""
    lose_request: Times = 0
    """Calls that are never taken: the connection is cut before anything happens."""
    lose_response: Times = 0
    """Writing calls that are carried out, and the connection is cut before the answer."""
    bad_gateway: Times = 0
    """Writing calls that are carried out and answered with 502, as a proxy does."""
    server_error: Times = 0
    """Calls that are answered with the tool's 500 and not carried out."""
    quota_spent: Times = 0
    """Calls that are refused because the tool's limit is reached."""
    expire_token: Times = 0
    """Calls that are refused because their token holds no longer."""
    slow: Seconds = 0
    """Seconds before each answer, after the call was carried out."""

    hold: bool = False
    """Whether webhooks wait until somebody calls ``POST /_simulator/deliver``."""
    delay: Seconds = 0
    """Seconds that a webhook waits before its first attempt."""
    duplicate: Times = 0
    """Webhooks that are sent twice."""
    reorder: bool = False
    """Whether events that wait together are sent in another order than they happened."""
    drop: Times = 0
    """Webhooks that are never sent, as after the last attempt."""
    subscription_disabled: bool = False
    """Whether the tool has stopped to send webhooks: what happens meanwhile is never told."""
    retry_after: Seconds | None = None
    """Seconds between two attempts at a webhook, in the place of what the tool waits."""
    clock_skew: float = 0
    """Seconds by which the tool's clock is ahead."""

    @field_validator("only")
    @classmethod
    def _is_an_expression(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"this is no regular expression ({error})") from None
        return value

    def concerns(self, call: str) -> bool:
        """Whether misbehaviour is wanted for this call (``METHOD /path``)."""
        return re.search(self.only, call) is not None

    def take(self, name: str) -> bool:
        """Whether a counting switch is on; it counts down by one."""
        left: int = getattr(self, name)
        if left > 0:
            setattr(self, name, left - 1)
        return left != 0
