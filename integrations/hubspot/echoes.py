"""Which of HubSpot's changes are our own writes coming back, whoever HubSpot says wrote them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from integrations.hubspot.changes import JsonObject
from integrations.hubspot.settings import SOURCE
from store import mirror
from store.database import Store

_SAME_MOMENT = timedelta(seconds=1)
"""How much later than its answer said a write of ours may be told to have happened."""


async def marked(store: Store, changes: Sequence[JsonObject]) -> list[JsonObject]:
    """The changes; those that tell what we wrote ourselves are marked ``held``.

    A value that we wrote, told with a time after our write, is no echo: somebody has written it again since.

    Raises:
        StoreAway: the database does not answer.
    """
    known: dict[str, dict[str, mirror.Mirrored]] = {}
    found = []
    for change in changes:
        kind, _, what = str(change["subscriptionType"]).partition(".")
        object_id = f"{kind}:{change.get('objectId')}"
        if what == "propertyChange" and object_id not in known:
            known[object_id] = await mirror.known(store, SOURCE, object_id)
        held = known.get(object_id, {}).get(str(change.get("propertyName")))
        found.append({**change, "held": True} if held is not None and _is_echo(change, held) else change)
    return found


def _is_echo(change: JsonObject, held: mirror.Mirrored) -> bool:
    occurred = change.get("occurredAt")
    if not isinstance(occurred, int) or str(change.get("propertyValue") or "") != str(held.value or ""):
        return False
    return datetime.fromtimestamp(occurred / 1000, UTC) <= held.at + _SAME_MOMENT
