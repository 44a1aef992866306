"""Approvals by rules that apply side by side: each asks its own chain, and all must say yes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dealwright import entries as e
from dealwright.effects import RequestApproval
from dealwright.state import Approval
from tests.dealwright.approval_stories import euros
from tests.dealwright.story import Story, playbook

MATRIX = """
playbook: tiny
roles: {rep: {}, manager: {}, finance: {}, legal: {}, cfo: {}, ceo: {}}
fields: {payment_days: number, term_months: number}
approvals:
  - name: desk
    rules:
      - {if: {proposal.discount: {gt: 10}}, by: [manager]}
      - {if: {proposal.discount: {gt: 25}}, by: [manager, finance]}
      - {if: {fields.payment_days: {gt: 30}}, by: [finance]}
      - {if: {fields.term_months: {lt: 12}}, by: [legal]}
      - {if: {deal.amount: {gt: 100000}}, currency: EUR, by: [{any_of: [cfo, ceo]}]}
stages:
  - name: selling
    owner: rep
    plays:
      - {name: ask, on: discount_requested, do: [{approval: desk}]}
      - {name: yes, on: {approval_granted: desk}, do: [{notify: rep, text: Granted}]}
      - {name: no, on: {approval_refused: desk}, do: [{notify: rep, text: Refused}]}
