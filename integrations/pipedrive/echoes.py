"""Which changes are known here already: our own writes coming back, and what a webhook or a poll has told before.

It is known by what a record held when, whoever Pipedrive says wrote it. Whoever compares keeps the events first, and
notes in the mirror then what was seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from pydantic import JsonValue

from integrations.kit.polling import Seen
from integrations.pipedrive.changes import JsonObject
from integrations.pipedrive.marks import TASK, task_object
from integrations.pipedrive.settings import SOURCE
from store import mirror
from store.database import Store, canonical_json
from store.own_writes import is_own

_A_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Compared:
    """Changes beside what is known."""

    changes: list[JsonObject]
    """Those that tell nothing new have ``held``."""
    seen: list[Seen]
    """What is to be noted in the mirror."""


async def compared(store: Store, changes: Sequence[JsonObject]) -> Compared:
    """Compare changes with what is known. A task that is done gets its id here; one of somebody else is left out.

    Raises:
        StoreAway: the database does not answer.
    """
    told, seen = list[JsonObject](), list[Seen]()
    for change in changes:
        if (one := await _with_task(store, change)) is None:
            continue
        values, at = _mirrored(one.pop("holds", None)), datetime.fromisoformat(str(one["at"]))
        if values and one["kind"] != "deal.created":
            known = await mirror.known(store, SOURCE, _object_id(one))
            happened_at, at = at, _within_its_second(at, values, known)
            if one.pop("polled", False):
                one["uid"] = f"{one['uid']}.{_step(values, known)}"
            found = await mirror.compare(store, SOURCE, _object_id(one), values, at)
            news = [name for name, value in found.new.items() if not is_own(known, name, value, happened_at)]
            # Of two writes of ours in one second the first one may be told last: it stands there no more.
            old = [name for name in found.new if name not in news and name in known and known[name].at >= happened_at]
            values = {name: value for name, value in values.items() if name not in old}
            one |= {"at": _happened_at(one).isoformat()} | ({} if news else {"held": True})
        told.append(one)
        if values:
            seen.append(Seen(object_id=_object_id(one), values=values, at=at))
    return Compared(told, seen)


def _within_its_second(at: datetime, values: Mapping[str, JsonValue], held: Mapping[str, mirror.Mirrored]) -> datetime:
    """When values are known to be there: records tell whole seconds, and what is known of the same one is no later."""
    known = [held[name].at for name in values if name in held]
    return at if at.microsecond else max([at, *(one for one in known if one < at + _A_SECOND)])


def _step(values: Mapping[str, JsonValue], known: Mapping[str, mirror.Mirrored]) -> str:
    """From what to what a record went. A poll knows the second alone, in which it may see several changes."""
    before = {name: known[name].value for name in values if name in known}
    return sha256(canonical_json([before, {**values}]).encode()).hexdigest()[:16]


def _happened_at(change: JsonObject) -> datetime:
    """When a person did something: where only the second is told, at its end.

    At its beginning, what the deal itself did a moment before would be later, and the edit would count for nothing.
    """
    at = datetime.fromisoformat(str(change["at"]))
    return at if at.microsecond else at + _A_SECOND - timedelta.resolution


async def _with_task(store: Store, change: JsonObject) -> JsonObject | None:
    if change["kind"] != "activity.done":
        return dict(change)
    known = await mirror.known(store, SOURCE, task_object(str(change["mark"])))
    return {**change, "task": known[TASK].value} if TASK in known and change.get("deal") else None


def _mirrored(holds: JsonValue) -> Mapping[str, JsonValue]:
    return holds if isinstance(holds, dict) else {}


def _object_id(change: JsonObject) -> str:
    return f"{str(change['kind']).partition('.')[0]}:{change['object']}"
