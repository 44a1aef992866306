"""Which of HubSpot's changes are our own writes coming back, whoever HubSpot says wrote them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from pydantic import JsonValue

from integrations.hubspot.changes import JsonObject
from integrations.hubspot.client import HubSpotClient
from integrations.hubspot.own_key import KEY
from integrations.hubspot.own_objects import comparable, object_named
from integrations.hubspot.settings import SOURCE
from integrations.kit.errors import NotHandedOver
from store import links, mirror
from store.database import Store
from store.errors import StoreAway
from store.own_writes import is_own

_SAME_MOMENT = timedelta(seconds=1)
"""How much later than the journal said a change may be told to have happened."""
_BY_SOMEBODY = frozenset({None, "INTEGRATION"})
"""Sources of changes that may be ours: the journal names none."""
_MADE_HERE = {"deal": "deals", "contact": "contacts", "company": "companies"}


async def marked(store: Store, changes: Sequence[JsonObject]) -> list[JsonObject]:
    """The changes; those that tell what we wrote ourselves are marked ``held``.

    A value that we wrote, told with a time after our write, is no echo: somebody has written it again since. Of an
    object that we may have made, and whose id we were not told, its key has to be fetched first (``written``).

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
        if _is_echo(change, known.get(object_id, {})):
            found.append({**change, "held": True})
        elif what == "propertyChange" and await _may_be_of_our_making(store, change, kind):
            found.append(change | {"fetch": {**_fetched(change), "written": _written(change, object_id)}})
        else:
            found.append(change)
    return found


async def is_of_our_making(store: Store, client: HubSpotClient, written: Mapping[str, JsonValue]) -> bool:
    """Whether a change (``written``) is what we wrote into an object that we knew by its key alone.

    Raises:
        NotHandedOver, Refused, Unanswered: HubSpot, or the database, cannot be asked now.
    """
    kind, _, id_ = str(written["object"]).partition(":")
    there = await client.read(_MADE_HERE[kind], id_, properties=(KEY, *(("email",) if kind == "contact" else ())))
    name, at = str(written["property"]), _moment(written["at"])
    if there is None or at is None:
        return False
    for key in filter(None, (there.properties.get(KEY), there.properties.get("email"))):
        try:
            known = await mirror.known(store, SOURCE, object_named(kind, key))
        except StoreAway as error:
            raise NotHandedOver(str(error)) from error
        if is_own(known, name, comparable(name, written["value"]), at):
            return True
    return False


async def _may_be_of_our_making(store: Store, change: JsonObject, kind: str) -> bool:
    if kind not in _MADE_HERE or change.get("changeSource") not in _BY_SOMEBODY:
        return False
    if kind == "deal":
        return await links.deal_of(store, SOURCE, f"deal:{change.get('objectId')}") is None
    return "fetch" in change


def _is_echo(change: JsonObject, known: Mapping[str, mirror.Mirrored]) -> bool:
    occurred, name = _moment(change.get("occurredAt")), str(change.get("propertyName"))
    if occurred is None:
        return False
    value = comparable(name, change.get("propertyValue"))
    if is_own(known, name, value, occurred):
        return True
    held = known.get(name)
    return held is not None and value == comparable(name, held.value) and occurred <= held.at + _SAME_MOMENT


def _fetched(change: JsonObject) -> JsonObject:
    fetch = change.get("fetch")
    return fetch if isinstance(fetch, dict) else {}


def _written(change: JsonObject, object_id: str) -> JsonObject:
    return {
        "object": object_id, "property": change.get("propertyName"), "value": change.get("propertyValue"),
        "at": change.get("occurredAt"),
    }  # fmt: skip


def _moment(occurred: JsonValue) -> datetime | None:
    return datetime.fromtimestamp(occurred / 1000, UTC) if isinstance(occurred, int) else None
