"""Approvals are of exact terms: what is unknown is asked, what changes is asked anew, what was granted holds."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from dealwright.decision import Verdict
from dealwright.effects import RequestApproval
from dealwright.playbook.loading import load_pinned
from dealwright.state import Approval
from tests.dealwright.story import Story, of_stage, playbook

DISCOUNT = of_stage("""
- {name: ask, on: discount_requested, do: [{approval: discount}]}
- {name: yes, on: {approval_granted: discount}, do: [{notify: rep, text: Granted}]}
- {name: no, on: {approval_refused: discount}, do: [{notify: rep, text: Refused}]}
""", before="""
approvals:
  - name: discount
    of: proposal.discount
    terms: {amount: deal.amount}
    levels: [{up_to: 10}, {up_to: 20, by: [boss]}, {by: [expert, boss]}]
""")  # fmt: skip
DESK = of_stage("[{name: ask, on: demo_held, do: [{approval: size}]}]", before="""
approvals:
  - name: size
    of: deal.amount
    currency: EUR
    levels: [{up_to: 10000}, {up_to: 50000, by: [boss]}, {by: [expert, boss]}]
""")  # fmt: skip
WITH_A_GAP = """
playbook: tiny
roles: {rep: {reports_to: boss}, boss: {}}
approvals: [{name: discount, of: proposal.discount, levels: [{up_to: 5}, {up_to: 10, by: LAST}]}]
stages:
  - name: selling
    owner: rep
    plays: [{name: ask, on: discount_requested, do: [{approval: discount}]}]
