"""The deal's record in the CRM is deleted, restored, or merged with another deal's."""

from __future__ import annotations

from dealwright.effects import LogActivity, UpdateCrm
from tests.dealwright.story import Story, of_stage

SELLING = of_stage("- {name: nothing, on: demo_held, do: [{task: celebrate}]}", before="crm: {log: [calls]}")
AMOUNT = {"amount": "90", "currency": "EUR"}


def test_when_the_record_is_deleted_somebody_is_asked_and_the_deal_goes_on() -> None:
    story = Story(SELLING).wait(hours=1)
    story.tell("crm_deal_deleted")
    story.tell("crm_deal_deleted")
    assert "crm-deleted" in story.state.attention
    assert list(story.tasks) == ["settle_crm_record"]
    assert story.outcome is None


def test_nothing_is_written_to_a_record_that_is_deleted() -> None:
    story = Story(SELLING).wait(hours=1)
    story.tell("crm_deal_deleted")
    story.tell("proposal_sent", amount=AMOUNT)
    story.tell("call_logged", result="connected")
    story.order("close", outcome="lost", why="gone")
    assert (len(story.all(UpdateCrm)), story.all(LogActivity)) == (1, [])


def test_a_record_that_is_restored_gets_what_it_missed() -> None:
    story = Story(SELLING).wait(hours=1)
    story.tell("crm_deal_deleted")
    story.tell("proposal_sent", amount=AMOUNT)
    story.wait(hours=1)
    story.tell("fact_retracted", retracts="crm_deal_deleted")
    assert [update.parts for update in story.all(UpdateCrm)][1:] == [("amount",)]
    assert (story.state.attention, list(story.tasks)) == ({}, [])


def test_two_deals_with_one_record_ask_which_one_goes_on() -> None:
    story = Story(SELLING).wait(hours=1)
    story.tell("crm_deal_merged", deal="other-deal")
    assert "other-deal" in story.state.attention["crm-merged:other-deal"]
    assert list(story.tasks) == ["settle_crm_record"]


def test_a_merger_with_a_record_of_no_deal_is_only_noted() -> None:
    story = Story(SELLING).wait(hours=1)
    story.tell("crm_deal_merged")
    story.tell("crm_deal_merged", deal="acme")
    assert story.state.attention == {}
