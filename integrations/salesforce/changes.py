"""What changed in Salesforce: records as they are now, beside what they were last known to hold.

Salesforce does not say what changed: outbound messages and queries show whole records. So a change is a difference to
what is mirrored, which our own writes go into as well: what we wrote ourselves makes no difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import JsonValue

from integrations.salesforce.records import FORECAST, ObservedRecord, Texts
from store.own_writes import is_own

DELETED = "deleted"
"""The property that says whether a record is in the recycle bin."""
OPENED = "opened"
"""What is told, as a property, of an opportunity that is seen for the first time and belongs to no deal."""
_OURS, _DECIDED = "ours:", "decided:"


@dataclass(frozen=True)
class Held:
    """What a property was last known to hold, and since when."""

    value: str | None
    at: datetime


@dataclass(frozen=True)
class Difference:
    """What is new about one record."""

    events: tuple[dict[str, JsonValue], ...]
    """As the mapping file reads them, in the order in which a deal is to hear of them."""
    mirror: Texts
    """What is known from now on."""


_WITHIN_ITS_SECOND = timedelta(seconds=1) - timedelta.resolution
"""Salesforce tells the second in which a person did something. It counts as the end of it: at its beginning, what the
deal itself did a moment before would be later, and the person's edit would count for nothing."""
_NOTHING = (None, "false")
"""What says nothing when it is seen for the first time."""


def intended(property_: str) -> str:
    """The name under which a value is mirrored that something is made or closed with: it may have no id yet."""
    return f"{_OURS}{property_}"


def decided(property_: str) -> str:
    """The name under which it is kept when the value was decided that was written last (the deal's time)."""
    return f"{_DECIDED}{property_}"


def overtaken(property_: str, at: datetime, held: Mapping[str, Held]) -> bool:
    """Whether a value that was decided at a time (the deal's) is out of date: we or somebody there changed it since."""
    known, ours = held.get(property_), held.get(decided(property_))
    if ours is not None and ours.at > at:
        return True
    by_somebody = known is not None and (ours is None or known.value != ours.value)
    return by_somebody and known is not None and known.at > at


def difference(record: ObservedRecord, held: Mapping[str, Held], *, known: bool) -> Difference:
    """What a record tells; ``known`` says that its opportunity belongs to a deal already."""
    told = {**record.properties, DELETED: "true" if record.deleted else "false"}
    news = {name: value for name, value in told.items() if _is_news(name, value, record.at, held)}
    changed = _not_ours(news, record.at, held)
    if "stage" in news and "stage" not in changed:  # Salesforce sets it with the stage, which we wrote
        changed.pop(FORECAST, None)
    # Of two writes of ours in one second the first one may be seen last: it stands there no more.
    old = [name for name in news if name not in changed and name in held and held[name].at == record.at]
    news = {name: value for name, value in news.items() if name not in old}
    if record.deleted:
        changed = {name: value for name, value in changed.items() if name == DELETED}
    return Difference(tuple(_events(record, changed, held, known=known)), news)


def unheard(record: ObservedRecord, held: Mapping[str, Held]) -> Texts:
    """What somebody changed there that no message told yet. It must not be written over: it would be lost."""
    news = {
        name: value
        for name, value in record.properties.items()
        if name in held and _is_news(name, value, record.at, held)
    }
    return _not_ours(news, record.at, held)


def _not_ours(news: Texts, at: datetime, held: Mapping[str, Held]) -> Texts:
    return {
        name: value
        for name, value in news.items()
        if not _is_ours(name, value, at, held) and (name in held or value not in _NOTHING)
    }


def _is_news(name: str, value: str | None, at: datetime, held: Mapping[str, Held]) -> bool:
    if (before := held.get(name)) is None:
        return True
    return before.value != value and before.at <= at


def _is_ours(name: str, value: str | None, at: datetime, held: Mapping[str, Held]) -> bool:
    """Whether it is what we wrote, or what we are making or closing it with."""
    ours = held.get(intended(name))
    return is_own(held, name, value, at) or (ours is not None and value is not None and ours.value == value)


def _events(
    record: ObservedRecord, changed: Texts, held: Mapping[str, Held], *, known: bool
) -> Iterator[dict[str, JsonValue]]:
    if record.kind == "opportunity" and not known and not held and not record.deleted:
        yield _event(record, OPENED, None, None)
    if record.kind == "role" and changed and DELETED not in changed:
        yield _event(record, "contact", _joined(record.properties), _latest(held))
        return
    for name, value in changed.items():
        before = held.get(name)
        event = _event(record, name, value, before.at if before else None)
        # Whoever changed a known record last need not be who gave this property its value, if it was not followed.
        yield event | {"by": None} if before is None and _was_known_before(record, held) else event


def _was_known_before(record: ObservedRecord, held: Mapping[str, Held]) -> bool:
    return any(one.at < record.at for one in held.values())


def _event(record: ObservedRecord, name: str, value: str | None, since: datetime | None) -> dict[str, JsonValue]:
    """An event is named by the step that it is: from what was known to what is. Whoever sees it names it so."""
    return {
        "object": record.kind,
        "id": record.id,
        "opportunity": record.opportunity,
        "deal": record.deal_key,
        "property": name,
        "value": value,
        "since": since.isoformat() if since else "first",
        "at": (record.at + _WITHIN_ITS_SECOND).isoformat(),
        "by": record.by,
        "record": {**record.properties, **record.around},
    }


def _joined(properties: Texts) -> str:
    return "|".join(properties.get(name) or "" for name in sorted(properties))


def _latest(held: Mapping[str, Held]) -> datetime | None:
    return max((one.at for one in held.values()), default=None)