"""
QUIET = {"payment_days": 14, "term_months": 12}


def asked(percent: str, *, amount: dict[str, str] | None = None, **known: object) -> Story:
    fields = {**QUIET, **{name: known.pop(name) for name in QUIET if name in known}}
    told = {name: value for name, value in fields.items() if value is not None}
    owners = known.pop("owners", {})
    story = Story(playbook(MATRIX), amount=amount or euros(5000), fields=told, owners=owners)
    story.tell("discount_requested", percent=percent)
    return story


def waiting(story: Story) -> list[str]:
    """The roles whose answer is next, in the order in which they were asked."""
    return [one.waits_for for one in story.state.approvals.values()]


def of(story: Story, role: str) -> Approval:
    return next(one for one in story.state.approvals.values() if one.waits_for == role)


def say(story: Story, role: str, answer: str = "approve", by: str | None = None) -> str:
    one = of(story, role)
    given = {"approval": one.id, "answer": answer, "terms": one.terms}
    return story.order("decide_approval", by=by or role, **given).text


def chains(story: Story) -> Iterator[tuple[str, ...]]:
    return (entry.chain for entry in story.noted(e.ApprovalRequested))


@pytest.mark.parametrize(
    ("percent", "known", "expected"),
    [
        ("10", {}, []),
        ("11", {}, ["manager"]),
        ("26", {}, ["manager"]),
        ("11", {"payment_days": 45}, ["manager", "finance"]),
        ("5", {"payment_days": 45, "term_months": 6}, ["finance", "legal"]),
        ("5", {"amount": euros(200_000)}, ["cfo", "ceo"]),
    ],
)
def test_every_rule_that_applies_asks_its_chain(percent: str, known: dict[str, object], expected: list[str]) -> None:
    assert waiting(asked(percent, **known)) == expected  # type: ignore[arg-type]


def test_a_chain_that_another_one_holds_is_not_asked_beside_it() -> None:
    assert list(chains(asked("26", payment_days=45))) == [("manager", "finance")]


def test_where_no_rule_applies_the_approval_is_granted_at_once() -> None:
    assert asked("10").told == ["rep: Granted"]


@pytest.mark.parametrize("unknown", ["payment_days", "term_months"])
def test_a_value_that_is_not_known_is_asked_about(unknown: str) -> None:
    story = asked("5", **{unknown: None})

    assert waiting(story) == [{"payment_days": "finance", "term_months": "legal"}[unknown]]


@pytest.mark.parametrize("amount", [euros(5, "JPY"), euros(200_000, "USD")])
def test_an_amount_in_another_currency_is_asked_about(amount: dict[str, str]) -> None:
    assert waiting(asked("5", amount=amount)) == ["cfo", "ceo"]


def test_it_is_granted_once_every_chain_has_said_yes() -> None:
    story = asked("26", term_months=6)

    said = [say(story, "manager"), say(story, "legal")]
    before = story.told
    last = say(story, "finance")

    assert said == ["Approved; it waits for finance, legal.", "Approved; it waits for finance."]
    assert (before, last, story.told) == ([], "desk is granted.", ["rep: Granted"])


def test_each_chain_is_asked_in_its_order() -> None:
    story = asked("26", term_months=6)

    text = story.order(
        "decide_approval", by="finance", approval=of(story, "manager").id, answer="approve",
        terms=of(story, "manager").terms,
    ).text  # fmt: skip

    assert text == "Not taken: it is manager's turn first."


def test_one_no_ends_all_chains() -> None:
    story = asked("26", term_months=6)

    say(story, "legal", "refuse")

    assert (story.state.approvals, story.told) == ({}, ["rep: Refused"])


def test_the_name_alone_means_the_chain_of_whoever_answers() -> None:
    story = asked("11", term_months=6)

    verdict = story.order(
        "decide_approval", by="legal", approval="desk", answer="approve", terms=of(story, "legal").terms
    )

    assert (verdict.text, waiting(story)) == ("Approved; it waits for manager.", ["manager"])


def test_whoever_stands_in_several_chains_says_yes_once() -> None:
    una = {"name": "Una", "email": "una@seller.example"}
    story = asked("11", term_months=6, payment_days=45, owners={"finance": una, "legal": una})

    assert say(story, "legal", by="una@seller.example") == "Approved; it waits for manager."


def test_one_of_several_roles_is_enough() -> None:
    story = asked("5", amount=euros(200_000))

    assert say(story, "ceo") == "desk is granted."
    assert story.state.approvals == {}


def test_each_of_several_roles_is_asked_and_may_refuse() -> None:
    story = asked("5", amount=euros(200_000))

    assert [request.role for request in story.all(RequestApproval)] == ["cfo", "ceo"]
    assert say(story, "ceo", "refuse") == "desk is refused."
    assert story.state.approvals == {}


def test_whoever_is_asked_is_told_who_may_answer_too() -> None:
    story = asked("5", amount=euros(200_000))

    assert [request.others for request in story.all(RequestApproval)] == [("ceo",), ("cfo",)]


def test_the_values_that_the_rules_look_at_are_the_terms() -> None:
    assert of(asked("11"), "manager").terms == {
        "discount": "11", "payment_days": "14", "term_months": "12", "amount": "5000"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("worse", "expected"),
    [
        ({"fields": {"payment_days": 45}}, ["finance"]),
        ({"fields": {"term_months": 6}}, ["manager", "legal"]),
        ({"fields": {"payment_days": 7}}, []),
        ({"fields": {"term_months": 24}}, []),
        ({"amount": euros(4000)}, []),
        ({"amount": euros(4000, "USD")}, ["manager", "cfo", "ceo"]),
    ],
)
def test_what_was_granted_holds_for_what_is_no_worse(worse: dict[str, object], expected: list[str]) -> None:
    story = asked("11")
    say(story, "manager")

    story.tell("crm_properties_changed", **worse)

    assert set(waiting(story)) == {*expected, *(("manager",) if expected else ())}


def test_terms_that_change_while_they_are_asked_for_are_asked_anew_of_everybody() -> None:
    story = asked("11", term_months=6)
    say(story, "legal")

    story.tell("crm_properties_changed", fields={"payment_days": 45})

    assert waiting(story) == ["manager", "finance", "legal"]


def test_what_was_granted_while_it_was_not_known_holds_until_it_is() -> None:
    story = asked("5", payment_days=None)
    say(story, "finance")
    before = dict(story.state.approvals)

    story.tell("crm_properties_changed", fields={"payment_days": 45})

    assert (before, waiting(story)) == ({}, ["finance"])
