"""Facts are about one demo, proposal or term; others are left as they are."""

from __future__ import annotations

import pytest

from tests.dealwright.knowledge_stories import DEMOS, NOTHING, deal
from tests.dealwright.story import Story, of_stage, playbook

OFFERS = of_stage("[{name: why, on: proposal_declined, do: [{task: learn_why}]}]")


def status(story: Story) -> str | None:
    return deal(story).demo.status if deal(story).demo else None  # type: ignore[union-attr]


# --- things -----------------------------------------------------------------------------------------------------


def test_a_cancellation_that_is_older_than_the_booking_cancels_nothing() -> None:
    story = Story(DEMOS)
    story.tell("demo_booked", starts_at="2026-03-20T10:00:00Z", at="2026-03-02T09:00:01Z")

    story.tell("demo_cancelled", at="2026-03-02T09:00:00Z")

    assert (status(story), story.until("2026-03-03 10:00").sent) == ("booked", [])


def test_the_cancellation_of_another_demo_cancels_nothing() -> None:
    story = Story(DEMOS)
    story.tell("demo_booked", demo="new", starts_at="2026-03-20T10:00:00Z")

    story.tell("demo_cancelled", demo="old")

    assert (status(story), story.until("2026-03-19 12:00").sent) == ("booked", ["Thu 10:00 reminder"])


def test_a_cancellation_names_its_demo_by_the_date_where_it_has_no_id() -> None:
    story = Story(DEMOS)
    story.tell("demo_booked", starts_at="2026-03-10T10:00:00Z")
    story.tell("demo_booked", starts_at="2026-03-20T10:00:00Z")

    story.tell("demo_cancelled", starts_at="2026-03-10T10:00:00Z")

    assert (status(story), story.until("2026-03-03 10:00").sent) == ("booked", [])


def test_the_cancellation_of_a_demo_that_nobody_knows_hides_no_other_one() -> None:
    story = Story(DEMOS)
    story.tell("demo_cancelled", demo="unknown")

    story.tell("demo_booked", demo="d", starts_at="2026-02-20T10:00:00Z", at="2026-02-10T09:00:00Z")
    story.tell("demo_held", demo="d", at="2026-02-20T11:00:00Z")

    assert status(story) == "held"


def test_of_two_demos_each_has_its_reminder() -> None:
    story = Story(DEMOS)
    story.tell("demo_booked", demo="boss", starts_at="2026-03-12T10:00:00Z")
    story.tell("demo_booked", demo="team", starts_at="2026-03-05T10:00:00Z")

    story.until("2026-03-05 12:00").tell("demo_held", demo="team")

    assert story.until("2026-03-12 09:00").sent == ["Wed 10:00 reminder", "Thu 12:00 recap", "Wed 10:00 reminder"]


def test_a_demo_of_which_nobody_said_what_became_of_it_gives_way_to_the_next() -> None:
    story = Story(DEMOS)
    story.tell("demo_booked", demo="team", starts_at="2026-03-05T10:00:00Z")
    story.tell("demo_booked", demo="boss", starts_at="2026-03-12T10:00:00Z")

    assert story.until("2026-03-12 09:00").sent == ["Wed 10:00 reminder", "Wed 10:00 reminder"]


def test_a_missed_demo_is_not_mourned_while_another_one_stands() -> None:
    story = Story(DEMOS)
    story.tell("demo_booked", demo="team", starts_at="2026-03-05T10:00:00Z")
    story.tell("demo_booked", demo="boss", starts_at="2026-03-12T10:00:00Z")

    story.until("2026-03-05 11:00").tell("demo_missed", demo="team")

    assert "sorry" not in " ".join(story.until("2026-03-06 12:00").sent)


@pytest.mark.parametrize("late", ["demo_missed", "demo_cancelled", "demo_booked"])
def test_a_demo_that_was_held_stays_held(late: str) -> None:
    story = Story(DEMOS)
    story.tell("demo_booked", demo="d", starts_at="2026-03-02T08:00:00Z", at="2026-03-01T08:00:00Z")
    story.tell("demo_held", demo="d", at="2026-03-02T09:00:00Z")
    extra = {"starts_at": "2026-03-02T08:00:00Z", "at": "2026-03-01T08:00:00Z"} if late == "demo_booked" else {}

    story.tell(late, demo="d", **extra)

    assert (status(story), story.until("2026-03-03 10:00").sent) == ("held", ["Mon 10:00 recap"])


