"""A deal that a fact ends without saying why, where the playbook asks first: it is held, and then ends or goes on."""

from __future__ import annotations

import pytest

from dealwright import entries as e
from dealwright.effects import SendEmail, UpdateCrm
from dealwright.playbook.loading import check_bundle
from dealwright.views.snapshot import snapshot_of
from tests.dealwright.playbook.valid_playbook import PLAYBOOK, TEMPLATES
from tests.dealwright.story import Story, of_stage

ASKED_FIRST = """
ends: [{when: deal_lost, as: lost, ask_first: 2bd}]
reasons:
  lost: [price, competitor: {needs: competitor}, not_now: {needs: back_on}]
"""
CADENCE = """
- name: cadence
  on: entered
  steps: [{email: one}, {after: 1d, email: two}, {after: 1d, task: call}]
"""
RULES = of_stage(CADENCE, before=ASKED_FIRST)


def held() -> Story:
    """A deal that was told as lost on Monday at noon, and not why."""
    story = Story(RULES).until("2026-03-02 12:00")
    story.tell("deal_lost")
    return story


def the_question(story: Story) -> tuple[str, str | None, str]:
    (task,) = [one for one in story.state.tasks.values() if one.name.startswith("say_why")]
    return task.name, task.detail, f"{task.due_at:%a %H:%M}"


def why(story: Story) -> tuple[object, ...]:
    seen = snapshot_of(story.state)
    return seen.outcome, seen.reason_code, seen.competitor, str(seen.back_on) if seen.back_on else None


def test_whoever_has_the_deal_is_asked_before_it_ends() -> None:
    story = held()
    name, detail, due = the_question(story)
    assert (story.outcome, name, due) == (None, "say_why_it_ends", "Wed 12:00")
    assert detail is not None
    assert "Reasons for lost are price, competitor, not_now" in detail
    assert "Nothing is written to the buyer meanwhile" in detail
    assert story.last(e.EndHeld).sentence().startswith("Held until Wed 04 Mar 2026 before it is lost")


def test_nothing_is_written_to_the_buyer_while_the_deal_is_held() -> None:
    story = held().until("2026-03-04 11:00")
    assert story.sent == ["Mon 10:00 one"]


def test_a_message_on_its_way_is_called_off_when_the_deal_is_held() -> None:
    story = Story(RULES)
    story.keep("two")
    story.until("2026-03-03 11:00")
    (two,) = [message for message in story.all(SendEmail) if message.template == "two"]
    story.tell("deal_lost")
    assert story.withdrawn == [two.id]


def test_the_deal_ends_as_soon_as_somebody_says_why() -> None:
    story = held()
    for given in ({}, {"reason_code": "prise"}, {"reason_code": "competitor"}):
        assert not story.order("complete_task", task="say_why_it_ends", **given).accepted
    assert story.outcome is None
    assert story.order("complete_task", task="say_why_it_ends", reason_code="competitor", competitor="Acme").accepted
    assert why(story) == ("lost", "competitor", "Acme", None)
    assert story.state.tasks == {}
    assert story.state.pause is None


def test_a_reason_with_a_day_to_come_back_on_is_kept_with_the_end() -> None:
    story = held()
    given = {"reason_code": "not_now", "back_on": "2026-09-01"}
    assert story.order("complete_task", task="say_why_it_ends", **given).accepted
    assert why(story) == ("lost", "not_now", None, "2026-09-01")


def test_nobody_answers_and_the_deal_ends_all_the_same() -> None:
    story = held().until("2026-03-04 12:00")
    assert why(story) == ("lost", None, None, None)
    assert the_question(story)[0] == "say_why_it_ended"


def test_the_deal_comes_back_with_what_was_left_of_each_delay() -> None:
    story = held().until("2026-03-03 12:00")
    assert story.order("resume").accepted
    story.until("2026-03-06 12:00")
    assert story.outcome is None
    assert story.sent == ["Mon 10:00 one", "Wed 10:00 two"]
    assert [task.name for task in story.state.tasks.values()] == ["call"]


