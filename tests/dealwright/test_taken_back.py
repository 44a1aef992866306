"""Facts that were none: what they told of is so no more."""

from __future__ import annotations

import pytest

from dealwright.entries import AnchorMoved
from tests.dealwright.story import Story, of_stage, playbook

FRIDAY = "2026-03-06T15:00:00Z"
DEMOS = of_stage(
    """
- name: remind
  on: {before: demo.starts_at, by: 24h}
  until: [demo_cancelled, demo_held, demo_missed]
  do: [{email: reminder, marketing: false}]
- {name: prepare, on: {before: demo.starts_at, by: 30d}, do: [{task: prepare}]}
"""
)
CUSTOMERS = playbook(
    """
renews_on: contract_renewed
plays:
  - name: lapsed
    on: {after: contract.ends_on, by: 1d}
    until: [contract_renewed, contract_cancelled]
    do: [{close: churned}]
stages:
  - name: customer
    owner: rep
    stalls_after: 1200d
"""
)
SIGNING = playbook(
    """
stages:
  - {name: talking, owner: rep, leave_when: contract_signed}
  - {name: customer, owner: rep}
"""
)


def test_nobody_is_reminded_of_a_demo_whose_booking_was_taken_back() -> None:
    story = Story(DEMOS)
    story.tell("demo_booked", demo="d1", starts_at=FRIDAY)
    assert set(story.tasks) == {"prepare"}

    story.wait(hours=1).tell("fact_retracted", retracts="demo_booked")

    assert not story.tasks
    assert story.until("2026-03-08 10:00").sent == []


def test_a_demo_that_is_booked_again_after_its_booking_was_taken_back_is_reminded_of() -> None:
    story = Story(DEMOS)
    story.tell("demo_booked", demo="d1", starts_at=FRIDAY)
    story.wait(hours=1).tell("fact_retracted", retracts="demo_booked")

    story.wait(hours=1).tell("demo_booked", demo="d1", starts_at=FRIDAY)

    assert set(story.tasks) == {"prepare"}
    assert story.until("2026-03-08 10:00").sent == ["Thu 15:00 reminder"]


def test_without_an_id_that_demo_is_meant_of_which_it_was_told() -> None:
    story = Story(DEMOS)
    story.tell("demo_booked", demo="d1", starts_at=FRIDAY)
    story.tell("demo_booked", demo="d2", starts_at="2026-03-20T15:00:00Z")
    story.tell("demo_cancelled", demo="d1")

    story.wait(hours=1).tell("fact_retracted", retracts="demo_cancelled")

    assert story.state.focus["demo"] == "d1"
    assert story.until("2026-03-08 10:00").sent == ["Thu 15:00 reminder"]


def test_a_proposal_that_was_not_opened_after_all_is_one_that_was_sent() -> None:
    story = Story(of_stage("- {name: x, on: proposal_opened, do: [{task: call}]}"))
    story.tell("proposal_sent", proposal="P1")
    story.tell("proposal_opened", proposal="P1")

    story.wait(hours=1).tell("fact_retracted", retracts="proposal_opened")

    proposal = story.state.proposals["P1"]
    assert (proposal.status, proposal.opened_at, story.tasks) == ("sent", None, {})


def test_a_term_whose_renewal_was_taken_back_does_not_run() -> None:
    story = Story(CUSTOMERS, contract={"starts_on": "2025-03-10", "ends_on": "2026-03-09"})
    story.tell("contract_renewed", starts_on="2026-03-10", ends_on="2027-03-09")

    story.wait(days=1).tell("fact_retracted", retracts="contract_renewed", by="rep")

    assert story.state.term == 1
    assert "retracted:contract_renewed" in story.state.attention
    assert story.until("2026-03-20 10:00").outcome == "churned"


def test_a_renewal_after_one_that_was_taken_back_begins_the_next_term() -> None:
    story = Story(CUSTOMERS, contract={"starts_on": "2025-03-10", "ends_on": "2026-03-09"})
    story.tell("contract_renewed", starts_on="2026-03-10", ends_on="2027-03-09")
    story.wait(days=1).tell("fact_retracted", retracts="contract_renewed")

    story.wait(days=1).tell("contract_renewed", starts_on="2026-03-10", ends_on="2028-03-09")

    assert (story.state.term, sorted(story.state.terms)) == (2, ["1", "2"])
    assert story.until("2027-03-20 10:00").outcome is None


@pytest.mark.parametrize("fact", ["opted_out", "email_bounced"])
def test_one_deal_does_not_take_back_what_silences_an_address_in_all(fact: str) -> None:
    story = Story(DEMOS)
    story.tell(fact, contact="ana")

    story.tell("fact_retracted", retracts=fact)

    assert "ana@buyer.example" in story.state.silenced
    assert "how an address is freed" in story.state.attention["fact:fact_retracted"]


def test_nobody_asks_who_cancelled_to_renew_when_a_renewal_was_taken_back() -> None:
    until = "[contract_renewed, contract_cancelled]"
    plays = f"- {{name: renew, on: {{before: contract.ends_on, by: 90d}}, until: {until}, do: [{{task: renew}}]}}"
    story = Story(of_stage(plays), contract={"starts_on": "2025-03-10", "ends_on": "2026-05-09"})
    story.wait(hours=1).tell("contract_cancelled")
    story.wait(hours=1).tell("contract_renewed", starts_on="2026-05-10", ends_on="2027-05-09")

    story.wait(hours=1).tell("fact_retracted", retracts="contract_renewed")

    assert not story.wait(days=30).tasks


