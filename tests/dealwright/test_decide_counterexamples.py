"""The properties of random lives, on a small playbook and with counterexamples that shrink to a few lines."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from itertools import cycle
from typing import TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from dealwright.decision import Received
from dealwright.effects import Effect, Outcome
from dealwright.validation.opening import admit
from simulation.examiner import CHECKS, TITLES
from simulation.metamorphic import MetamorphicChecks
from simulation.playbook_library import PlaybookLibrary
from simulation.replay import Replay
from simulation.simulated_deal import SimulatedDeal
from tests.dealwright.story import ANA, MONDAY, moment, playbook

TINY = playbook("""
ends: [{when: deal_lost, as: lost}]
renews_on: contract_renewed
scores:
  urgency: {points: [{if: {contract.ends_on: {within: 10d}}, give: 10}, {if: {contacts: {silent_for: 50h}}, give: 5}]}
levels: {urgent: {scores.urgency: {gte: 10}}, quiet: {contacts: {silent_for: 3bd}}}
handoffs: [{name: over, from: rep, to: expert, needs: [use_case], accept_within: 4bh}]
approvals: [{name: price, of: proposal.discount, levels: [{up_to: 5}, {up_to: 100, by: [expert, boss]}]}]
plays:
  - {name: hurry, on: {level_reached: [urgent, quiet]}, do: [{after: 2h, notify: boss, text: Time flies}]}
  - {name: ask, on: discount_requested, do: [{approval: price}]}
stages:
  - name: one
    owner: rep
    leave_when: reply_received
    stalls_after: 10d
    plays:
      - name: cadence
        on: entered
        until: [opted_out, {reply_received: interested}]
        steps: [{email: a}, {after: 2h, email: b}, {after: 1d, task: call, required: true, wait: true}, {email: c}]
      - {name: soon, on: {before: demo.starts_at, by: 1bd}, do: [{task: prepare}, {email: soon, marketing: false}]}
  - name: two
    owner: expert
    enter_when: contract_signed
    plays:
      - {name: pass, on: entered, do: [{handoff: over}]}
      - {name: end, on: {after: contract.ends_on, by: 1d}, until: contract_renewed, do: [{close: churned}]}
""")
EXAMPLES = int(os.environ.get("DEALWRIGHT_LIVES", "300")) // 3
MOST_DECISIONS = 80

Move: TypeAlias = "tuple[str, str, str] | int"
"""Something that is told or ordered, with its payload; or hours that go by."""

FACTS = [
    ("reply_received", '{"sentiment": "interested"}'),
    ("reply_received", '{"sentiment": "out_of_office", "returns_on": "2026-03-11"}'),
    ("opted_out", "{}"),
    ("demo_booked", '{"starts_at": "2026-03-06T14:00:00Z"}'),
    ("demo_booked", '{"starts_at": "2026-03-13T09:00:00Z"}'),
    ("discount_requested", '{"percent": "3"}'),
    ("discount_requested", '{"percent": "30"}'),
    ("contract_signed", '{"starts_on": "2026-03-03", "ends_on": "2026-03-20"}'),
    ("contract_renewed", '{"starts_on": "2026-03-21", "ends_on": "2026-04-20"}'),
    ("contract_amended", '{"ends_on": "2026-03-10"}'),
    ("notes_learned", '{"notes": {"use_case": "reports"}}'),
    ("email_opened", "{}"),
    ("call_logged", '{"result": "connected"}'),
    ("conversation_recorded", '{"conversation": "g1", "parties": [{"email": "ana@buyer.example"}]}'),
    ("deal_lost", "{}"),
    ("demo_hold", "{}"),
]
ORDERS = [
    ("pause", '{"by": "boss", "why": "x"}'),
    ("pause", '{"by": "boss", "why": "x", "until": "2026-03-09T20:00:00Z"}'),
    ("resume", '{"by": "boss"}'),
    ("complete_task", '{"by": "rep", "task": "call"}'),
    ("complete_task", '{"by": "rep", "task": "supply_handoff_pieces"}'),
    ("complete_task", '{"by": "rep", "task": "mend_handoff", "notes": {"use_case": "x"}}'),
    ("accept_handoff", '{"by": "expert", "handoff": "over"}'),
    ("decline_handoff", '{"by": "expert", "handoff": "over", "why": "x"}'),
    ("skip_play", '{"by": "boss", "play": "cadence", "step": "b", "why": "x"}'),
    ("skip_play", '{"by": "boss", "play": "cadence", "why": "x"}'),
    ("move_to_stage", '{"by": "boss", "stage": "one", "why": "x"}'),
    ("move_to_stage", '{"by": "boss", "stage": "two", "why": "x"}'),
    ("reassign", '{"by": "boss", "role": "rep", "to": {"name": "R", "timezone": "Asia/Tokyo"}, "why": "x"}'),
    ("acknowledge", '{"by": "boss", "point": "all", "why": "x"}'),
]
moves = st.lists(
    st.sampled_from([("fact", *fact) for fact in FACTS])
    | st.sampled_from([("command", *order) for order in ORDERS])
    | st.integers(0, 100),
    max_size=25,
)
outcomes = st.lists(
    st.sampled_from(["done", "done", "done", "not_done", "deferred", "uncertain", "failed", "skipped"]), min_size=1
)


class ScriptedOutcomes:
    """Effects come back as they are listed, one after another."""

    def __init__(self, statuses: list[str]) -> None:
        self._statuses = cycle(statuses)

    def outcome(self, effect: Effect, now: datetime) -> tuple[timedelta, Outcome]:
        status = next(self._statuses)
        until = now + timedelta(hours=5) if status == "deferred" else None
        return timedelta(minutes=3), Outcome(effect=effect.id, kind=effect.kind, status=status, until=until)

    def can_be_withdrawn(self, effect: Effect) -> bool:  # noqa: ARG002 - the same for all
        return True


@settings(max_examples=EXAMPLES, deadline=None)
@given(moves, outcomes)
def test_no_few_moves_break_a_property(moves: list[Move], outcomes: list[str]) -> None:
    otherwise = MetamorphicChecks(0, share=1.0)
    library = PlaybookLibrary({"tiny": ("t" * 64, TINY)})
    deal = SimulatedDeal(
        admit({"id": "tiny", "contacts": [ANA]}), "tiny", library, moment(MONDAY), ScriptedOutcomes(outcomes), otherwise
    )

    for number, move in enumerate(moves):
        if isinstance(move, int):
            pass_time(deal, deal.now + timedelta(hours=move))
        else:
            kind, name, payload = move
            id_ = f"u{number}" if kind == "command" else None
            deal.receive([Received(kind=kind, name=name, id=id_, at=deal.now, payload=payload)])
            deal.decide_if_due()

    found = [*otherwise.found, *Replay(deal, [check() for check in CHECKS]).run()]
    assert not found, "\n".join(
        f"{TITLES[violation.check]} But at {violation.at}: {violation.text}" for violation in found
    )


def pass_time(deal: SimulatedDeal, end: datetime) -> None:
    while deal.next_at <= end and not deal.state.finished and len(deal.decisions) < MOST_DECISIONS:
        deal.advance(deal.next_at)
        deal.decide_if_due()
    deal.advance(end)
