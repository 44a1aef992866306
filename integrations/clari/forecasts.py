"""What Clari says of an opportunity's forecast, beside what is known: each change of it is told once.

What the CRM is known to hold is no news of Clari's: Clari shows the CRM's own fields, and what we wrote there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from pydantic import JsonValue

from integrations.clari.client import Opportunity, OpportunityField
from integrations.clari.settings import ClariConnection, System
from store.mirror import Mirrored

JsonObject = dict[str, JsonValue]
FORECAST, CLOSE_ON = "forecast", "close_on"
_IN_CRM: Mapping[System, Mapping[str, tuple[str, ...]]] = {
    "salesforce": {FORECAST: ("forecast",), CLOSE_ON: ("close_on",)},
    "hubspot": {FORECAST: ("hs_manual_forecast_category", "hs_forecast_category"), CLOSE_ON: ("closedate",)},
    "pipedrive": {FORECAST: (), CLOSE_ON: ("expected_close_date",)},
}
"""Under which names the mirror has what a CRM holds of them."""
_A_DAY = timedelta(days=1)
_MILLISECONDS = 1000


@dataclass(frozen=True)
class Said:
    """What Clari holds of one field now."""

    property: str
    value: str
    """Empty for nothing; a day as ISO 8601."""
    since: datetime | None
    """Where Clari says it."""


def said_of(opportunity: Opportunity, connection: ClariConnection) -> Iterator[Said]:
    """What Clari holds of forecast and close date; nothing of a field that it does not show, or in no form we know."""
    for name, id_ in ((FORECAST, connection.forecast_field), (CLOSE_ON, connection.close_field)):
        field = opportunity.field(id_)
        value = None if field is None else _text(name, field.value)
        if field is not None and value is not None:
            yield Said(name, value, _since(name, field, value))


def news(
    said: Said, known: Mapping[str, Mirrored], in_crm: Mapping[str, Mirrored], system: System, now: datetime
) -> JsonObject | None:
    """What an event says of a value; None where it is known, or is the CRM's own.

    What is seen for the first time is told only where Clari says since when it is so: else it may be older than what
    the deal knows.
    """
    before = known.get(said.property)
    at = now if before is not None else said.since
    if at is None or (before is not None and before.value == said.value) or _is_crms(said, before, in_crm, system):
        return None
    return {
        "property": said.property, "value": said.value, "since": before.at.isoformat() if before else "first",
        "at": min(at, now).isoformat(),
    }  # fmt: skip


def _is_crms(said: Said, before: Mirrored | None, in_crm: Mapping[str, Mirrored], system: System) -> bool:
    """Whether the CRM holds it, and has since Clari held something else: else somebody went back to it in Clari."""
    held = [in_crm[name] for name in _IN_CRM[system][said.property] if name in in_crm]
    same = [one for one in held if _alike(said.property, one.value) == _alike(said.property, said.value)]
    return any(before is None or one.at > before.at for one in same)


def _alike(name: str, value: JsonValue) -> str:
    """A value, the same in Clari and in the CRM: ``Best Case`` is HubSpot's ``BEST_CASE``."""
    text = "" if value is None else _text(name, value) or ""
    return text.casefold().replace(" ", "_") if name == FORECAST else text


def _text(name: str, value: JsonValue) -> str | None:
    """A value as a text, empty for nothing; None where it is in no form that we know."""
    match value:
        case None | "":
            return ""
        case str() if name == FORECAST:
            return value.strip()
        case str() if name == CLOSE_ON and not value.isdecimal():
            return _day_of(lambda: datetime.fromisoformat(value))
        case str() | int() if name == CLOSE_ON and not isinstance(value, bool):
            return _day_of(lambda: datetime.fromtimestamp(int(value) / _MILLISECONDS, UTC))
        case _:
            return None


def _day_of(read: Callable[[], datetime]) -> str | None:
    try:
        return read().date().isoformat()
    except (ValueError, OverflowError, OSError):
        return None


def _since(name: str, field: OpportunityField, value: str) -> datetime | None:
    """Since when a field has its value. What changed on a day, as Clari's examples say it, counts as its end."""
    dates = [
        one.date for one in field.trendHistory or [] if one.date is not None and _text(name, one.newValue) == value
    ]
    try:
        at = datetime.fromtimestamp(max(dates) / _MILLISECONDS, UTC) if dates else None
    except (ValueError, OverflowError, OSError):
        return None
    return at + _A_DAY - timedelta.resolution if at is not None and at.time() == time() else at
