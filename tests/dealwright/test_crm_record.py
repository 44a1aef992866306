"""The deal's record in the CRM agrees with the deal, in both directions."""

from __future__ import annotations

import pytest

from dealwright.effects import UpdateCrm
from dealwright.state import CrmValue, DealState
from tests.dealwright.story import ANA, Story, moment, of_stage, playbook

SELLING = of_stage("- {name: nothing, on: demo_held, do: [{task: celebrate}]}")
TWO_STAGES = playbook("""
stages:
  - {name: first, owner: rep, leave_when: demo_booked}
  - {name: second, owner: expert}
""")
REA = {"name": "Rea", "email": "rea@seller.example"}
LATER = "2026-03-02 12:00"


def euros(amount: int) -> dict[str, str]:
    return {"amount": str(amount), "currency": "EUR"}


def updates(story: Story) -> list[tuple[str, ...]]:
    """The parts that each update after the first one writes."""
    return [update.parts or () for update in story.all(UpdateCrm)][1:]


def last(story: Story) -> UpdateCrm:
    return story.all(UpdateCrm)[-1]


def test_a_new_deals_record_shows_all_that_is_known_of_it() -> None:
    story = Story(SELLING, title="Acme", amount=euros(50), close_on="2026-06-30", owners={"rep": REA})
    (shown,) = story.all(UpdateCrm)
    assert shown.parts == ("stage", "amount", "title", "close_on", "owner", "contacts")
    assert (shown.stage, str(shown.amount), shown.title, str(shown.close_on)) == (
        "selling",
        "50.00 EUR",
        "Acme",
        "2026-06-30",
    )
    assert shown.owner is not None
    assert (shown.owner.name, [one.id for one in shown.contacts or ()]) == ("Rea", ["ana"])


@pytest.mark.parametrize(
    ("fact", "told", "part"),
    [
        ("proposal_sent", {"amount": euros(90)}, "amount"),
        ("contacts_learned", {"contacts": [{"id": "bo", "name": "Bo"}]}, "contacts"),
        ("account_researched", {"account": {"id": "acme", "name": "Acme"}}, "account"),
    ],
)
def test_what_a_fact_teaches_is_written_once(fact: str, told: dict[str, object], part: str) -> None:
    story = Story(SELLING).until(LATER)
    story.tell(fact, **told)
    story.tell(fact, **told)
    assert updates(story) == [(part,)]


def test_what_changes_at_once_is_written_at_once() -> None:
    story = Story(TWO_STAGES, owners={"expert": REA}).until(LATER)
    story.tell("demo_booked", starts_at="2026-03-20T10:00:00Z")
    assert updates(story) == [("stage", "owner")]
    assert last(story).id == "acme/stage-second/2/crm/1"


def test_a_deal_that_comes_back_to_its_stage_at_once_is_not_said_to_show_it_anew() -> None:
    small = "{name: small, owner: rep, leave_when: {deal.amount: {gte: 50}}}"
    story = Story(playbook(f"stages: [{small}, {{name: large, owner: rep}}]"), amount=euros(80)).until(LATER)
    there = story.command("move_to_stage", stage="small", why="x")
    story.tell_at_once(there, story.command("amend", why="typo", known={"title": "Acme"}))
    assert (story.stage, updates(story)) == ("large", [("title",)])
    assert last(story).summary == "Bring the CRM up to date: title"


def test_an_update_that_is_tried_again_while_a_deal_goes_and_comes_back_leaves_no_stage_of_between() -> None:
    back = "{name: back, on: entered, do: [{enter: large, reason: It was not for long}]}"
    small = f"{{name: small, owner: rep, leave_when: demo_held, plays: [{back}]}}"
    story = Story(playbook(f"stages: [{small}, {{name: large, owner: rep}}]")).until(LATER)
    story.keep("update_crm")
    story.order("amend", why="typo", known={"title": "Acme"})
    story.come_back(last(story), "deferred", until="2026-03-02T13:00:00Z")

    story.now = moment("2026-03-02 13:05")  # the worker was away
    story.order("move_to_stage", stage="small", why="x")

    assert (story.stage, last(story).stage) == ("large", "large")


def test_a_correction_and_a_new_owner_are_written() -> None:
    story = Story(SELLING, title="Acme").until(LATER)
    story.order("amend", why="typo", known={"title": None, "close_on": "2026-05-01"})
    story.order("reassign", why="holiday", role="rep", to=REA)
    story.order("reassign", why="holiday", role="boss", to=REA)
    assert updates(story) == [("title", "close_on"), ("owner",)]


def test_large_parts_are_given_only_where_they_are_written() -> None:
    story = Story(SELLING).until(LATER)
    story.tell("proposal_sent", amount=euros(90))
    assert last(story).contacts is None


def test_how_the_deal_ended_is_written_with_its_reason() -> None:
    story = Story(SELLING).until(LATER)
    story.order("close", outcome="lost", why="too dear")
    assert updates(story) == [("stage", "outcome")]
    assert (last(story).outcome, last(story).reason) == ("lost", "boss: too dear")


def test_an_end_that_is_taken_back_at_the_same_moment_is_taken_off_the_record() -> None:
    story = Story(SELLING).until(LATER)
    ends = story.command("close", outcome="lost", why="too dear")
    story.tell_at_once(ends, story.command("reopen", why="they called", stage="selling"))
    assert [(update.outcome, update.parts) for update in story.all(UpdateCrm)[1:]] == [
        ("lost", ("stage", "outcome")),
        (None, ("outcome",)),
    ]


