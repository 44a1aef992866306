"""Stories of deals that follow the shipped playbooks, up to where a test begins."""

from __future__ import annotations

import playbooks
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.loading import load_bundle
from tests.dealwright.story import ANA, Story

RULES = load_bundle(playbooks.shipped()["b2b-saas"])
PRODUCT_LED = load_bundle(playbooks.shipped()["product-led"])


TERM = {"starts_on": "2026-03-02", "ends_on": "2027-03-01"}


PIECES = dict.fromkeys(("use_case", "success_criteria", "stakeholders", "timeline", "technical_requirements"), "known")


def lead(source: str = "outbound", rules: Playbook = RULES, contacts: object = (ANA,)) -> Story:
    """A lead that somebody found worth writing to, on Monday at ten."""
    story = Story(rules, source=source, contacts=contacts)
    story.tell("lead_qualified", level="mql")
    return story


def opportunity() -> Story:
    """An interested lead, taken over by an account executive."""
    story = lead()
    story.tell("reply_received", sentiment="interested", contact="ana")
    story.order("accept_handoff", by="account_executive", handoff="sdr-to-ae")
    return story


def with_demo(starts_at: str = "2026-03-12T15:00:00Z") -> Story:
    story = opportunity()
    story.tell("demo_booked", starts_at=starts_at, demo="d1")
    return story


def with_proposal(**more: object) -> Story:
    story = opportunity()
    story.until("2026-03-03 15:23").tell("proposal_sent", proposal_id="P1", **more)
    return story


def customer(**term: str) -> Story:
    """A customer with a contract of a year, taken over by customer success."""
    story = with_proposal()
    story.tell("notes_learned", notes=PIECES)
    story.tell("contract_signed", **{**TERM, **term})
    story.order("accept_handoff", by="csm", handoff="ae-to-csm")
    return story


def mails(story: Story, *but: str) -> list[str]:
    """The messages that went out, by their templates, without some."""
    return [name for line in story.sent if (name := line.rpartition(" ")[2]) not in {"cold-1", *but}]
