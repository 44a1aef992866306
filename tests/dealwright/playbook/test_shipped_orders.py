"""Whatever happens in whatever order, no message of the shipped playbook says what is not so when it leaves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

import pytest

from dealwright.deal import Deal
from dealwright.effects import SendEmail
from tests.dealwright.playbook.shipped_stories import RULES, TERM
from tests.dealwright.story import Story

LIVES = 120
_MOST = 45

_FACTS = (
    "lead_qualified", "reply_received", "call_logged", "opted_out", "meeting_booked", "meeting_held", "meeting_missed",
    "meeting_cancelled", "discovery_held", "next_step_agreed", "qualification_learned", "demo_booked", "demo_booked",
    "demo_held", "demo_missed", "demo_cancelled", "proposal_sent", "proposal_opened", "proposal_accepted",
    "proposal_declined", "discount_requested", "contract_signed", "contract_renewed", "contract_cancelled",
    "notes_learned", "fact_retracted", "buying_signal_seen", "email_bounced",
)  # fmt: skip


def _payload(fact: str, random: Random, now: datetime) -> dict[str, object]:
    in_days = (now + timedelta(days=random.choice((0.2, 1, 2, 5, 12)))).isoformat()
    years = (now + timedelta(days=random.choice((300, 365)))).date().isoformat()
    today = now.date().isoformat()
    known: dict[str, dict[str, object]] = {
        "lead_qualified": {"level": random.choice(("mql", "sql"))},
        "reply_received": {"sentiment": random.choice(("interested", "not_interested", "other")), "contact": "ana"},
        "call_logged": {"result": random.choice(("connected", "voicemail"))},
        "opted_out": {"contact": "ana"},
        "email_bounced": {"kind": random.choice(("hard", "soft")), "contact": "ana"},
        "meeting_booked": {"starts_at": in_days, "meeting": random.choice("mn")},
        "demo_booked": {"starts_at": in_days, "demo": random.choice("de")},
        "proposal_sent": {"proposal_id": random.choice("PQ")},
        "discount_requested": {"percent": random.choice((5, 15, 40))},
        "contract_signed": {"starts_on": today, "ends_on": years},
        "contract_renewed": {"starts_on": years, "ends_on": (now + timedelta(days=800)).date().isoformat()},
        "qualification_learned": {"answers": {"budget": "x", "authority": "y", "need": "z"}},
        "notes_learned": {"notes": {"use_case": "x"}},
        "buying_signal_seen": {"signal": "pricing"},
        "fact_retracted": {"retracts": random.choice(("demo_held", "demo_missed", "contract_cancelled", "opted_out"))},
    }
    for name, of in (("demo", "de"), ("meeting", "mn"), ("proposal", "PQ")):
        if fact.startswith(f"{name}_") and fact not in known and random.random() < 0.6:
            key = "proposal_id" if name == "proposal" else name
            return {key: random.choice(of)}
    return known.get(fact, {})


def _ahead(at: datetime | None, mail: SendEmail) -> bool:
    return at is not None and at > mail.at


def _still_to_be_opened(deal: Deal, mail: SendEmail) -> bool:
    return deal.proposal is not None and deal.proposal.status == "sent"


def _of_a_term_that_runs(deal: Deal, mail: SendEmail) -> bool:
    term = deal.contract
    ahead = term is not None and term.ends_on is not None and term.ends_on > mail.at.date()
    return ahead and term is not None and term.status != "cancelled"


_TRUE_WHEN: dict[str, Callable[[Deal, SendEmail], bool]] = {
    "demo-reminder": lambda deal, mail: (
        deal.demo is not None and deal.demo.status == "booked" and _ahead(deal.demo.starts_at, mail)
    ),
    "meeting-reminder": lambda deal, mail: (
        deal.meeting is not None and deal.meeting.status == "booked" and _ahead(deal.meeting.starts_at, mail)
    ),
    "demo-missed": lambda deal, mail: (  # the one that was missed may be another than the one the deal knows best
        deal.demo is None or deal.demo.status != "booked" or not _ahead(deal.demo.starts_at, mail)
    ),
    "proposal-nudge": _still_to_be_opened,
    "renewal-talk": _of_a_term_that_runs,
}
"""What must be so when a message leaves, by its template."""
_MARKETING = {"warm-hello", "warm-again", "cold-1", "cold-2", "last-note"}


def _live(seed: int) -> Story:
    random = Random(seed)
    source = random.choice(("inbound", "outbound", "partner", "trade-fair", "expansion"))
    story = Story(RULES, source=source)
    sold = seed % 4 == 0
    if sold:
        story.tell("contract_signed", **TERM)
    for _ in range(_MOST):
        if story.state.finished:
            break
        move = random.random()
        if move < 0.55:
            fact = random.choice(_FACTS)
            story.tell(fact, **_payload(fact, random, story.now))
        elif move < 0.75 and story.state.tasks:
            story.order("complete_task", task=random.choice([*story.state.tasks]))
        elif move < 0.8 and story.state.handoffs:
            handoff = next(iter(story.state.handoffs.values()))
            story.order("accept_handoff", handoff=handoff.id, by=handoff.to_role)
        else:
            story.wait(hours=random.choice((0.2, 3, 20, 30, 100, 1500 if sold else 700)))
    return story.wait(days=400 if sold else 120) if not story.state.finished else story


@pytest.fixture(scope="module")
def lives() -> list[Story]:
    return [_live(seed) for seed in range(LIVES)]


@pytest.mark.parametrize("template", sorted(_TRUE_WHEN))
def test_what_a_message_says_is_so_when_it_leaves(lives: list[Story], template: str) -> None:
    mails = [(seed, mail) for seed, story in enumerate(lives) for mail in story.all(SendEmail)]
    of_it = [(seed, mail) for seed, mail in mails if mail.template == template]
    wrong = [(seed, mail.at, mail.deal.demo) for seed, mail in of_it if not _TRUE_WHEN[template](mail.deal, mail)]

    assert of_it, "no life sends it: the lives are too poor"
    assert wrong == []


def test_no_message_about_one_thing_leaves_twice(lives: list[Story]) -> None:
    for seed, story in enumerate(lives):
        about = [
            (mail.template, mail.deal.demo.starts_at if mail.deal.demo else None)
            for mail in story.all(SendEmail)
            if mail.template == "demo-reminder"
        ]
        assert len(about) == len(set(about)), seed


def test_no_cadence_is_sent_twice_or_goes_on_after_somebody_answered(lives: list[Story]) -> None:
    for seed, story in enumerate(lives):
        sent = [mail.template for mail in story.all(SendEmail) if mail.template in _MARKETING]
        assert len(sent) == len(set(sent)), (seed, sent)


def test_every_deal_that_lives_has_somebodys_next_step(lives: list[Story]) -> None:
    for seed, story in enumerate(lives):
        state = story.state
        planned = any(run.planned or run.gate for run in state.runs.values())
        waits = state.tasks or state.approvals or state.handoffs or state.expected or planned
        assert state.finished or waits, seed
