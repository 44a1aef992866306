"""What the clock and the public holidays are at a place: IANA time zones and ISO 3166 regions.

Both come from data that other people keep (tzdata, the ``holidays`` package) and that changes between releases.
"""

import re
import warnings
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from math import floor
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator

from dealwright.calendar.durations import RefusedTime
from dealwright.diagnostics.suggestions import nearest
from dealwright.diagnostics.text import quoted

_NOT_PLACES = frozenset({"Factory", "localtime", "posixrules"})
ANY_ZONE = "a name such as Europe/Berlin or UTC"
_OTHER_CLOCKS = ("posix/", "right/")


class UnknownZone(RefusedTime):
    """A name that is no time zone of the IANA database."""


class UnknownRegion(RefusedTime):
    """A code that is no country, or no subdivision of its country, whose holidays are known."""


@lru_cache(maxsize=1024)
def zone_named(name: str) -> ZoneInfo:
    """The time zone of an IANA name such as ``Europe/Berlin``.

    Raises:
        UnknownZone: there is none of that name; the message suggests the nearest.
    """
    if name in _NOT_PLACES or name.startswith(_OTHER_CLOCKS):
        raise UnknownZone(*_not_a_zone(name))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownZone(*_not_a_zone(name)) from error


def is_zone(name: str) -> bool:
    """Whether a name is that of a time zone; it costs much less than to find the nearest to one that is not."""
    return name in _all_zones()


@cache
def _all_zones() -> frozenset[str]:
    return frozenset(available_timezones() - _NOT_PLACES)


@lru_cache(maxsize=1024)
def known_region(code: str) -> str:
    """The code itself, such as ``DE`` or ``DE-BE``, if holidays are known for it.

    Raises:
        UnknownRegion: none are; the message suggests what to write instead.
    """
    country, _, part = code.partition("-")
    parts = _parts_of_countries().get(country)
    if parts is None:
        raise UnknownRegion(_no_holidays(code), _instead_of_country(code))
    if code != country and part not in parts:
        raise UnknownRegion(_no_holidays(code), _instead_of_part(code, country, parts))
    return code


def region_of(code: str) -> str:
    """The region whose holidays hold at an ISO 3166 code: its subdivision if it has its own, else its country.

    ISO names many more subdivisions than have holidays of their own: London (``GB-LND``) has those of ``GB``.

    Raises:
        UnknownRegion: no holidays are known for the country either.
    """
    country, _, part = code.partition("-")
    return code if part in _parts_of_countries().get(country, ()) else known_region(country)


@lru_cache(maxsize=4096)
def public_holidays(region: str, year: int) -> frozenset[date]:
    """The public holidays of a region in a year, with the days on which moved ones are observed.

    The package knows no holidays before about 1900 and after 2100, and fewer years for some countries.
    """
    import holidays

    country, _, part = region.partition("-")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of a year that it does not know
        return frozenset(holidays.country_holidays(country, subdiv=part or None, years=year))


ZoneName = Annotated[str, AfterValidator(lambda name: zone_named(name).key)]
"""A pydantic field for the name of a time zone."""
Region = Annotated[str, AfterValidator(known_region)]
"""A pydantic field for a country or subdivision with known holidays."""


def instant(zone: ZoneInfo, wall: datetime) -> datetime:
    """The moment, in UTC, at which a zone's wall clock shows ``wall`` (naive).

    A wall time that the clock skips is the first moment after the gap; one it shows twice is the first.
    """
    first, second = zone.utcoffset(wall) or timedelta(), zone.utcoffset(wall.replace(fold=1)) or timedelta()
    if second > first:
        return _change(zone, (wall - second).replace(tzinfo=UTC), (wall - first).replace(tzinfo=UTC))
    return (wall - first).replace(tzinfo=UTC)


def reading(zone: ZoneInfo, at: datetime) -> datetime:
    """What a zone's wall clock shows at a moment, as a naive time that never runs backwards.

    While the clock shows an hour for the second time, the reading stands at the end of that hour. So of two
    moments the later never has the earlier reading.
    """
    there = at.astimezone(zone)
    if not there.fold:
        return there.replace(tzinfo=None)
    first = there.replace(fold=0).utcoffset() or timedelta()
    second = there.utcoffset() or timedelta()
    change = _change(zone, at - (first - second), at)
    return change.replace(tzinfo=None) + first


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first second, after ``before`` and up to ``after``, at which the zone has its later offset."""
    old = before.astimezone(zone).utcoffset()
    low, high = floor(before.timestamp()), floor(after.timestamp())
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == old:
            low = middle
        else:
            high = middle
    return datetime.fromtimestamp(high, UTC)


_OFFSET = re.compile(r"(gmt|utc)?_?[+-][0-9:]+")
"""A zone written as its distance from UTC: it would not know when clocks change."""


@lru_cache(maxsize=1024)
def _not_a_zone(name: str) -> tuple[str, str]:
    wanted, (names, cities) = name.strip().replace(" ", "_").lower(), _zones_and_cities()
    if _OFFSET.fullmatch(wanted):
        return f"{quoted(name)} is an offset, and no IANA time zone", f"write {ANY_ZONE}"
    near = _nearest(wanted, names) or _nearest(wanted.rpartition("/")[2], cities)
    return f"{quoted(name)} is not an IANA time zone", f"write {near or ANY_ZONE}"


@cache
def _zones_and_cities() -> tuple[dict[str, str], dict[str, str]]:
    """The names of all zones, by themselves and by their cities, in lower case."""
    names = {zone.lower(): zone for zone in sorted(_all_zones())}
    return names, {lower.rpartition("/")[2]: zone for lower, zone in names.items() if "/" in lower}


def _no_holidays(code: str) -> str:
    return f"no holidays are known for {quoted(code)}"


def _instead_of_country(code: str) -> str:
    from holidays.registry import COUNTRIES

    wanted, _, part = code.strip().lower().replace("_", "-").partition("-")
    names = {name.replace("_", " "): codes[1] for name, codes in COUNTRIES.items()}
    names |= {alias.lower(): codes[1] for codes in COUNTRIES.values() for alias in codes}
    near = _nearest(wanted, names)
    if near and part.upper() in _parts_of_countries()[near]:
        near = f"{near}-{part.upper()}"
    return f"write {near or 'an ISO 3166 code such as DE or DE-BE'}"


def _instead_of_part(code: str, country: str, parts: frozenset[str]) -> str:
    wanted = code.partition("-")[2].upper()
    near = [wanted] if wanted in parts else sorted(parts)
    choice = ", ".join(f"{country}-{part}" for part in near) or f"{country}, which has no parts of its own"
    return f"write {choice}"


def _nearest(wanted: str, known: dict[str, str]) -> str | None:
    # Two or three letters are near to too many others to guess from.
    cutoff = 0.75 if len(wanted) > len("DEU") else 1.0
    near = nearest(wanted, known, cutoff=cutoff)
    return known[near] if near else None


@cache
def _parts_of_countries() -> dict[str, frozenset[str]]:
    import holidays  # slow to import, and only needed once a calendar names a region
    from holidays.registry import COUNTRIES

    parts = holidays.list_supported_countries()
    return {code: frozenset(parts[code]) for _, code, *_ in COUNTRIES.values()}
