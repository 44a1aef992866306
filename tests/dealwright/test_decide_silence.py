"""A deal that nobody looks after: notices back off, and nothing holds it for ever."""

from __future__ import annotations

from collections import Counter
from importlib.resources import files

import pytest

from dealwright import entries as e
from dealwright.effects import Notify
from dealwright.playbook.loading import load_pinned
from tests.dealwright.story import Story

SHIPPED = load_pinned({"playbook.yaml": (files("playbooks") / "b2b-saas" / "playbook.yaml").read_text("utf-8")})
MOST = 50
"""Notices in thirteen months, of all that the playbook asks for meanwhile."""
MOST_OF_ONE = 7
BEGINNING = "2026-03-02 10:00"
END = "2027-04-02 10:00"

TOLD: dict[str, tuple[tuple[str, dict[str, object]], ...]] = {
    "nothing at all": (),
    "an interested reply": (("lead_qualified", {"level": "sql"}), ("reply_received", {"sentiment": "interested"})),
    "a demo": (("demo_booked", {"starts_at": "2026-03-05T10:00:00Z"}),),
    "a proposal": (("proposal_sent", {"discount": "60"}), ("discount_requested", {"percent": "25"})),
    "a contract": (("contract_signed", {"starts_on": "2026-03-02", "ends_on": "2027-03-01"}),),
    "a long contract": (("contract_signed", {"starts_on": "2026-03-02", "ends_on": "2029-03-01"}),),
}


def silent(*facts: tuple[str, dict[str, object]]) -> Story:
    story = Story(SHIPPED, at=BEGINNING, source="inbound")
    for fact, payload in facts:
        story.tell(fact, **payload)
    return story.until(END)


@pytest.mark.parametrize("facts", TOLD.values(), ids=TOLD.keys())
def test_thirteen_silent_months_make_a_few_dozen_notices(facts: tuple[tuple[str, dict[str, object]], ...]) -> None:
    story = silent(*facts)

    notices = Counter(notice.text for notice in story.all(Notify))
    assert notices.total() <= MOST, notices
    assert max(notices.values()) <= MOST_OF_ONE, notices


def test_a_customer_whom_nobody_took_over_is_onboarded_and_asked_to_renew_all_the_same() -> None:
    story = silent(*TOLD["a contract"])

    assert [entry.stage for entry in story.noted(e.StageEntered)][-2:] == ["close", "customer"]
    opened = {entry.name for entry in story.noted(e.TaskOpened)}
    assert {"kick_off", "prepare_renewal"} <= opened
    assert story.outcome == "churned"


def test_a_pause_that_nobody_ends_is_brought_to_mind_a_few_times() -> None:
    story = Story(SHIPPED, at=BEGINNING)
    story.order("pause", why="holidays")

    story.until(END)

    assert len(story.noted(e.PauseReviewed)) <= 6
