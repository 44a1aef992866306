"""Which Pipedrive user one of our people is, and the other way round."""

from __future__ import annotations

import time
from collections.abc import Mapping

from dealwright.deal import Person
from integrations.pipedrive.client import PipedriveClient
from integrations.pipedrive.records import UserRecord

_GOOD_FOR = 600.0
"""Seconds."""


class Users:
    """Users, by their e-mail addresses. The list of them is remembered for some minutes."""

    def __init__(self, client: PipedriveClient, fixed: Mapping[str, str]) -> None:
        self._client = client
        self._fixed = {email.lower(): int(id_) for email, id_ in fixed.items() if id_.isdecimal()}
        self._until, self._known = 0.0, list[UserRecord]()

    async def id_of(self, person: Person | None) -> int | None:
        """The user's id; None for somebody who is none.

        Raises:
            NotHandedOver: Pipedrive cannot be asked now.
        """
        if person is None or not person.email:
            return None
        email = person.email.lower()
        if email in self._fixed:
            return self._fixed[email]
        return next((one.id for one in await self._all() if one.email.lower() == email and one.active_flag), None)

    async def person(self, id_: int) -> Person | None:
        """Whom an id stands for.

        Raises:
            NotHandedOver: Pipedrive cannot be asked now.
        """
        emails = [email for email, fixed in self._fixed.items() if fixed == id_]
        found = next((one for one in await self._all() if one.id == id_), None)
        if found is None:
            return Person(name=emails[0], email=emails[0]) if emails else None
        return Person(name=found.name, email=emails[0] if emails else found.email)

    async def _all(self) -> list[UserRecord]:
        if self._until < time.monotonic():
            self._known = await self._client.users()
            self._until = time.monotonic() + _GOOD_FOR
        return self._known
