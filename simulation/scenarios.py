"""Where a life is heading, so that random lives get somewhere: what is likely to happen in each stage."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Literal

Scenario = Literal[
    "renewed", "churned", "lost", "tools", "silent", "unreached", "disqualified", "completed", "wild", "odd", "small"
]

_SHARES: dict[Scenario, int] = {
    "renewed": 15, "churned": 9, "lost": 10, "tools": 9, "silent": 11, "unreached": 3, "disqualified": 9,
    "completed": 9, "wild": 6, "odd": 11, "small": 8,
}  # fmt: skip
PLAYBOOKS: dict[Scenario, str] = {
    "odd": "odd-jobs", "small": "five-steps", "unreached": "five-steps", "tools": "other-tools",
}  # fmt: skip
DEFAULT = "b2b-saas"
_BY_TURNS = (DEFAULT, DEFAULT, DEFAULT, DEFAULT, "enterprise-outbound", "product-led")
"""What other lives follow, by their seeds."""

_LIKELY: dict[str, dict[str, float]] = {
    "research": {"lead_qualified": 2, "account_researched": 4, "do_task": 4, "buying_signal_seen": 1},
    "outreach": {
        "email_opened": 1, "call_logged": 1, "interested": 4, "reply_received": 1, "meeting_booked": 3,
        "opted_out": 0.4, "email_bounced": 0.3, "do_task": 5,
    },
    "discovery": {
        "discovery_held": 4, "next_step_agreed": 3, "qualification_learned": 5, "answer_handoff": 4, "demo_booked": 3,
        "notes_learned": 1, "do_task": 4, "meeting_booked": 0.5,
    },
    "presentation": {
        "demo_booked": 3, "demo_held": 4, "demo_missed": 1, "demo_cancelled": 0.5, "proposal_sent": 4, "do_task": 5,
        "discount_requested": 0.5, "notes_learned": 1, "next_step_agreed": 1, "answer_handoff": 1,
    },
    "proposal": {
        "proposal_opened": 3, "proposal_accepted": 2, "proposal_declined": 0.7, "discount_requested": 2,
        "answer_approval": 4, "contract_signed": 4, "proposal_sent": 0.5, "do_task": 4,
    },
    "close": {"notes_learned": 3, "answer_handoff": 6, "do_task": 6},
    "customer": {
        "usage_reported": 3, "onboarding_step_done": 1, "do_task": 6, "contract_amended": 0.5, "notes_learned": 0.3,
        "contract_signed": 0.1, "answer_approval": 1,
    },
    "nurture": {"do_task": 5, "buying_signal_seen": 1, "interested": 1, "lead_qualified": 0.5, "meeting_booked": 0.5},
    "follow-up": {"do_task": 4, "email_opened": 2, "call_logged": 1, "reply_received": 1, "contract_signed": 0.5},
    "first": {
        "do_task": 4, "reply_received": 2, "lead_qualified": 1, "call_logged": 2, "account_researched": 2,
        "demo_booked": 0.7, "buying_signal_seen": 2, "opted_out": 0.5, "override": 0.5, "contacts_learned": 0.5,
        "channel_allowed": 0.5, "channel_refused": 0.3,
    },
    "second": {
        "demo_booked": 2, "demo_cancelled": 1, "discount_requested": 2, "answer_approval": 5, "answer_handoff": 3,
        "notes_learned": 2, "contacts_learned": 0.5, "reply_received": 1,
        "do_task": 3, "buying_signal_seen": 1, "contract_signed": 0.3, "opted_out": 0.3, "override": 0.5,
    },
    "side": {"override": 3, "contract_signed": 1, "note_added": 1},
    "third": {
        "do_task": 4, "contract_signed": 0.7, "contract_amended": 0.7, "buying_signal_seen": 1, "demo_booked": 2.5,
        "demo_cancelled": 1.5, "opted_out": 0.4, "email_bounced": 0.4, "contacts_learned": 1.2, "reply_received": 1.5,
        "crm_properties_changed": 1, "answer_approval": 1, "channel_allowed": 0.5, "channel_refused": 0.3,
    },
    "reach": {
        "do_task": 4, "reply_received": 1.5, "call_logged": 2, "buying_signal_seen": 2, "opted_out": 0.5,
        "override": 0.7, "email_bounced": 0.4, "contacts_learned": 1, "demo_booked": 0.7, "lead_qualified": 0.7,
        "channel_allowed": 1, "deal_lost": 0.15,
    },
    "offer": {
        "do_task": 4, "contract_signed": 1.5, "buying_signal_seen": 1.5, "opted_out": 0.3, "override": 0.7,
        "answer_approval": 3, "discount_requested": 1, "channel_allowed": 0.5, "deal_lost": 0.3,
    },
    "target": {
        "account_researched": 3, "contacts_learned": 2, "lead_qualified": 1.5, "do_task": 6, "override": 0.5,
        "buying_signal_seen": 1,
    },
    "evaluation": {
        "demo_booked": 2, "demo_held": 3, "demo_missed": 0.7, "next_step_agreed": 2, "qualification_learned": 3,
        "do_task": 5, "contacts_learned": 1, "proposal_sent": 1, "notes_learned": 1, "answer_handoff": 1,
        "crm_properties_changed": 0.7, "discount_requested": 0.5, "crm_stage_moved": 2, "override": 4,
    },
    "won": {
        "notes_learned": 2, "answer_handoff": 4, "do_task": 5, "contract_amended": 0.5, "contract_renewed": 0.3,
    },
    "self-serve": {
        "usage_reported": 4, "onboarding_step_done": 1, "lead_qualified": 1, "crm_properties_changed": 1, "do_task": 3,
        "reply_received": 1, "buying_signal_seen": 2, "interested": 0.7, "contract_signed": 0.5, "opted_out": 0.2,
    },
    "sales": {
        "call_logged": 3, "meeting_booked": 1.5, "interested": 2, "usage_reported": 2, "do_task": 5,
        "contract_signed": 1, "discount_requested": 0.5, "answer_approval": 2, "reply_received": 1,
    },
    "billed": {
        "do_task": 4, "buying_signal_seen": 1, "contract_amended": 2, "contract_renewed": 1, "override": 0.7,
        "answer_approval": 1, "contract_cancelled": 0.4, "fact_retracted": 0.2,
    },
}  # fmt: skip
_NOISE = {
    "any_fact": 0.6,
    "contacts_learned": 0.1,
    "crm_stage_moved": 0.1,
    "crm_properties_changed": 0.1,
    "fact_retracted": 0.15,
    "override": 0.7,
    "broken": 0.35,
    "again": 0.7,
    "do_task": 0.3,
}
_SILENT: dict[str, float] = {"email_opened": 3, "nobody_answers": 2, "do_task": 6, "note_added": 1, "again": 0.5}
_MEAN_HOURS = {
    "research": 15, "outreach": 30, "discovery": 25, "presentation": 30, "proposal": 35, "close": 8, "customer": 500,
    "nurture": 400,
    "third": 120, "side": 90, "reach": 25, "offer": 30, "billed": 400,
}  # fmt: skip
_STAGES = tuple(name for name in _LIKELY if name not in {"target", "evaluation", "won", "self-serve", "sales"})
_LIKE = {
    "target": "research",
    "evaluation": "presentation",
    "won": "close",
    "self-serve": "outreach",
    "sales": "proposal",
}
"""How far along the way of most deals the stages of the other playbooks are."""


@dataclass(frozen=True)
class Choice:
    """What may happen, with its weights added up for ``random.choices``."""

    names: tuple[str, ...]
    weights: tuple[float, ...]

    def draw(self, random: Random) -> str:
        """One of them."""
        return random.choices(self.names, cum_weights=self.weights)[0]


class Course:
    """The course of one life."""

    def __init__(self, random: Random, seed: int) -> None:
        self._random, self._by_turns = random, _BY_TURNS[seed % len(_BY_TURNS)]
        self.scenario: Scenario = random.choices(list(_SHARES), list(_SHARES.values()))[0]
        self._ends_in = random.randrange(1, 7)
        """The position of the stage in which a deal that is to be lost, disqualified … is."""
        self._terms = random.choice((1, 2, 9, 9))
        self._diligence = random.choice((4, 10, 20, 80)) if self.scenario != "unreached" else 100_000
        self._choices: dict[str, Choice] = {}

    @property
    def is_reached(self) -> bool:
        """Whether anybody on the buying side can be written to, and anybody on ours does what is asked."""
        return self.scenario != "unreached"

    @property
    def playbook(self) -> str:
        """The playbook the deal is opened with."""
        return PLAYBOOKS.get(self.scenario, self._by_turns)

    def hours_until_next(self, stage: str) -> float:
        """How long nothing is told: often no time at all."""
        if self._random.random() < 0.2:
            return 0
        return self._random.expovariate(1 / _MEAN_HOURS.get(stage, 30))

    def hours_until_answer(self) -> float:
        """How long until somebody does the next thing that the deal asks for."""
        return self._random.expovariate(1 / self._diligence)

    def what_next(self, stage: str, term: int, days_left: int | None) -> str:
        """What happens next in this stage, ``days_left`` before the contract ends."""
        if self._ends(stage) and self._random.random() < 0.5:
            return "deal_lost" if self.scenario == "lost" else f"close as {self.scenario}"
        if stage == "customer" and days_left is not None and (end := self._end_of_term(term, days_left)):
            return end
        key = f"{stage} {term}"
        if key not in self._choices:
            self._choices[key] = self._choice(stage)
        return self._choices[key].draw(self._random)

    def _ends(self, stage: str) -> bool:
        return (
            self.scenario in {"lost", "disqualified", "completed"}
            and _STAGES.index(_LIKE.get(stage, stage)) >= self._ends_in
        )

    def _end_of_term(self, term: int, days_left: int) -> str | None:
        if days_left > 100 or self._random.random() < 0.6:
            return None
        if self.scenario == "churned" or term >= self._terms:
            return "contract_cancelled" if self._random.random() < 0.2 else None
        return "contract_renewed"

    def _choice(self, stage: str) -> Choice:
        if self.scenario == "wild":
            likely = _LIKELY[stage] | {"any_fact": 8, "override": 4, "broken": 2, "again": 2, "contract_renewed": 1}
        elif self.scenario == "unreached":
            likely = {name: weight for name, weight in _SILENT.items() if name != "do_task"}
        elif self.scenario == "silent" and stage == "outreach":
            likely = _SILENT
        else:
            likely = {name: _LIKELY[stage].get(name, 0) + _NOISE.get(name, 0) for name in {**_LIKELY[stage], **_NOISE}}
        return Choice(tuple(likely), tuple(accumulate(likely.values())))