"""


def euros(amount: int, currency: str = "EUR") -> dict[str, str]:
    return {"amount": str(amount), "currency": currency}


def asked(percent: str, amount: int = 5000) -> Story:
    story = Story(DISCOUNT, amount=euros(amount))
    story.tell("discount_requested", percent=percent)
    return story


def open_one(story: Story) -> Approval:
    (approval,) = story.state.approvals.values()
    return approval


def answer(story: Story, by: str, answer: str = "approve", approval: Approval | None = None) -> Verdict:
    asked_for = approval or open_one(story)
    return story.order("decide_approval", by=by, approval=asked_for.id, answer=answer, terms=asked_for.terms)


def granted(percent: str, amount: int = 5000) -> Story:
    story = asked(percent, amount)
    while story.state.approvals:
        answer(story, open_one(story).waits_for)
    return story


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


# --- terms that change while people are asked -------------------------------------------------------------------


@pytest.mark.parametrize("by_fact", [True, False])
def test_terms_that_change_are_asked_for_anew_with_their_own_chain(by_fact: bool) -> None:
    story = Story(DESK, amount=euros(24_000))
    story.tell("demo_held")
    old = open_one(story)

    if by_fact:
        story.tell("crm_properties_changed", amount=euros(480_000))
    else:
        story.order("amend", known={"amount": euros(480_000)}, why="bigger")

    assert not answer(story, "boss", approval=old).accepted
    assert (open_one(story).chain, open_one(story).terms) == (("expert", "boss"), {"amount": "480000"})
    assert [request.role for request in story.all(RequestApproval)] == ["boss", "expert"]


def test_whoever_names_the_old_terms_is_told_the_new_ones() -> None:
    story = asked("25")
    old = open_one(story)
    story.tell("crm_properties_changed", amount=euros(6000))

    by_name = story.order("decide_approval", by="expert", approval="discount", answer="approve", terms=old.terms)

    assert by_name.text.startswith("Not taken: the terms are now discount 25, amount 6000.")
    assert answer(story, "expert", approval=old).text == (
        "This approval is not open: it was answered, replaced, or never asked for. "
        f"Open are: discount with discount 25, amount 6000 EUR ({open_one(story).id})."
    )


def test_a_yes_to_the_old_terms_is_none_to_the_new() -> None:
    story = asked("25")
    answer(story, "expert")

    story.tell("crm_properties_changed", amount=euros(6000))

    assert (open_one(story).answered, open_one(story).waits_for) == (0, "expert")


def test_terms_that_come_to_need_nobody_are_granted() -> None:
    story = asked("25")

    story.order("amend", known={"proposal": {"discount": "5"}}, why="less will do")

    assert (story.state.approvals, story.told) == ({}, ["rep: Granted"])


def test_a_change_during_a_pause_is_asked_for_when_the_deal_goes_on() -> None:
    story = asked("25")
    old = open_one(story)
    story.order("pause", why="holidays")
    story.tell("crm_properties_changed", amount=euros(6000))

    meanwhile = answer(story, "expert", approval=old)
    story.order("resume")

    assert meanwhile.text == (
        "Not taken: the terms are now discount 25, amount 6000 EUR. They are asked for anew when the pause ends."
    )
    assert open_one(story).terms == {"discount": "25", "amount": "6000"}


def test_unchanged_terms_may_be_answered_during_a_pause() -> None:
    story = asked("20")
    story.order("pause", why="holidays")

    assert answer(story, "boss").text == "discount is granted."


def test_a_playbook_with_other_levels_asks_their_chain() -> None:
    story = asked("25")
    other = of_stage(
        "[{name: ask, on: discount_requested, do: [{approval: discount}]}]",
        before="approvals: [{name: discount, of: proposal.discount, levels: [{by: [boss]}]}]",
    )
    story.offers["next"] = ("another bundle", other)

    story.order("adopt_playbook", playbook="next", why="new rules")

    assert (open_one(story).chain, open_one(story).waits_for) == (("boss",), "boss")


def test_a_question_that_is_asked_again_goes_on_where_it_is() -> None:
    story = asked("25")
    answer(story, "expert")

    story.tell("discount_requested", percent="25.0")

    assert (open_one(story).answered, len(story.all(RequestApproval))) == (1, 2)


# --- what was granted holds, and no more than that --------------------------------------------------------------


@pytest.mark.parametrize("percent", ["20", "25", "25.00", "0"])
def test_what_is_no_worse_than_what_was_granted_is_granted_at_once(percent: str) -> None:
    story = granted("25")
    before = len(story.all(RequestApproval))

    story.tell("discount_requested", percent=percent)

    assert (story.state.approvals, len(story.all(RequestApproval))) == ({}, before)
    assert story.told == ["rep: Granted", "rep: Granted"]


def test_what_was_granted_still_holds_after_less_was_asked_for() -> None:
    story = granted("25")
    story.tell("discount_requested", percent="15")

    story.tell("discount_requested", percent="25")

    assert story.state.approvals == {}


def test_what_is_worse_than_what_was_granted_is_asked_for() -> None:
    story = granted("15")

    story.tell("discount_requested", percent="16")

    assert open_one(story).chain == ("boss",)


def test_a_request_that_was_refused_may_be_made_again() -> None:
    story = asked("25")
    answer(story, "expert", "refuse")

    story.tell("discount_requested", percent="25")

    assert open_one(story).waits_for == "expert"


def test_a_deal_that_goes_beyond_what_was_granted_is_asked_for_anew_and_draws_attention() -> None:
    story = granted("25")

    story.tell("crm_properties_changed", amount=euros(90_000))

    assert open_one(story).terms == {"discount": "25", "amount": "90000"}
    assert story.state.attention == {
        "approval:discount": "discount is asked for anew: discount 25, amount 90000 EUR goes beyond what was granted."
    }


def test_attention_ends_with_the_grant() -> None:
    story = granted("25")
    story.tell("crm_properties_changed", amount=euros(90_000))

    answer(story, "expert")
    answer(story, "boss")

    assert (story.state.attention, story.state.approvals) == ({}, {})


def test_a_refusal_is_not_asked_about_again_by_itself() -> None:
    story = granted("25")
    story.tell("discount_requested", percent="40")
    answer(story, "expert", "refuse")

    story.tell("crm_properties_changed", amount=euros(90_000))

    assert story.state.approvals == {}


WINNING = """
renews_on: contract_renewed
approvals: [{name: discount, of: proposal.discount, terms: {amount: deal.amount}, levels: [{by: [boss]}]}]
stages:
  - {name: selling, owner: rep, plays: [{name: ask, on: discount_requested, do: [{approval: discount}]}]}
  - {name: customer, owner: rep, enter_when: contract_signed, marks: won}
"""


def signed(amount: int) -> Story:
    story = Story(playbook(WINNING), amount=euros(5000))
    story.tell("discount_requested", percent="25")
    answer(story, "boss")
    story.tell("contract_signed", starts_on="2026-03-02", ends_on="2027-03-01", value=euros(amount))
    return story


def test_a_contract_that_is_signed_for_other_terms_than_were_granted_is_asked_about() -> None:
    story = signed(4000)

    assert (story.outcome, open_one(story).terms) == ("won", {"discount": "25", "amount": "4000"})
    assert list(story.state.attention) == ["approval:discount"]


def test_nobody_is_asked_about_what_was_sold_long_ago() -> None:
    story = signed(5000)

    story.tell("crm_properties_changed", amount=euros(90_000))

    assert (story.state.approvals, story.state.attention) == ({}, {})


def test_a_grant_by_other_rules_is_not_taken_for_too_little() -> None:
    story = granted("25")
    other = of_stage(
        "[{name: ask, on: discount_requested, do: [{approval: discount}]}]",
        before="approvals: [{name: discount, of: proposal.discount, terms: {of: deal.title}, levels: [{by: [boss]}]}]",
    )
    story.offers["next"] = ("another bundle", other)

    story.order("adopt_playbook", playbook="next", why="new rules")

    assert (story.state.approvals, story.state.attention) == ({}, {})


def test_a_time_may_be_repeated_in_another_zone() -> None:
    rules = of_stage("[{name: ask, on: discount_requested, do: [{approval: discount}]}]", before="""
