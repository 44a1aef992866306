"""Change events are read as hints: which records changed, when, and by what."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from integrations.salesforce.change_events.hints import NoChangeEvent, read_change_event
from integrations.salesforce.simulator.change_events import gap_event
from tests.integrations.salesforce.org_client import OrgClient

SAMPLES = Path(__file__).parent / "samples"


def sample(name: str) -> Any:
    return json.loads((SAMPLES / f"change_event.{name}.json").read_text())


def test_a_recorded_event_says_which_record_changed_and_when() -> None:
    hint = read_change_event(sample("contact.update"))
    assert (hint.sobject, hint.records) == ("Contact", ("003ak00000IiFInAAN",))
    assert hint.at == datetime(2025, 4, 24, 13, 18, 26, tzinfo=UTC)
    assert not hint.is_by("Dealwright")


async def test_our_own_write_is_known_by_the_client_that_we_call_ourselves(org: OrgClient) -> None:
    ours = {"Sforce-Call-Options": "client=Dealwright"}
    await org.call("POST", "sobjects/Task", {"Subject": "Call"}, **ours)
    event: Any = org.simulator.state.change_events[-1]
    assert read_change_event(event).is_by("Dealwright")
    assert not read_change_event(event).is_by("Deal")


async def test_a_gap_names_records_and_an_overflow_means_all(org: OrgClient) -> None:
    now = datetime(2026, 11, 26, tzinfo=UTC)
    gap = read_change_event(gap_event(org.simulator.org, "Opportunity", ["0061"], "GAP_UPDATE", now))
    overflow = read_change_event(gap_event(org.simulator.org, "Opportunity", ["000"], "GAP_OVERFLOW", now))
    assert (gap.records, overflow.records) == (("0061",), ())


@pytest.mark.parametrize(
    "event", [None, [], {}, {"ChangeEventHeader": None}, {"ChangeEventHeader": {"entityName": "Task"}}]
)
def test_what_has_no_header_is_no_change_event(event: Any) -> None:
    with pytest.raises(NoChangeEvent):
        read_change_event(event)
