"""Facts count by when they happened, part by part, and for the thing that they are about."""

from __future__ import annotations

import itertools

import pytest

from dealwright import entries as e
from dealwright.deal import Deal
from tests.dealwright.story import Story, of_stage, playbook

NOTHING = of_stage("[{name: thank, on: next_step_agreed, do: [{notify: rep, text: Thank them}]}]")
DEMOS = of_stage(
    """
- {name: remind, on: {before: demo.starts_at, by: 1d}, do: [{email: reminder, marketing: false}]}
- {name: no-show, on: [demo_missed, demo_cancelled], do: [{after: 1h, email: sorry, marketing: false}]}
- {name: recap, on: demo_held, do: [{email: recap, marketing: false}]}
"""
)
OFFERS = of_stage("[{name: why, on: proposal_declined, do: [{task: learn_why}]}]")


def deal(story: Story) -> Deal:
    assert story.state.deal is not None
    return story.state.deal


def status(story: Story) -> str | None:
    return deal(story).demo.status if deal(story).demo else None  # type: ignore[union-attr]


# --- part by part ---------------------------------------------------------------------------------------------


def test_an_older_fact_does_not_overwrite_what_a_newer_one_taught() -> None:
    story = Story(NOTHING)
    story.tell("usage_reported", health=30, at="2026-03-02T09:00:00Z")

    story.tell("usage_reported", health=80, at="2026-03-02T08:00:00Z")

    assert deal(story).health == 30


def test_an_older_fact_teaches_the_parts_about_which_nothing_newer_is_known() -> None:
    story = Story(NOTHING)
    story.tell("qualification_learned", answers={"budget": "50k"}, at="2026-03-02T09:00:00Z")

    story.tell("qualification_learned", answers={"budget": "20k", "need": "yes"}, at="2026-03-02T08:00:00Z")

    assert deal(story).qualification is not None
    assert (deal(story).qualification.budget, deal(story).qualification.need) == ("50k", "yes")  # type: ignore[union-attr]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_order_of_arrival_changes_nothing_of_what_is_known(order: tuple[int, ...]) -> None:
    facts = [
        {"contacts": [{"id": "ben", "name": "Ben", "email": "ben@old.example"}], "at": "2026-03-02T07:00:00Z"},
        {"contacts": [{"id": "ben", "name": "Ben", "email": "ben@new.example"}], "at": "2026-03-02T08:00:00Z"},
        {"contacts": [{"id": "ben", "name": "Benjamin", "phone": "1"}], "at": "2026-03-02T09:00:00Z"},
    ]
    story = Story(NOTHING)

    for number in order:
        story.tell("contacts_learned", **facts[number])

    ben = (deal(story).contacts or ())[1]
    assert (ben.name, ben.email, ben.phone) == ("Benjamin", "ben@new.example", "1")


def test_parts_of_a_contact_that_are_not_given_stay() -> None:
    story = Story(NOTHING)

    story.tell("contacts_learned", contacts=[{"id": "ana", "name": "Ana Maria"}])

    ana = (deal(story).contacts or ())[0]
    assert (ana.name, ana.email, ana.timezone) == ("Ana Maria", "ana@buyer.example", "UTC")


def test_parts_of_the_account_that_are_not_given_stay() -> None:
    story = Story(NOTHING, account={"id": "b", "name": "Buyer", "industry": "steel"})

    story.tell("account_researched", account={"id": "b", "employees": 40})

    assert deal(story).account is not None
    assert (deal(story).account.industry, deal(story).account.employees) == ("steel", 40)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("fact", "payload", "path"),
    [
        ("crm_properties_changed", {"amount": None}, "amount"),
        ("account_researched", {"score": None}, "score"),
        ("account_researched", {"account": {"id": "b", "industry": None}}, "account.industry"),
        ("contacts_learned", {"contacts": [{"id": "ana", "name": "Ana", "email": None}]}, "contacts.0.email"),
        ("qualification_learned", {"answers": {"budget": None}}, "qualification.budget"),
    ],
)
def test_a_part_that_is_given_as_null_is_known_no_longer(fact: str, payload: dict[str, object], path: str) -> None:
    story = Story(
        NOTHING, amount={"amount": "100", "currency": "EUR"}, score=3, account={"id": "b", "industry": "steel"},
        qualification={"budget": "50k"},
    )  # fmt: skip

    story.tell(fact, **payload)

    found: object = deal(story)
    for step in path.split("."):
        found = found[int(step)] if isinstance(found, tuple) else getattr(found, step)
    assert found is None


