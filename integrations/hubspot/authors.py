"""Who changed a property of a deal, where that matters: whose word a forecast is."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from pydantic import JsonValue

from integrations.hubspot.client import HubSpotClient
from integrations.kit.errors import Refused

_GOOD_FOR = 600.0
"""Seconds."""
_SAME_MOMENT = timedelta(seconds=1)
"""How far the time of a change and that of the value's history may be apart."""


class Authors:
    """Users by the ids that changes have of them. What was found is remembered for some minutes."""

    def __init__(self, client: HubSpotClient) -> None:
        self._client = client
        self._found: dict[str, tuple[float, str | None]] = {}

    async def of(self, said: Mapping[str, JsonValue]) -> str | None:
        """The name of the user who made a change; None where it was no user, or nobody may know.

        Of one that names nobody, as the journal's, the history of the property is looked at.

        Raises:
            NotHandedOver, Unanswered: HubSpot cannot be asked now.
        """
        try:
            user = said.get("user") or await self._in_history(said)
            return await self._name(str(user)) if user else None
        except Refused:  # the key may not see users: what was said holds all the same
            return None

    async def _in_history(self, said: Mapping[str, JsonValue]) -> int | None:
        name, at = str(said.get("property")), said.get("at")
        if not isinstance(at, int):
            return None
        there = await self._client.read("deals", str(said.get("deal")), history=(name,))
        changed = datetime.fromtimestamp(at / 1000, UTC)
        versions = there.history.get(name, []) if there else []
        near = [one for one in versions if abs(one.timestamp - changed) <= _SAME_MOMENT]
        return min(near, key=lambda one: abs(one.timestamp - changed)).user if near else None

    async def _name(self, user: str) -> str | None:
        until, name = self._found.get(user, (0.0, None))
        if until < time.monotonic():
            found = await self._client.user(user)
            name = found.name if found else None
            self._found[user] = (time.monotonic() + _GOOD_FOR, name)
        return name
