"""Which HubSpot user one of our people is, and the other way round."""

from __future__ import annotations

import time
from collections.abc import Mapping

from dealwright.deal import Person
from integrations.hubspot.client import HubSpotClient

_GOOD_FOR = 600.0
"""Seconds."""


class Owners:
    """Users, by their e-mail addresses. What was found is remembered for some minutes."""

    def __init__(self, client: HubSpotClient, fixed: Mapping[str, str]) -> None:
        self._client = client
        self._fixed = {email.lower(): id_ for email, id_ in fixed.items()}
        self._found: dict[str, tuple[float, str | None]] = {}

    async def id_of(self, person: Person | None) -> str | None:
        """The user's id; None for somebody who is none.

        Raises:
            NotHandedOver: HubSpot cannot be asked now.
        """
        if person is None or not person.email:
            return None
        email = person.email.lower()
        if email in self._fixed:
            return self._fixed[email]
        until, id_ = self._found.get(email, (0.0, None))
        if until < time.monotonic():
            owner = await self._client.owner_of(email)
            id_ = owner.id if owner else None
            self._found[email] = (time.monotonic() + _GOOD_FOR, id_)
        return id_

    async def person(self, id_: str) -> Person | None:
        """Whom an id stands for.

        Raises:
            NotHandedOver: HubSpot cannot be asked now.
        """
        owner = await self._client.owner(id_)
        emails = [email for email, fixed in self._fixed.items() if fixed == id_]
        if owner is None:
            return Person(name=emails[0], email=emails[0]) if emails else None
        return Person(name=owner.name, email=emails[0] if emails else owner.email)