def test_amend_clears_what_is_given_as_null() -> None:
    story = Story(NOTHING, amount={"amount": "100", "currency": "EUR"})

    assert story.order("amend", known={"amount": None}, why="typed into the wrong deal").accepted

    assert deal(story).amount is None


def test_an_older_fact_does_not_bring_back_what_was_cleared() -> None:
    story = Story(NOTHING, amount={"amount": "100", "currency": "EUR"})
    story.tell("crm_properties_changed", amount=None)

    story.tell("crm_properties_changed", amount={"amount": "90", "currency": "EUR"}, at="2026-03-02T08:00:00Z")

    assert deal(story).amount is None


def test_amend_names_all_contacts_and_keeps_what_is_known_of_those_it_names() -> None:
    story = Story(NOTHING)

    story.order("amend", known={"contacts": [{"id": "bo", "name": "Bo"}, {"id": "ana", "name": "Ana"}]}, why="moved")

    assert [(one.id, one.email) for one in deal(story).contacts or ()] == [("bo", None), ("ana", "ana@buyer.example")]


# --- the future -------------------------------------------------------------------------------------------------


def test_a_fact_from_the_future_is_taken_as_of_now_and_somebody_is_told() -> None:
    story = Story(DEMOS)

    story.tell("demo_held", at="2027-03-02T10:00:00Z")

    assert story.last(e.FactTaken).happened_at == story.now
    assert story.sent == ["Mon 10:00 recap"]
    assert "clock:demo_held" in story.state.attention


def test_clocks_may_differ_by_a_few_minutes() -> None:
    story = Story(DEMOS)

    story.tell("demo_held", at="2026-03-02T10:04:00Z")

    assert "clock:demo_held" not in story.state.attention


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


# --- since ------------------------------------------------------------------------------------------------------

BACK = playbook(
    """
stages:
  - {name: outreach, owner: rep, leave_when: {reply_received: interested}}
  - {name: meeting, owner: rep}
  - {name: nurture, owner: rep, leave_when: lead_qualified, to: outreach}
"""
)


def test_what_was_known_before_does_not_lead_out_of_a_stage_that_is_entered_again() -> None:
    story = Story(BACK)
    story.tell("lead_qualified", level="mql")

    story.order("move_to_stage", stage="nurture", why="not now")

    assert story.stage == "nurture"


def test_what_happened_before_a_visit_does_not_count_for_it_however_late_it_arrives() -> None:
    story = Story(BACK)
    story.until("2026-03-10 10:00").order("move_to_stage", stage="nurture", why="not now")

    story.until("2026-03-11 10:00").tell("lead_qualified", level="mql", at="2026-03-09T10:00:00Z")

    assert story.stage == "nurture"


def test_what_happened_while_nobody_could_tell_counts_in_its_order() -> None:
    story = Story(BACK, at="2026-03-02 12:00")
    story.tell_at_once(
        story.fact("reply_received", sentiment="interested", at="2026-03-02T10:00:00Z"),
        story.fact("next_step_agreed", at="2026-03-02T11:00:00Z"),
    )

    assert story.stage == "meeting"


def test_a_demo_that_another_one_came_before_is_not_reminded_of_a_second_time() -> None:
    story = Story(of_stage("[{name: remind, on: {before: demo.starts_at, by: 1bd}, do: [{email: reminder}]}]"))
    story.tell("demo_booked", starts_at="2026-03-05T15:00:00Z", demo="late")
    story.until("2026-03-04 16:00").tell("demo_booked", starts_at="2026-03-05T10:00:00Z", demo="early")

    assert story.until("2026-03-06 10:00").sent == ["Wed 15:00 reminder", "Wed 16:00 reminder"]
