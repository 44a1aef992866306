"""What nobody has named is told by its name at the very moment in which a message about it is started."""

from __future__ import annotations

import pytest

from simulation.laws.messages import NoMessageAboutWhatIsOff, NothingIsSaidThatIsNoLongerSo
from simulation.replay import Check
from tests.dealwright.examined import Told, found_in
from tests.dealwright.planted_faults import messages
from tests.dealwright.story import of_stage

WRITES = of_stage("""
- {name: of-demo, on: {before: demo.starts_at, by: 2d}, steps: [{email: reminder, marketing: false}]}
- {name: of-meeting, on: {before: meeting.starts_at, by: 2d}, steps: [{email: reminder, marketing: false}]}
- {name: of-proposal, on: proposal_sent, until: proposal_declined, steps: [{email: proposal-nudge, marketing: false}]}
""")
TOMORROW = {"starts_at": "2026-03-03T09:00:00Z"}
BEGUN: dict[str, tuple[type[Check], Told, Told]] = {
    "demo": (NoMessageAboutWhatIsOff, ("demo_booked", TOMORROW), ("demo_booked", TOMORROW | {"demo": "d2"})),
    "meeting": (NoMessageAboutWhatIsOff, ("meeting_booked", TOMORROW), ("meeting_booked", {"meeting": "m"} | TOMORROW)),
    "proposal": (NothingIsSaidThatIsNoLongerSo, ("proposal_sent", {}), ("proposal_sent", {"proposal": "p2"})),
}  # fmt: skip
CALLED_OFF: dict[str, Told] = {
    "demo": ("demo_cancelled", {"demo": "d2"}),
    "meeting": ("meeting_cancelled", {"meeting": "m2"}),
    "proposal": ("proposal_declined", {"proposal": "p2"}),
}


@pytest.mark.parametrize("thing", BEGUN)
def test_a_message_about_what_is_named_since_is_about_that(thing: str) -> None:
    check, told, named = BEGUN[thing]

    assert found_in(WRITES, check, [told, named]) == []


@pytest.mark.parametrize("thing", BEGUN)
def test_a_message_about_what_is_called_off_by_its_name_is_noticed(thing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    check, told, _ = BEGUN[thing]
    assert found_in(WRITES, check, [told, CALLED_OFF[thing]]) == []

    messages.what_was_called_off_is_spoken_of(monkeypatch)
    messages.nobody_asks_whether_it_is_still_so(monkeypatch)

    assert found_in(WRITES, check, [told, CALLED_OFF[thing]])
