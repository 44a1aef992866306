"""Who is asked to approve: levels, amounts that are not known, currencies, and who may answer."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from dealwright.effects import RequestApproval
from dealwright.playbook.loading import load_pinned
from tests.dealwright.approval_stories import DESK, DISCOUNT, answer, asked, euros, granted, open_one
from tests.dealwright.story import Story, of_stage

WITH_A_GAP = """
playbook: tiny
roles: {rep: {reports_to: boss}, boss: {}}
approvals: [{name: discount, of: proposal.discount, levels: [{up_to: 5}, {up_to: 10, by: LAST}]}]
stages:
  - name: selling
    owner: rep
    plays: [{name: ask, on: discount_requested, do: [{approval: discount}]}]
"""


def chains(story: Story) -> list[tuple[str, ...]]:
    return [entry.chain for entry in story.noted(e.ApprovalRequested)]


# --- above the last level, and what is not known ----------------------------------------------------------------


def test_above_the_last_level_of_an_older_playbook_its_last_approvers_are_asked() -> None:
    story = Story(load_pinned({"playbook.yaml": WITH_A_GAP.replace("LAST", "[boss]")}))

    story.tell("discount_requested", percent="60")

    assert open_one(story).chain == ("boss",)


def test_what_nobody_may_grant_is_refused_and_draws_attention() -> None:
    story = Story(load_pinned({"playbook.yaml": WITH_A_GAP.replace("LAST", "[]")}))

    story.tell("discount_requested", percent="60")

    assert story.last(e.ApprovalAnswered).settled == "refused"
    assert list(story.state.attention) == ["approval:discount"]


def test_a_level_without_up_to_takes_the_rest() -> None:
    assert chains(asked("99")) == [("expert", "boss")]


def test_an_amount_that_is_not_known_is_asked_of_everybody() -> None:
    story = Story(DESK)

    story.tell("demo_held")

    assert open_one(story).chain == ("expert", "boss")
    assert open_one(story).asked.words() == "amount not known"


def test_an_amount_that_becomes_known_is_asked_for_with_its_own_chain() -> None:
    story = Story(DESK)
    story.tell("demo_held")

    story.tell("crm_properties_changed", amount=euros(20_000))

    assert open_one(story).chain == ("boss",)


# --- money in its currency ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "chain"),
    [
        (euros(10_000), ()),
        (euros(20_000), ("boss",)),
        (euros(60_000), ("expert", "boss")),
        (euros(20_000, "USD"), ("expert", "boss")),
        (euros(5, "JPY"), ("expert", "boss")),
    ],
)
def test_a_threshold_counts_in_its_own_currency_only(amount: dict[str, str], chain: tuple[str, ...]) -> None:
    story = Story(DESK, amount=amount)

    story.tell("demo_held")

    assert chains(story) == [chain]


def test_levels_of_an_older_playbook_that_say_no_currency_measure_no_money() -> None:
    text = WITH_A_GAP.replace("proposal.discount", "deal.amount").replace("LAST", "[boss]")
    story = Story(load_pinned({"playbook.yaml": text}), amount=euros(1))

    story.tell("discount_requested", percent="1")

    assert open_one(story).chain == ("boss",)


def test_the_same_number_in_another_currency_is_asked_for_anew() -> None:
    story = asked("25")
    old = open_one(story)

    story.tell("crm_properties_changed", amount=euros(5000, "USD"))

    assert not answer(story, "expert", approval=old).accepted
    assert open_one(story).asked.words() == "discount 25, amount 5000 USD"


def test_a_grant_in_one_currency_does_not_hold_in_another() -> None:
    story = granted("25")

    story.tell("crm_properties_changed", amount=euros(5000, "USD"))

    assert open_one(story).asked.words() == "discount 25, amount 5000 USD"


def test_approvers_see_the_currency() -> None:
    (request,) = asked("25").all(RequestApproval)

    assert request.shown == {"discount": "25", "amount": "5000 EUR"}


@pytest.mark.parametrize("amount", ["5000", "5000.00 EUR", "EUR 5000", "5E3"])
def test_a_currency_may_be_repeated_or_left_out(amount: str) -> None:
    story = asked("25")
    terms = {"discount": "25.0", "amount": amount}

    assert story.order(
        "decide_approval", by="expert", approval=open_one(story).id, answer="approve", terms=terms
    ).accepted


def test_another_currency_is_another_amount() -> None:
    terms = {"discount": "25", "amount": "5000 USD"}
    story = asked("25")

    verdict = story.order("decide_approval", by="expert", approval="discount", answer="approve", terms=terms)

    assert verdict.text.startswith("Not taken: the terms are now discount 25, amount 5000. Amounts are in EUR.")


def test_a_term_does_not_hide_the_value_that_decides() -> None:
    rules = of_stage("[{name: ask, on: demo_held, do: [{approval: size}]}]", before="""
approvals:
  - {name: size, of: proposal.amount, terms: {amount: deal.amount}, currency: EUR, levels: [{by: [boss]}]}
""")  # fmt: skip
    story = Story(rules, amount=euros(7), proposal={"amount": euros(5)})

    story.tell("demo_held")

    assert open_one(story).terms == {"proposal.amount": "5", "amount": "7"}


# --- who answers ------------------------------------------------------------------------------------------------


def test_an_approval_may_be_answered_by_its_name() -> None:
    story = asked("20")

    verdict = story.order(
        "decide_approval", by="boss", approval="discount", answer="approve", terms={"discount": 20, "amount": 5000}
    )

    assert verdict.text == "discount is granted."


def test_whoever_holds_two_roles_of_the_chain_says_yes_once() -> None:
    exa = {"name": "Exa", "email": "exa@seller.example"}
    story = Story(DISCOUNT, amount=euros(5000), owners={"expert": exa, "boss": exa})
    story.tell("discount_requested", percent="25")

    assert answer(story, "Exa").text == "discount is granted."
    assert len(story.all(RequestApproval)) == 1


def test_a_role_that_nobody_holds_is_answered_by_its_name() -> None:
    story = asked("20")

    assert answer(story, "boss").accepted


# --- a request that could not be handed over yet ------------------------------------------------------------------


@pytest.mark.parametrize(("answered", "asked_again"), [(False, ["expert", "expert"]), (True, ["expert", "boss"])])
def test_whoever_has_answered_is_not_asked_again_by_a_request_that_had_to_wait(
    answered: bool, asked_again: list[str]
) -> None:
    story = Story(DESK)
    story.keep("request_approval")
    story.tell("demo_held")
    story.come_back(story.all(RequestApproval)[0], "deferred", until="2026-03-04T10:00:00Z")
    if answered:
        assert answer(story, "expert").accepted

    story.until("2026-03-04 11:00")

    assert [request.role for request in story.all(RequestApproval)] == asked_again