def test_a_play_that_ends_by_the_fact_does_not_come_back() -> None:
    both = "- {name: nag, on: entered, until: deal_lost, steps: [{after: 1d, email: nag}]}\n" + CADENCE.strip()
    story = Story(of_stage(both, before=ASKED_FIRST))
    story.tell("deal_lost")
    story.order("resume")
    assert story.until("2026-03-04 12:00").sent == ["Mon 10:00 one", "Tue 10:00 two"]


def test_what_was_told_before_it_came_back_does_not_end_it() -> None:
    story = held().until("2026-03-03 12:00")
    story.order("resume")
    story.tell("deal_lost", at="2026-03-02T12:00:00Z")
    assert story.state.pause is None
    story.tell("deal_lost", reason_code="price")
    assert why(story) == ("lost", "price", None, None)


def test_the_record_in_the_crm_is_brought_back_with_the_deal() -> None:
    story = held()
    before = len(story.all(UpdateCrm))
    story.order("resume")
    (again,) = story.all(UpdateCrm)[before:]
    assert (again.stage, again.outcome) == ("selling", None)
    assert "stage" in (again.parts or ())


def test_the_deal_goes_on_when_the_fact_is_taken_back() -> None:
    story = held()
    story.tell("fact_retracted", retracts="deal_lost")
    assert (story.outcome, story.state.pause) == (None, None)
    assert [task.name for task in story.state.tasks.values()] == []
    assert story.until("2026-03-03 12:00").sent == ["Mon 10:00 one", "Tue 10:00 two"]


def test_whoever_is_asked_hears_when_the_buyer_is_back() -> None:
    story = held()
    story.tell("reply_received", contact="ana", sentiment="interested")
    said = "Reply received (interested), and deal acme is held before it is lost: resume it if it goes on."
    assert story.told == [f"rep: {said}"]
    assert story.outcome is None


def test_a_fact_that_says_why_ends_the_held_deal() -> None:
    story = held()
    story.tell("deal_lost", reason_code="price")
    assert why(story) == ("lost", "price", None, None)


def test_what_two_facts_say_counts_together() -> None:
    story = Story(RULES)
    story.tell("deal_lost", reason_code="competitor")
    assert story.outcome is None
    assert story.order("complete_task", task="say_why_it_ends", competitor="Acme").accepted
    assert why(story) == ("lost", "competitor", "Acme", None)


def test_told_again_without_a_reason_the_deal_is_held_no_longer_than_at_first() -> None:
    story = held().until("2026-03-03 12:00")
    story.tell("deal_lost", reason_code="competitor")
    story.tell("deal_lost")
    assert [the_question(story)[2]] == ["Wed 12:00"]
    assert story.until("2026-03-04 12:00").outcome == "lost"
    assert why(story) == ("lost", "competitor", None, None)


def test_a_fact_with_its_reason_ends_the_deal_at_once() -> None:
    story = Story(RULES)
    story.tell("deal_lost", reason_code="price")
    assert story.outcome == "lost"


def test_a_person_who_closes_a_held_deal_says_why() -> None:
    story = held()
    assert not story.order("close", outcome="lost", why="They said no").accepted
    assert story.order("close", outcome="lost", why="They said no", reason_code="price").accepted
    assert story.state.tasks == {}


def test_a_deal_that_is_paused_is_held_and_not_forgotten() -> None:
    story = Story(RULES)
    assert story.order("pause", why="later", until="2026-06-01T10:00:00Z").accepted
    story.tell("deal_lost")
    assert story.until("2026-03-04 10:00").outcome == "lost"


def test_a_held_deal_is_not_paused_beyond_its_end() -> None:
    refused = held().order("pause", why="later", until="2026-06-01T10:00:00Z")
    assert refused.text == "The deal is held before it ends: resume it first, or say why it ends."


