"""What is remembered of an org: whose its opportunities are, and what its records were last known to hold.

Everything here may be done twice. Every function raises ``StoreAway`` when the database does not answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from integrations.kit.own_writes import OwnWrites
from integrations.salesforce.changes import Held
from integrations.salesforce.settings import SOURCE
from store import links, mirror
from store.database import Store

OPPORTUNITY = "opportunity"
"""The kind of object, before the id in links, references and what is mirrored."""


_OPEN_FOR = timedelta(days=1)
"""Salesforce tells when a record was changed last, and not when each field was. A write that got no answer is tried
again long before."""


class OrgMemory:
    """Links and mirrored values of one org. ``object_id`` is a record with its kind: ``opportunity:0065f…``."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.own = OwnWrites(store, SOURCE, _OPEN_FOR)
        """What is written into records that may be written by people as well."""

    async def opportunity_of(self, deal_id: str) -> str | None:
        """The id of a deal's opportunity; of several, the first by id."""
        found = await links.objects_of(self._store, deal_id, SOURCE, OPPORTUNITY)
        return found[0] if found else None

    async def deal_of(self, opportunity: str) -> str | None:
        """The deal that an opportunity belongs to."""
        return await links.deal_of(self._store, SOURCE, f"{OPPORTUNITY}:{opportunity}")

    async def link(self, opportunity: str, deal_id: str) -> None:
        """Say that an opportunity belongs to a deal."""
        await links.link(self._store, SOURCE, f"{OPPORTUNITY}:{opportunity}", deal_id)

    async def held(self, object_id: str) -> dict[str, Held]:
        """What a record was last known to hold."""
        known = await mirror.known(self._store, SOURCE, object_id)
        return {name: Held(None if one.value is None else str(one.value), one.at) for name, one in known.items()}

    async def hold(self, object_id: str, values: Mapping[str, str | None], at: datetime) -> None:
        """Remember what a record holds; what is known of a later time stays."""
        await mirror.note(self._store, SOURCE, object_id, dict(values), at)


def to_be_made(key: str) -> str:
    """The name under which it is kept what the opportunity with this key is made with: it has no id yet."""
    return f"deal:{key}"


def closing(key: str) -> str:
    """The name under which it is kept that we close the task with this key, or make it closed."""
    return f"effect:{key}"
