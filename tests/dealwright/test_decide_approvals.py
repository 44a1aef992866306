"""Approvals: exact terms, asked along a chain that the value picks."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from dealwright.effects import RequestApproval
from tests.dealwright.story import Story, of_stage

RULES = of_stage("""
- {name: ask, on: discount_requested, do: [{approval: discount}]}
- {name: yes, on: {approval_granted: discount}, do: [{notify: rep, text: Granted}]}
- {name: no, on: {approval_refused: discount}, do: [{notify: rep, text: Refused}]}
""", before="""
approvals:
  - name: discount
    of: proposal.discount
    terms: {amount: deal.amount}
    levels: [{up_to: 10, by: []}, {up_to: 20, by: [boss]}, {up_to: 100, by: [expert, boss]}]
    answer_within: 4bh
""")  # fmt: skip


def asked(percent: str) -> Story:
    story = Story(RULES, amount={"amount": "5000.00", "currency": "EUR"})
    story.tell("discount_requested", percent=percent)
    return story


def answer(story: Story, by: str, answer: str = "approve", **terms: str) -> str:
    open_one = next(iter(story.state.approvals), "none")
    terms = {"discount": "25", "amount": "5000", **terms}
    return story.order("decide_approval", by=by, approval=open_one, answer=answer, terms=terms).text


@pytest.mark.parametrize(
    ("percent", "chain"),
    [
        ("0", []),
        ("10", []),
        ("10.5", ["boss"]),
        ("20", ["boss"]),
        ("25", ["expert", "boss"]),
        ("100", ["expert", "boss"]),
    ],
)
def test_the_value_picks_the_level(percent: str, chain: list[str]) -> None:
    assert list(asked(percent).last(e.ApprovalRequested).chain) == chain


def test_a_level_without_approvers_is_granted_at_once() -> None:
    story = asked("10")

    assert story.told == ["rep: Granted"]
    assert story.all(RequestApproval) == []


@pytest.mark.parametrize("by", ["bo@seller.example", "BO@Seller.Example", "Bo <bo@seller.example>"])
def test_an_approver_is_known_by_their_address_however_it_is_written(by: str) -> None:
    story = Story(
        RULES, amount={"amount": "5000.00", "currency": "EUR"},
        owners={"boss": {"name": "Bo", "email": "Bo@seller.example"}},
    )  # fmt: skip
    story.tell("discount_requested", percent="20")

    assert answer(story, by, discount="20") == "discount is granted."


def test_the_first_of_the_chain_is_asked_with_the_terms_and_a_deadline() -> None:
    (request,) = asked("25").all(RequestApproval)

    assert (request.role, request.terms) == ("expert", {"discount": "25", "amount": "5000"})
    assert request.answer_by.isoformat() == "2026-03-02T14:00:00+00:00"


def test_everybody_in_the_chain_must_say_yes() -> None:
    story = asked("25")

    assert answer(story, "expert") == "Approved; now boss is asked."
    assert story.told == []
    assert answer(story, "boss") == "discount is granted."
    assert story.told == ["rep: Granted"]
    assert [request.role for request in story.all(RequestApproval)] == ["expert", "boss"]


def test_one_no_is_enough() -> None:
    story = asked("25")

    assert answer(story, "expert", "refuse") == "discount is refused."
    assert (story.told, story.state.approvals) == (["rep: Refused"], {})


def test_nobody_answers_out_of_turn() -> None:
    assert answer(asked("25"), "boss") == "Not taken: it is expert's turn first."


def test_nobody_answers_who_is_not_asked() -> None:
    assert answer(asked("25"), "rep") == "Not taken: it waits for expert, which rep does not hold."


def test_terms_that_changed_meanwhile_are_not_agreed_to() -> None:
    story = asked("25")

    assert answer(story, "expert", amount="4000").startswith("Not taken: the terms are now discount 25, amount 5000.")


@pytest.mark.parametrize("amount", ["5000", "5000.00", "5E3"])
def test_terms_are_the_same_however_a_number_is_written(amount: str) -> None:
    assert answer(asked("25"), "expert", amount=amount).startswith("Approved")


def test_a_second_answer_is_told_that_it_comes_too_late() -> None:
    story = asked("20")
    approval = next(iter(story.state.approvals))
    story.order(
        "decide_approval", by="boss", approval=approval, answer="approve", terms={"discount": "20", "amount": "5000"}
    )

    again = story.order(
        "decide_approval", by="boss", approval=approval, answer="refuse", terms={"discount": "20", "amount": "5000"}
    )

    assert (again.accepted, story.told) == (False, ["rep: Granted"])


def test_a_new_request_replaces_the_open_one() -> None:
    story = asked("25")
    old = next(iter(story.state.approvals))

    story.tell("discount_requested", percent="20")

    assert [approval.terms["discount"] for approval in story.state.approvals.values()] == ["20"]
    assert not story.order(
        "decide_approval", by="expert", approval=old, answer="approve", terms={"discount": "25"}
    ).accepted


def test_an_answer_that_is_overdue_is_told_to_the_boss() -> None:
    story = asked("25").until("2026-03-02 14:00")

    assert story.told == ["boss: Overdue: approval discount (expert)"]


def test_each_of_the_chain_has_the_whole_time() -> None:
    story = asked("25").until("2026-03-02 13:00")

    answer(story, "expert")

    assert story.last(e.ApprovalAnswered).answer_by is not None
    assert story.all(RequestApproval)[-1].answer_by.isoformat() == "2026-03-02T17:00:00+00:00"


def test_leaving_drops_the_question() -> None:
    story = asked("25")

    story.order("close", outcome="lost", why="gone")

    assert story.state.approvals == {}
    assert story.last(e.ApprovalAnswered).answer == "dropped"