@pytest.mark.parametrize(
    ("reasons", "mistake"),
    [
        ("", "nothing is asked: the playbook lists no reasons for lost"),
        ("reasons: {lost: [price]}\n", None),
    ],
)
def test_a_question_for_no_reason_is_told(reasons: str, mistake: str | None) -> None:
    text = PLAYBOOK.replace("as: lost}", "as: lost, ask_first: 1bd}") + reasons
    assert "ask_first" in text
    found = [str(one) for one in check_bundle({"playbook.yaml": text, **TEMPLATES})]
    assert [mistake.casefold() in line.casefold() for line in found if mistake] == [True] * bool(mistake)
    assert mistake is not None or found == []


@pytest.mark.parametrize(
    ("fact", "given"),
    [
        ("contract_signed", {"starts_on": "2026-03-10", "ends_on": "2027-03-09"}),
        ("proposal_accepted", {"proposal": "p1"}),
    ],
)
def test_a_deal_to_which_the_buyer_agrees_while_it_is_held_goes_on(fact: str, given: dict[str, object]) -> None:
    story = held().until("2026-03-02 15:00")
    story.tell(fact, **given)
    assert (story.outcome, story.state.pause, story.state.tasks) == (None, None, {})
    said = f"{fact.replace('_', ' ').capitalize()}, so deal acme goes on, and is not lost."
    assert story.told == [f"rep: {said}"]
    assert story.until("2026-03-06 12:00").outcome is None


def test_what_the_buyer_agreed_to_before_it_was_given_up_does_not_bring_it_back() -> None:
    story = held()
    story.tell("proposal_accepted", proposal="p1", at="2026-03-01T10:00:00Z")
    assert story.state.pause is not None
    assert story.until("2026-03-04 12:00").outcome == "lost"


@pytest.mark.parametrize("code", [None, "price"])
def test_what_happened_before_a_signature_gives_no_deal_up(code: str | None) -> None:
    story = Story(RULES).until("2026-03-02 12:00")
    story.tell("contract_signed", starts_on="2026-03-10", ends_on="2027-03-09")
    story.tell("deal_lost", at="2026-03-02T11:00:00Z", reason_code=code)
    assert (story.outcome, story.state.pause) == (None, None)
    (text,) = story.state.attention.values()
    assert (
        text
        == "Deal lost (02 Mar 2026 11:00) is older than contract signed: the deal goes on, unless somebody closes it"
    )


def test_a_signature_that_was_taken_back_keeps_no_deal_open() -> None:
    story = Story(RULES).until("2026-03-02 12:00")
    story.tell("contract_signed", starts_on="2026-03-10", ends_on="2027-03-09")
    story.tell("fact_retracted", retracts="contract_signed")
    story.tell("deal_lost", at="2026-03-02T11:00:00Z", reason_code="price")
    assert story.outcome == "lost"


def in_the_crm() -> Story:
    """A held deal of a playbook that takes over stages which are set in the CRM."""
    rules = of_stage(CADENCE, before=ASKED_FIRST + "crm: {stage_edits: accept}\n")
    story = Story(rules).until("2026-03-02 12:00")
    story.tell("deal_lost")
    return story


def test_a_deal_that_is_opened_again_in_the_crm_goes_on_and_nothing_is_written_back_there() -> None:
    story = in_the_crm().until("2026-03-02 15:00")
    before = len(story.all(UpdateCrm))
    story.tell("crm_stage_moved", stage="selling", at="2026-03-02T15:00:00Z")
    assert story.state.pause is None
    assert story.told == ["rep: Moved to selling in the CRM, so deal acme goes on, and is not lost."]
    assert story.all(UpdateCrm)[before:] == []


@pytest.mark.parametrize(("stage", "at"), [("closedlost", "15:00"), ("selling", "11:00")])
def test_a_closed_stage_in_the_crm_or_one_of_before_does_not_bring_it_back(stage: str, at: str) -> None:
    story = in_the_crm().until("2026-03-02 15:00")
    story.tell("crm_stage_moved", stage=stage, at=f"2026-03-02T{at}:00Z")
    assert story.state.pause is not None
