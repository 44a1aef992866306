"""Time zones and regions are known by their standard names; others are refused with the nearest one."""

import subprocess
import sys
from datetime import date

import pytest
from pydantic import TypeAdapter, ValidationError

from dealwright.calendar.zones import (
    Region,
    UnknownRegion,
    UnknownZone,
    ZoneName,
    known_region,
    public_holidays,
    region_of,
    zone_named,
)


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/Argentina/Buenos_Aires", "Asia/Kolkata", "UTC"])
def test_iana_names_are_time_zones(name: str) -> None:
    assert zone_named(name).key == name


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("europe/berlin", "write Europe/Berlin"),
        ("Europe/Berln", "write Europe/Berlin"),
        ("Berlin", "write Europe/Berlin"),
        ("America/New York", "write America/New_York"),
        (" Asia/Tokyo ", "write Asia/Tokyo"),
        ("+02:00", "write a name such as Europe/Berlin"),
        ("", "write a name such as Europe/Berlin"),
        ("Europe", "write a name such as Europe/Berlin"),
        ("../../etc/passwd", "write a name such as Europe/Berlin"),
        ("x" * 100_000, "write a name such as Europe/Berlin"),
    ],
)
def test_what_is_no_time_zone_is_refused_with_the_nearest(name: str, instead: str) -> None:
    with pytest.raises(UnknownZone) as refused:
        zone_named(name)

    assert refused.value.remedy.startswith(instead)


@pytest.mark.parametrize("name", ["localtime", "Factory", "posix/Europe/Berlin", "right/Europe/Berlin"])
def test_files_beside_the_zones_that_differ_between_machines_are_no_time_zones(name: str) -> None:
    with pytest.raises(UnknownZone):
        zone_named(name)


@pytest.mark.parametrize("code", ["DE", "DE-BE", "US", "US-CA", "GB-SCT", "IN", "WS"])
def test_iso_codes_are_regions(code: str) -> None:
    assert known_region(code) == code


@pytest.mark.parametrize(
    ("code", "instead"),
    [
        ("de", "write DE"),
        ("de-be", "write DE-BE"),
        ("DE_BE", "write DE-BE"),
        ("Germany", "write DE"),
        ("United Kingdom", "write GB"),
        ("DEU", "write DE"),
        ("UK", "write GB"),
        ("US-ca", "write US-CA"),
        ("GB-London", "write GB-ENG, GB-NIR, GB-SCT, GB-WLS"),
        ("SG-01", "write SG, which has no parts of its own"),
        ("XX", "write an ISO 3166 code such as DE or DE-BE"),
        ("", "write an ISO 3166 code such as DE or DE-BE"),
    ],
)
def test_what_is_no_region_is_refused_with_what_to_write(code: str, instead: str) -> None:
    with pytest.raises(UnknownRegion) as refused:
        known_region(code)

    assert refused.value.remedy == instead


@pytest.mark.parametrize(("code", "region"), [("DE-BE", "DE-BE"), ("GB-LND", "GB"), ("SG-01", "SG"), ("US", "US")])
def test_a_subdivision_without_holidays_of_its_own_has_those_of_its_country(code: str, region: str) -> None:
    assert region_of(code) == region


def test_a_subdivision_of_no_country_has_no_holidays() -> None:
    with pytest.raises(UnknownRegion):
        region_of("XX-BE")


def test_as_fields_they_are_texts_that_are_checked() -> None:
    assert TypeAdapter(ZoneName).validate_python("Asia/Kolkata") == "Asia/Kolkata"
    assert TypeAdapter(Region).validate_python("DE-BE") == "DE-BE"
    with pytest.raises(ValidationError, match="Write Asia/Kolkata"):
        TypeAdapter(ZoneName).validate_python("asia/kolkata")
    with pytest.raises(ValidationError, match="Write DE"):
        TypeAdapter(Region).validate_python("de")


def test_a_subdivision_has_holidays_of_its_own() -> None:
    womens_day = date(2026, 3, 8)

    assert womens_day in public_holidays("DE-BE", 2026)
    assert womens_day not in public_holidays("DE", 2026)


def test_a_holiday_moved_into_the_year_before_belongs_to_the_year_it_is_observed_in() -> None:
    assert date(2021, 12, 31) in public_holidays("US", 2021)


def test_holidays_are_imported_only_once_a_region_asks_for_them() -> None:
    code = (
        "import sys; from datetime import UTC, datetime\n"
        "from dealwright.calendar.business_calendar import Calendar, Span\n"
        "rules = dict(hours='Mon-Fri 09:00-17:00', timezone='Europe/Berlin')\n"
        "Calendar(**rules).add(datetime(2026, 3, 10, tzinfo=UTC), Span.parse('2bd'))\n"
        "before = 'holidays' in sys.modules\n"
        "Calendar(**rules, holidays='DE')\n"
        "print(before, 'holidays' in sys.modules)"
    )

    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert printed.split() == ["False", "True"]