def test_an_end_that_waited_to_be_written_is_not_written_once_it_is_none() -> None:
    story = Story(SELLING).until(LATER)
    story.keep("update_crm")
    story.order("close", outcome="lost", why="too dear")
    ended = last(story)
    story.come_back(ended, "not_done", reason="the CRM is away")
    story.order("reopen", why="they called", stage="selling")
    for update in story.all(UpdateCrm)[2:]:
        story.come_back(update, "done")
    story.wait(minutes=20)
    shown = story.all(UpdateCrm)
    assert shown[-1].id == ended.id
    assert {(update.outcome, update.note) for update in shown[2:]} == {(None, None)}


# --- what the CRM tells ---------------------------------------------------------------------------------------


def test_what_the_crm_told_is_not_written_back() -> None:
    story = Story(SELLING, amount=euros(50)).until(LATER)
    contact = {"id": "ana", "name": "Ana", "role": "buyer"}
    story.tell(
        "crm_properties_changed", amount=euros(60), title="Acme", close_on="2026-06-30", owner=REA, contacts=[contact]
    )
    deal = story.state.deal
    assert deal is not None
    assert (str(deal.amount), deal.title, str(deal.close_on)) == ("60.00 EUR", "Acme", "2026-06-30")
    assert (deal.owners or {})["rep"].name == "Rea"
    assert (deal.contact and deal.contact.role, deal.contact and deal.contact.email) == ("buyer", ANA["email"])
    assert updates(story) == []


def test_an_account_that_the_crm_told_is_known_and_not_written_back() -> None:
    story = Story(SELLING, account={"id": "acme", "industry": "steel"}).until(LATER)
    story.tell("crm_properties_changed", account={"id": "acme", "name": "Acme Inc."})
    deal = story.state.deal
    assert deal is not None
    assert deal.account is not None
    assert (deal.account.name, deal.account.industry) == ("Acme Inc.", "steel")
    story.tell("crm_properties_changed", account={"id": "globex", "name": "Globex"})
    assert (story.state.deal and story.state.deal.account and story.state.deal.account.industry) is None
    assert updates(story) == []


def test_parts_that_the_crm_does_not_mention_stay_and_null_clears_one() -> None:
    story = Story(SELLING, amount=euros(50), title="Acme", close_on="2026-06-30").until(LATER)
    story.tell("crm_properties_changed", close_on=None)
    deal = story.state.deal
    assert deal is not None
    assert (str(deal.amount), deal.title, deal.close_on) == ("50.00 EUR", "Acme", None)


def test_what_the_crm_told_late_changes_nothing_here_or_there() -> None:
    story = Story(SELLING, amount=euros(50)).until(LATER)
    story.tell("proposal_sent", amount=euros(90))
    story.tell("crm_properties_changed", amount=euros(60), at="2026-03-02T11:00:00Z")
    assert str(story.state.deal and story.state.deal.amount) == "90.00 EUR"
    assert updates(story) == [("amount",)]


def test_what_the_deal_knows_better_is_written_back() -> None:
    story = Story(SELLING, amount=euros(50)).until(LATER)
    story.tell("crm_properties_changed", amount=euros(60))
    story.tell("proposal_sent", amount=euros(90))
    story.tell("crm_properties_changed", owner=None)  # nobody else is known: whoever has it there may keep it
    assert updates(story) == [("amount",)]


def test_an_edit_that_met_an_update_of_ours_is_settled_by_writing_once_more() -> None:
    story = Story(SELLING, amount=euros(50)).until(LATER)
    story.keep("update_crm")
    story.tell("proposal_sent", amount=euros(90))
    story.wait(minutes=1)
    story.tell("crm_properties_changed", amount=euros(60))
    assert updates(story) == [("amount",), ("amount",)]
    assert str(last(story).amount) == "60.00 EUR"


def test_that_it_is_not_sure_what_the_record_holds_outlasts_a_run_of_the_deal() -> None:
    story = Story(SELLING, amount=euros(50))
    story.state.in_crm["amount"] = CrmValue(at=story.now)
    assert DealState.model_validate_json(story.state.model_dump_json(exclude_none=True)) == story.state


def test_what_was_refused_there_is_written_with_the_next_change_and_not_before() -> None:
    story = Story(SELLING).until(LATER)
    story.keep("update_crm")
    story.tell("proposal_sent", amount=euros(90))
    story.come_back(last(story), "failed", reason="amount: too high")
    assert updates(story) == [("amount",)]
    story.order("amend", why="typo", known={"title": "Acme"})
    assert updates(story)[1:] == [("amount", "title")]


def test_an_update_that_waited_writes_what_the_deal_is_by_then() -> None:
    story = Story(SELLING).until(LATER)
    story.keep("update_crm")
    story.tell("proposal_sent", amount=euros(90))
    first = last(story)
    story.come_back(first, "not_done", reason="the CRM is away")
    story.tell("contract_signed", starts_on="2026-04-01", ends_on="2027-03-31", value=euros(80))
    story.wait(minutes=20)
    again = last(story)
    assert (again.id, again.parts, str(again.amount)) == (first.id, ("amount",), "80.00 EUR")


def test_a_role_that_the_playbook_does_not_have_is_refused() -> None:
    story = Story(SELLING)
    story.tell("crm_properties_changed", owners={"janitor": REA})
    assert "no role 'janitor'" in str(story.state.attention)


def test_the_crm_may_say_who_holds_each_role() -> None:
    story = Story(SELLING, owners={"boss": REA}).until(LATER)
    story.tell("crm_properties_changed", owners={"expert": REA, "boss": None})
    assert list((story.state.deal and story.state.deal.owners) or {}) == ["expert"]