def test_nobody_is_gone_at_once_by_a_renewal_that_is_taken_back_after_the_term_s_end() -> None:
    story = Story(CUSTOMERS, contract={"starts_on": "2025-03-10", "ends_on": "2026-03-09"})
    story.tell("contract_renewed", starts_on="2026-03-10", ends_on="2027-03-09")
    story.until("2026-04-01 10:00").tell("fact_retracted", retracts="contract_renewed")

    assert story.wait(days=5).outcome is None
    assert "taken back" in str(story.state.attention)
    assert "its time was over before contract renewed was taken back" in story.last(AnchorMoved).sentence()

    story.tell("contract_renewed", starts_on="2026-03-10", ends_on="2026-06-09")
    assert story.until("2026-06-12 10:00").outcome == "churned"


def lapsing(actions: str) -> Story:
    """A customer whose term ended on 9 March, and whose renewal is taken back on the 20th."""
    rules = f"""
renews_on: contract_renewed
plays:
  - {{name: lapsed, on: {{after: contract.ends_on, by: 1d}}, until: contract_renewed, {actions}}}
stages:
  - {{name: customer, owner: rep, stalls_after: 1200d}}
"""
    story = Story(playbook(rules), contract={"starts_on": "2025-03-10", "ends_on": "2026-03-09"})
    story.tell("contract_renewed", starts_on="2026-03-10", ends_on="2027-03-09")
    story.until("2026-03-20 10:00").tell("fact_retracted", retracts="contract_renewed")
    return story


def test_a_play_that_still_asks_at_that_time_runs_and_ends_the_deal_when_it_would_have() -> None:
    story = lapsing("do: [{task: ask_them}, {after: 14d, close: churned}]")

    assert set(story.tasks) == {"ask_them"}
    assert story.until("2026-03-23 10:00").outcome is None
    assert story.until("2026-03-26 10:00").outcome == "churned"


@pytest.mark.parametrize(
    "actions",
    [
        "do: [{task: ask_them}, {after: 9d, close: churned}]",
        "do: [{task: ask_them}, {at: {after: contract.ends_on, by: 8d}, close: churned}]",
        "do: [{if: {deal.amount: {known: true}}, after: 9d, notify: boss, text: x, else: [{close: churned}]}]",
        "steps: [{after: 3d, task: ask_them}, {after: 6d, close: churned}]",
        "steps: [{task: ask_them, wait: 3d}, {after: 5d, close: churned}]",
    ],
)
def test_a_play_that_would_have_ended_the_deal_by_then_does_not_run(actions: str) -> None:
    story = lapsing(actions)

    assert "ask_them" not in story.tasks
    assert story.until("2026-04-20 10:00").outcome is None
    assert "retracted:contract_renewed" in story.state.attention


@pytest.mark.parametrize(
    "actions",
    [
        "do: [{task: ask_them}, {if: {contract.status: cancelled}, close: churned}, {after: 14d, close: churned}]",
        "do: [{task: ask_them, if: {contract.status: signed}, else: [{close: churned}]}, {after: 14d, close: churned}]",
        "steps: [{task: ask_them}, {after: 8d, notify: boss, text: x}, {after: 6d, close: churned}]",
        "steps: [{task: ask_them, wait: true}, {close: churned}]",
        "steps: [{task: ask_them, wait: 12d}, {close: churned}]",
    ],
)
def test_what_comes_before_an_end_and_what_it_hangs_on_count(actions: str) -> None:
    story = lapsing(actions)

    assert set(story.tasks) == {"ask_them"}
    assert story.wait(days=2).outcome is None


@pytest.mark.parametrize("how", ["somebody moves it", "it is signed after all"])
def test_a_deal_whose_signature_was_taken_back_stays_and_asks_for_attention_until_it_is_where_it_belongs(
    how: str,
) -> None:
    story = Story(SIGNING)
    story.tell("contract_signed", starts_on="2026-04-01", ends_on="2027-03-31")
    story.wait(hours=1).tell("fact_retracted", retracts="contract_signed")
    before = (story.stage, "retracted:contract_signed" in story.state.attention)

    if how == "somebody moves it":
        story.wait(hours=1).order("move_to_stage", stage="talking", why="nobody signed")
    else:
        story.wait(hours=1).tell("contract_signed", starts_on="2026-04-01", ends_on="2027-03-31")

    assert before == ("customer", True)
    assert "retracted:contract_signed" not in story.state.attention


@pytest.mark.parametrize("earlier", [{"retracts": "demo_cancelled", "about": "d1"}, {"retracts": "demo_cancelled"}])
def test_what_was_taken_back_stays_so_when_an_earlier_taking_back_is_told_late(earlier: dict[str, str]) -> None:
    story = Story(DEMOS)
    story.tell("demo_booked", demo="d1", starts_at=FRIDAY, at="2026-03-02T06:00:00Z")
    story.tell("fact_retracted", retracts="demo_cancelled", at="2026-03-02T09:00:00Z")
    story.tell("fact_retracted", **earlier, at="2026-03-02T07:00:00Z")

    story.tell("demo_cancelled", demo="d1", at="2026-03-02T08:00:00Z")

    assert story.until("2026-03-08 10:00").sent == ["Thu 15:00 reminder"]


def test_a_reply_that_was_taken_back_counts_no_more_when_an_earlier_taking_back_is_told_late() -> None:
    story = Story(of_stage("- {name: answer, on: reply_received, do: [{task: answer}]}"))
    story.tell("fact_retracted", retracts="reply_received", at="2026-03-02T09:00:00Z")
    story.tell("fact_retracted", retracts="reply_received", at="2026-03-02T07:00:00Z")

    story.tell("reply_received", sentiment="interested", at="2026-03-02T08:00:00Z")

    assert not story.tasks
