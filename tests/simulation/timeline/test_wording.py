"""Timelines as people read them."""

from __future__ import annotations

from datetime import UTC

from simulation.timeline.wording import line, moment, shown
from tests.dealwright.playbook.shipped_stories import lead, with_proposal
from tests.simulation.timeline.test_patterns import happenings


def test_each_line_says_what_happened_and_to_whom() -> None:
    story = lead().wait(minutes=1)

    lines = [f"{moment(one.at, UTC)} {line(one, UTC)}" for one in shown(happenings(story))]

    assert lines == [
        "Mon 02 Mar 2026 10:00 the deal is opened (outbound)",
        "Mon 02 Mar 2026 10:00 stage research (the deal was opened)",
        "Mon 02 Mar 2026 10:00 task research_account for sdr, due Tue 03 Mar 2026 10:00",
        "Mon 02 Mar 2026 10:00 lead_qualified: mql",
        "Mon 02 Mar 2026 10:00 play research-account stopped: left research",
        "Mon 02 Mar 2026 10:00 stage outreach (lead qualified or mql or task done: research account)",
        "Mon 02 Mar 2026 10:00 email cold-1 to Ana",
    ]


def test_a_notice_that_says_the_same_again_is_shown_once() -> None:
    story = with_proposal().wait(days=60)

    notices = [line(one, UTC) for one in shown(happenings(story)) if one.kind == "notify"]

    assert len(notices) == len(set(notices))
    assert "notify sales_manager: Overdue: Call: call about proposal (account_executive)" in notices


def test_a_skipped_step_says_why() -> None:
    story = lead(contacts=[{"id": "ana", "name": "Ana"}])

    (skipped,) = [line(one, UTC) for one in shown(happenings(story)) if one.kind == "skipped"]

    assert skipped == "skipped cold-cadence, step 1: e-mail cold-1: no contact with an address is known"