def test_a_demo_that_is_still_to_come_was_not_missed() -> None:
    story = Story(DEMOS)
    story.tell("demo_booked", starts_at="2026-03-02T09:00:00Z", at="2026-03-01T09:00:00Z")
    story.tell("demo_booked", starts_at="2026-03-05T10:00:00Z", at="2026-03-02T09:20:00Z")

    story.tell("demo_missed", at="2026-03-02T09:30:00Z")

    assert (status(story), story.until("2026-03-03 10:00").sent) == ("booked", [])


@pytest.mark.parametrize(
    ("fact", "payload"),
    [
        ("reply_received", {"sentiment": "other", "message_id": "<1@buyer.example>"}),
        ("opted_out", {"contact": "ana"}),
        ("email_bounced", {"address": "ANA@buyer.example"}),
    ],
)
def test_what_two_systems_tell_of_a_person_acts_once(fact: str, payload: dict[str, object]) -> None:
    story = Story(of_stage(f"[{{name: read, on: {fact}, do: [{{task: read}}]}}]"))

    story.tell(fact, id="mailbox-1", **payload)
    story.tell(fact, id="crm-2", **payload)

    assert story.asked == ["read"]


def test_the_same_end_told_twice_starts_nothing_twice() -> None:
    story = Story(DEMOS)
    story.tell("demo_booked", starts_at="2026-03-02T09:30:00Z")

    story.tell("demo_missed", id="calendar-1")
    story.tell("demo_cancelled", id="crm-7")
    story.tell("demo_missed", id="crm-8")

    assert story.until("2026-03-03 10:00").sent == ["Mon 11:00 sorry"]


def test_a_cancellation_that_arrives_before_its_booking_still_holds() -> None:
    story = Story(DEMOS)
    story.tell("demo_cancelled", demo="d", at="2026-03-02T09:00:00Z")

    story.tell("demo_booked", demo="d", starts_at="2026-03-20T10:00:00Z", at="2026-03-02T08:00:00Z")

    assert status(story) == "cancelled"
    assert "reminder" not in " ".join(story.until("2026-03-20 12:00").sent)


def test_the_answer_to_another_proposal_leaves_the_one_on_the_table() -> None:
    story = Story(OFFERS)
    story.tell("proposal_sent", proposal="P1")
    story.tell("proposal_sent", proposal="P2")

    story.tell("proposal_declined", proposal="P1")

    assert deal(story).proposal is not None
    assert (deal(story).proposal.id, deal(story).proposal.status) == ("P2", "sent")  # type: ignore[union-attr]
    assert story.tasks == {}


def test_the_proposal_that_remains_is_the_one_that_counts() -> None:
    story = Story(OFFERS)
    story.tell("proposal_sent", proposal="P1")
    story.tell("proposal_sent", proposal="P2")

    story.tell("proposal_declined", proposal="P2")

    assert deal(story).proposal is not None
    assert deal(story).proposal.id == "P1"  # type: ignore[union-attr]


@pytest.mark.parametrize("end", ["proposal_accepted", "proposal_declined"])
def test_an_answered_proposal_does_not_become_one_that_was_opened(end: str) -> None:
    story = Story(OFFERS)
    story.tell("proposal_sent", proposal="P1")
    story.tell(end, proposal="P1")

    story.tell("proposal_opened", proposal="P1")

    assert deal(story).proposal is not None
    assert deal(story).proposal.status == end.removeprefix("proposal_")  # type: ignore[union-attr]


def test_a_proposal_sent_without_a_discount_keeps_the_one_that_was_asked_for() -> None:
    story = Story(OFFERS)
    story.tell("discount_requested", percent=15)

    story.tell("proposal_sent", proposal="P1")

    assert deal(story).proposal is not None
    assert deal(story).proposal.discount == 15  # type: ignore[union-attr]


def test_an_amendment_of_the_running_term_leaves_the_next_one() -> None:
    story = Story(NOTHING)
    story.tell("contract_signed", starts_on="2025-04-01", ends_on="2026-03-31")
    story.tell("contract_renewed", starts_on="2026-04-01", ends_on="2027-03-31")

    for named in ({"term": 1}, {"term": "1"}, {}):
        story.tell("contract_amended", ends_on="2026-03-15", **named)

    assert deal(story).contract is not None
    assert str(deal(story).contract.ends_on) == "2027-03-31"  # type: ignore[union-attr]
    assert str(story.state.terms["1"].ends_on) == "2026-03-15"


RENEWING = playbook(
    """
renews_on: contract_renewed
stages: [{name: customer, owner: rep, plays: [{name: talk, on: entered, do: [{notify: rep, text: New term}]}]}]
"""
)


