"""Why deals end: a reason that the playbook lists, with what it needs, heard before the end or asked for at it."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from dealwright.playbook.loading import check_bundle
from dealwright.views.snapshot import snapshot_of
from tests.dealwright.playbook.valid_playbook import PLAYBOOK, TEMPLATES, mistakes_in
from tests.dealwright.story import Story, of_stage

REASONS = """
ends: [{when: deal_lost, as: lost}]
reasons:
  lost: [price, competitor: {needs: competitor}, not_now: {needs: back_on}, both: {needs: [competitor, back_on]}]
  churned: {bankrupt: , moved: {needs: competitor}}
"""
PLAYS = """
- {name: lapse, on: contract_cancelled, do: [{after: 1d, close: churned}]}
- {name: give-up, on: note_added, do: [{close: lost, reason_code: price}]}
"""
RULES = of_stage(PLAYS, before=REASONS)


def why(story: Story) -> tuple[object, ...]:
    seen = snapshot_of(story.state)
    return seen.outcome, seen.reason_code, seen.competitor, str(seen.back_on) if seen.back_on else None


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, "Reason_code: The reason is missing. Reasons for lost are price, competitor, not_now, both."),
        ({"reason_code": "prise"}, "'prise' is no reason for lost in this playbook. Did you mean 'price'?"),
        ({"reason_code": "bankrupt"}, "'bankrupt' is no reason for lost in this playbook."),
        ({"reason_code": "competitor"}, "competitor: Competitor needs more. Say which competitor it was: competitor."),
        ({"reason_code": "both", "competitor": "Acme"}, "back_on: Both needs more. Say on which day to come back"),
    ],
)
def test_a_close_without_what_is_needed_is_refused_and_says_what_is_missing(
    given: dict[str, object], missing: str
) -> None:
    story = Story(RULES)
    refused = story.order("close", outcome="lost", why="They said no", **given)
    assert not refused.accepted
    assert missing.casefold() in refused.text.casefold()
    assert story.outcome is None


def test_a_close_with_a_reason_ends_the_deal_and_the_story_says_why() -> None:
    story = Story(RULES)
    given: dict[str, object] = {"reason_code": "both", "competitor": "Acme", "back_on": "2027-01-31"}
    assert story.order("close", outcome="lost", why="They said no", **given).accepted
    assert why(story) == ("lost", "both", "Acme", "2027-01-31")
    assert story.last(e.DealClosed).sentence().endswith("(both, chose Acme, come back on 2027-01-31)")
    assert story.state.tasks == {}


def test_an_outcome_without_a_list_takes_any_reason_or_none() -> None:
    story = Story(RULES)
    assert story.order("close", outcome="disqualified", why="No fit", reason_code="anything").accepted
    assert why(story) == ("disqualified", "anything", None, None)


def test_a_fact_that_says_why_ends_the_deal_for_that_reason() -> None:
    story = Story(RULES)
    story.tell("deal_lost", reason="Too dear", reason_code="price")
    assert why(story) == ("lost", "price", None, None)
    assert story.state.reason == "Too dear"
    assert story.state.tasks == {}


def test_a_fact_that_does_not_say_why_ends_the_deal_and_its_owner_is_asked() -> None:
    story = Story(RULES)
    story.tell("deal_lost")
    (task,) = story.state.tasks.values()
    assert (story.outcome, task.name, task.role) == ("lost", "say_why_it_ended", "rep")

    for given in ({}, {"reason_code": "prise"}, {"reason_code": "competitor"}):
        assert not story.order("complete_task", task=task.name, **given).accepted
    assert story.order("complete_task", task=task.name, reason_code="competitor", competitor="Acme").accepted

    assert why(story) == ("lost", "competitor", "Acme", None)
    assert story.last(e.EndExplained).sentence() == "boss says why it ended (competitor, chose Acme)"
    assert story.state.tasks == {}


def test_of_a_fact_that_lacks_a_part_only_that_part_is_asked() -> None:
    story = Story(RULES)
    story.tell("deal_lost", reason_code="competitor")
    (task,) = story.state.tasks.values()
    assert task.title == "Say why the deal is lost: which competitor"
    assert story.order("complete_task", task=task.name, competitor="Acme").accepted
    assert why(story) == ("lost", "competitor", "Acme", None)


def test_a_reason_that_is_none_is_kept_as_text_and_asked_for() -> None:
    story = Story(RULES)
    story.tell("deal_lost", reason="Too dear", reason_code="prise")
    assert why(story) == ("lost", None, None, None)
    assert story.state.reason == "Too dear (prise)"
    assert "Did you mean 'price'?" in story.state.attention["reason:deal_lost"]
    assert [task.name for task in story.state.tasks.values()] == ["say_why_it_ended"]


def test_a_cancellation_says_why_the_deal_ends_later() -> None:
    story = Story(RULES)
    story.tell("contract_signed", starts_on="2026-01-01", ends_on="2026-12-31")
    story.tell("contract_cancelled", reason_code="moved", competitor="Acme")
    story.wait(days=4)
    assert why(story) == ("churned", "moved", "Acme", None)


def test_a_cancellation_that_was_taken_back_says_nothing() -> None:
    story = Story(RULES)
    story.tell("contract_signed", starts_on="2026-01-01", ends_on="2026-12-31")
    story.tell("contract_cancelled", reason_code="moved", competitor="Acme")
    story.tell("fact_retracted", retracts="contract_cancelled")
    story.tell("deal_lost", reason_code="price")
    assert why(story) == ("lost", "price", None, None)


def test_a_step_closes_for_its_reason() -> None:
    story = Story(RULES)
    story.tell("note_added", text="They went silent")
    assert why(story) == ("lost", "price", None, None)


def test_nobody_is_asked_any_more_once_the_deal_goes_on() -> None:
    story = Story(RULES)
    story.tell("deal_lost")
    story.order("reopen", why="They called")
    assert "say_why_it_ended" not in [task.name for task in story.state.tasks.values()]


def test_only_the_task_that_asks_takes_a_reason() -> None:
    story = Story(of_stage("- {name: call, on: entered, do: [{task: call}]}", before=REASONS))
    refused = story.order("complete_task", task="call", reason_code="price")
    assert refused.text == "This task asks for no reason of the deal's end."


@pytest.mark.parametrize(
    ("declared", "mistake"),
    [
        ("reasons: {lost: []}", "reasons.lost: There are no reasons here"),
        ("reasons: {lost: [price, price]}", "reasons.lost: 'price' stands here twice"),
        ("reasons: {lost: [Too dear]}", "'Too dear' is no name. Write too-dear"),
        ("reasons: {lost: [other: {needs: competitr}]}", "'competitr' is not known here. Did you mean 'competitor'?"),
        ("reasons: {lots: [price]}", "'lots' is not known here. Write 'lost',"),
    ],
)
def test_a_list_of_reasons_that_is_none_is_refused(declared: str, mistake: str) -> None:
    assert any(mistake in line for line in mistakes_in(PLAYBOOK + declared + "\n"))


@pytest.mark.parametrize(
    ("listed", "given", "mistake"),
    [
        ("", "price", "The playbook lists no reasons for churned. Add reasons: {churned: [price]}"),
        ("reasons: {churned: [price]}\n", "prise", "'prise' is no reason for churned. Did you mean 'price'?"),
        ("reasons: {churned: [price: {needs: back_on}]}\n", "price", "'price' needs back_on, which no step says"),
        ("reasons: {churned: [price]}\n", "price", ""),
    ],
)
def test_a_step_that_closes_for_a_reason_that_is_not_listed_is_told(listed: str, given: str, mistake: str) -> None:
    text = PLAYBOOK.replace("{close: churned}", f"{{close: churned, reason_code: {given}}}") + listed
    found = [str(one) for one in check_bundle({"playbook.yaml": text, **TEMPLATES})]
    assert len(found) == bool(mistake)
    assert all(mistake in line for line in map(str, found))