approvals: [{name: discount, of: proposal.discount, terms: {demo: demo.starts_at}, levels: [{by: [boss]}]}]
""")  # fmt: skip
    story = Story(rules, demo={"starts_at": "2026-03-10T10:00:00Z"})
    story.tell("discount_requested", percent="25")
    terms = {"discount": "25", "demo": "2026-03-10T11:00:00+01:00"}

    assert story.order("decide_approval", by="boss", approval="discount", answer="approve", terms=terms).accepted


def test_terms_that_need_nobody_are_left_alone_however_they_change() -> None:
    story = granted("5")

    story.tell("crm_properties_changed", amount=euros(90_000))

    assert story.told == ["rep: Granted"]


def test_a_grant_ends_with_the_contract_term() -> None:
    rules = playbook("""
renews_on: contract_renewed
approvals: [{name: discount, of: proposal.discount, levels: [{by: [boss]}]}]
stages:
  - {name: selling, owner: rep, plays: [{name: ask, on: discount_requested, do: [{approval: discount}]}]}
""")
    story = Story(rules)
    story.tell("discount_requested", percent="25")
    answer(story, "boss")
    story.tell("contract_renewed", starts_on="2026-04-01", ends_on="2027-03-31")

    story.tell("discount_requested", percent="25")

    assert open_one(story).waits_for == "boss"


# --- what the buyer was offered ---------------------------------------------------------------------------------


def test_an_offer_that_nobody_granted_draws_attention_and_is_asked_for() -> None:
    story = Story(DISCOUNT, amount=euros(5000))

    story.tell("proposal_sent", discount="60")

    assert open_one(story).terms == {"discount": "60", "amount": "5000"}
    assert story.state.attention == {
        "approval:discount": "Proposal sent: discount 60, amount 5000 EUR. Nobody granted that (discount)."
    }


def test_an_offer_that_a_play_asks_about_is_asked_for_once() -> None:
    rules = of_stage(
        "[{name: ask, on: proposal_sent, do: [{approval: discount}]}]",
        before="approvals: [{name: discount, of: proposal.discount, levels: [{by: [boss]}]}]",
    )
    story = Story(rules)

    story.tell("proposal_sent", discount="60")

    assert len(story.all(RequestApproval)) == 1
    assert list(story.state.attention) == ["approval:discount"]


@pytest.mark.parametrize("percent", ["25", "20"])
def test_an_offer_within_what_was_granted_is_fine(percent: str) -> None:
    story = granted("25")

    story.tell("proposal_sent", discount=percent)

    assert (story.state.approvals, story.state.attention) == ({}, {})


def test_an_offer_within_everybodys_limits_is_fine() -> None:
    story = Story(DISCOUNT)

    story.tell("proposal_sent", discount="10")

    assert (story.state.approvals, story.state.attention) == ({}, {})


def test_an_offer_while_the_question_is_open_draws_attention_and_does_not_ask_twice() -> None:
    story = asked("25")

    story.tell("proposal_sent", discount="25")

    assert len(story.all(RequestApproval)) == 1
    assert list(story.state.attention) == ["approval:discount"]


def test_an_offer_of_what_was_refused_is_asked_for_again() -> None:
    story = asked("25")
    answer(story, "expert", "refuse")

    story.tell("proposal_sent", discount="25")

    assert open_one(story).waits_for == "expert"


@pytest.mark.parametrize("fact", ["proposal_sent", "contract_signed"])
def test_an_amount_beyond_the_levels_counts_as_an_offer_too(fact: str) -> None:
    story = Story(DESK)
    money = {"amount": euros(90_000)} if fact == "proposal_sent" else {"value": euros(90_000)}
    term = {} if fact == "proposal_sent" else {"starts_on": "2026-03-02", "ends_on": "2027-03-01"}

    story.tell(fact, **money, **term)

    assert open_one(story).chain == ("expert", "boss")
    assert list(story.state.attention) == ["approval:size"]


def test_an_offer_during_a_pause_is_asked_for_when_the_deal_goes_on() -> None:
    story = Story(DISCOUNT)
    story.order("pause", why="holidays")
    story.tell("proposal_sent", discount="60")
    during = (list(story.state.attention), story.all(RequestApproval))

    story.order("resume")

    assert during == (["approval:discount"], [])
    assert open_one(story).waits_for == "expert"


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


def test_an_offer_that_says_no_discount_keeps_the_one_that_was_granted() -> None:
    story = granted("25")

    story.tell("proposal_sent", link="https://seller.example/p1")
    story.tell("discount_requested", percent="25")

    assert (story.state.approvals, story.state.attention) == ({}, {})
    assert story.state.deal
    assert story.state.deal.proposal
    assert str(story.state.deal.proposal.discount) == "25"