@pytest.mark.parametrize(
    "days", [("2026-03-11", "2027-03-10"), ("2026-03-09", "2027-03-09"), ("2026-03-14", "2027-03-13")]
)
def test_a_renewal_that_two_systems_date_a_few_days_apart_is_one(days: tuple[str, str]) -> None:
    story = Story(RENEWING, contract={"starts_on": "2025-03-10", "ends_on": "2026-03-09"})
    story.tell("contract_renewed", starts_on="2026-03-10", ends_on="2027-03-09", source="hubspot")

    story.tell("contract_renewed", starts_on=days[0], ends_on=days[1], source="stripe", term="sub_1")

    known = deal(story).contract
    assert (story.state.term, len(story.state.terms), len(story.told)) == (2, 2, 2)
    assert known is not None
    assert (str(known.starts_on), str(known.ends_on), known.id) == (*days, "sub_1")


def test_a_renewal_of_the_month_after_is_another_one() -> None:
    story = Story(RENEWING, contract={"starts_on": "2026-01-01", "ends_on": "2026-01-31"})
    story.tell("contract_renewed", starts_on="2026-02-01", ends_on="2026-02-28")
    story.tell("contract_renewed", starts_on="2026-03-01", ends_on="2026-03-31")
    assert (story.state.term, len(story.state.terms)) == (3, 3)


@pytest.mark.parametrize("last", [["contract_renewed"], ["contract_signed", "contract_renewed", "contract_renewed"]])
def test_a_renewal_told_by_several_systems_begins_one_term(last: list[str]) -> None:
    story = Story(RENEWING)
    story.tell("contract_signed", starts_on="2025-04-01", ends_on="2026-03-31")

    for name in last:
        story.tell(name, starts_on="2026-04-01", ends_on="2027-03-31")

    assert (story.state.term, len(story.told), sorted(story.state.terms)) == (2, 2, ["1", "2"])


# --- taken back -------------------------------------------------------------------------------------------------


CUSTOMERS = of_stage(
    """
- {name: renewal, on: {before: contract.ends_on, by: 30d}, until: contract_cancelled, do: [{notify: rep, text: Renew}]}
- {name: leaving, on: contract_cancelled, do: [{at: {after: contract.ends_on, by: 1d}, close: churned}]}
"""
)


def test_a_cancellation_that_is_taken_back_stops_what_it_started_and_lets_go_on_what_it_stopped() -> None:
    story = Story(CUSTOMERS)
    story.tell("contract_signed", starts_on="2026-03-01", ends_on="2026-06-30")
    story.until("2026-04-01 10:00").tell("contract_cancelled")

    story.until("2026-05-01 10:00").tell("fact_retracted", retracts="contract_cancelled")

    assert "rep: Renew" in story.until("2026-07-10 10:00").told
    assert story.outcome is None


def test_a_no_show_that_was_none_is_taken_back_before_the_buyer_reads_of_it() -> None:
    story = Story(DEMOS)
    story.tell("demo_booked", starts_at="2026-03-02T09:30:00Z")
    story.tell("demo_missed")

    story.tell("fact_retracted", retracts="demo_missed")

    assert (status(story), story.until("2026-03-03 10:00").sent) == ("booked", [])


def test_what_was_taken_back_does_not_come_back_by_a_late_delivery() -> None:
    story = Story(DEMOS)
    story.tell("demo_booked", starts_at="2026-03-20T09:30:00Z", at="2026-03-01T10:00:00Z")
    story.tell("fact_retracted", retracts="demo_cancelled")

    story.tell("demo_cancelled", at="2026-03-02T09:00:00Z")

    assert status(story) == "booked"


# --- several proposals, and what is told out of order -----------------------------------------------------------

ASKED = playbook("""
approvals: [{name: price, of: proposal.discount, levels: [{up_to: 10, by: []}, {by: [boss]}]}]
stages:
  - {name: talking, owner: rep, leave_when: proposal_sent}
  - name: offered
    owner: rep
    plays:
      - name: nudge
        on: {after: proposal.sent_at, by: 1d}
        until: [proposal_opened, proposal_accepted, proposal_declined]
        do: [{email: did-it-arrive, marketing: false}]
""")


def two_proposals() -> Story:
    """The first is an hour older than the second, which costs less."""
    story = Story(ASKED)
    story.tell("proposal_sent", proposal="first", discount="5")
    story.wait(hours=1).tell("proposal_sent", proposal="second", discount="8")
    return story.wait(hours=1)


def test_whoever_accepts_one_proposal_is_not_asked_about_another() -> None:
    story = two_proposals()
    story.tell("proposal_accepted", proposal="first")
    assert story.wait(days=4).sent == []


def test_whoever_opens_or_declines_one_proposal_is_asked_about_the_other() -> None:
    for fact in ("proposal_opened", "proposal_declined"):
        story = two_proposals()
        story.tell(fact, proposal="first")
        assert story.wait(days=4).sent == ["Tue 11:00 did-it-arrive"], fact


def test_the_deal_is_about_the_proposal_that_was_accepted_until_another_one_is_sent() -> None:
    story = two_proposals()
    story.tell("proposal_accepted", proposal="first")
    assert offer(story) == ("first", 5)
    story.wait(hours=1).tell("proposal_opened", proposal="second")
    assert offer(story) == ("first", 5)
    story.wait(hours=1).tell("proposal_sent", proposal="third", discount="9")
    assert offer(story) == ("third", 9)


def offer(story: Story) -> tuple[object, object]:
    proposal = deal(story).proposal
    return (proposal.id, proposal.discount) if proposal else (None, None)


@pytest.mark.parametrize("first", ["proposal_opened", "proposal_accepted", "proposal_declined"])
def test_a_proposal_that_is_told_as_sent_only_afterwards_was_sent_all_the_same(first: str) -> None:
    story = Story(ASKED)
    story.tell(first, proposal="p1", at="2026-03-02T09:59:00Z")
    story.tell("proposal_sent", proposal="p1", discount="40", at="2026-03-02T09:00:00Z")

    assert story.stage == "offered"
    assert "Nobody granted that" in next(iter(story.state.attention.values()))
    assert [approval.name for approval in story.state.approvals.values()] == ["price"]
    assert offer(story) == ("p1", 40)
    assert story.state.proposals["p1"].status == first.removeprefix("proposal_")
    assert story.wait(days=4).sent == []


def test_a_demo_that_is_told_as_booked_only_after_it_was_called_off_stays_called_off() -> None:
    story = Story(DEMOS)
    story.tell("demo_cancelled", demo="d1", at="2026-03-02T09:59:00Z")
    story.tell("demo_booked", demo="d1", starts_at="2026-03-10T10:00:00Z", at="2026-03-02T09:00:00Z")

    assert (status(story), story.wait(days=9).sent) == ("cancelled", ["Mon 10:59 sorry"])


# --- invoices ---------------------------------------------------------------------------------------------------

INVOICES = of_stage("[{name: unpaid, on: payment_failed, until: invoice_paid, alone: true, do: [{task: get_it_paid}]}]")


def unpaid(story: Story) -> int:
    return sum(task.name == "get_it_paid" for task in story.state.tasks.values())


def test_an_invoice_that_is_paid_says_nothing_of_another() -> None:
    story = Story(INVOICES)
    story.tell("payment_failed", invoice="march")
    story.tell("invoice_paid", invoice="april")
    assert unpaid(story) == 1
    story.tell("invoice_paid", invoice="march")
    assert unpaid(story) == 0


def test_each_invoice_that_fails_is_somebodys_task_and_each_once() -> None:
    story = Story(INVOICES)
    for invoice, attempt in (("march", 1), ("april", 1), ("march", 2)):
        story.tell("payment_failed", invoice=invoice, attempt=attempt)
    assert unpaid(story) == 2


@pytest.mark.parametrize(("failed", "paid"), [({}, {"invoice": "march"}), ({"invoice": "march"}, {}), ({}, {})])
def test_a_payment_that_names_no_invoice_is_about_whichever_there_is(
    failed: dict[str, object], paid: dict[str, object]
) -> None:
    story = Story(INVOICES)
    story.tell("payment_failed", **failed)
    story.tell("invoice_paid", **paid)
    assert unpaid(story) == 0


# --- one meeting, two systems -----------------------------------------------------------------------------------


def told_by_two_systems() -> Story:
    """A demo that the calendar and the CRM tell of, each by an id of its own."""
    story = Story(DEMOS)
    for demo in ("calendar-1", "crm-7"):
        story.tell("demo_booked", demo=demo, starts_at="2026-03-10T10:00:00Z")
    return story


@pytest.mark.parametrize("by", ["calendar-1", "crm-7"])
def test_a_demo_that_two_systems_tell_of_is_one_whichever_calls_it_off(by: str) -> None:
    story = told_by_two_systems()
    story.tell("demo_cancelled", demo=by)

    assert (status(story), story.wait(days=9).sent) == ("cancelled", ["Mon 11:00 sorry"])


def test_a_demo_at_another_time_is_another_one() -> None:
    story = told_by_two_systems()
    story.tell("demo_booked", demo="team", starts_at="2026-03-12T10:00:00Z")
    story.tell("demo_cancelled", demo="crm-7")

    assert (status(story), story.wait(days=12).sent) == ("booked", ["Wed 10:00 reminder"])
