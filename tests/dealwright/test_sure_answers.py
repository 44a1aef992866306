"""How sure an answer of the qualification is: named is not met."""

from __future__ import annotations

import pytest

from dealwright.facts.knowledge import Answers, QualificationLearned
from dealwright.playbook.loading import check_bundle
from dealwright.qualification import Qualification
from tests.dealwright.playbook.valid_playbook import TEMPLATES, with_change
from tests.dealwright.story import Story, of_stage, playbook

GATED = """
stages:
  - name: one
    owner: rep
    leave_when: meeting_booked
    gate:
      hard: true
      asks: true
      require: {a champion whom we met: {qualification.champion: {status: met}}}
  - {name: two, owner: rep}
ends: [{when: deal_lost, as: lost}]
"""


def asking(condition: str) -> Story:
    """A deal with a play under a condition."""
    return Story(of_stage(f"- {{name: tell, on: note_added, if: {condition}, do: [{{notify: rep, text: Now}}]}}"))


def holds(story: Story) -> bool:
    """Whether the play starts now."""
    before = len(story.told)
    story.wait(minutes=5).tell("note_added", text="look")
    return len(story.told) > before


def learn(story: Story, at: str | None = None, **answers: object) -> None:
    when = {"at": at} if at else {}
    story.wait(minutes=5).tell("qualification_learned", answers=answers, **when)


MET = "{qualification.champion: {status: met}}"
ANA = {"value": "Ana", "status": "met", "evidence": "call of 3 March"}


@pytest.mark.parametrize(
    ("champion", "met"),
    [
        ("Ana", False), ({"value": "Ana"}, False), ({"value": "Ana", "status": "named"}, False),
        ({"value": "Ana", "status": "met"}, True), ({"value": "Ana", "status": "verified"}, True),
    ],
)  # fmt: skip
def test_a_champion_who_is_named_is_not_met(champion: object, met: bool) -> None:
    story = asking(MET)
    learn(story, champion=champion)
    assert holds(story) is met


@pytest.mark.parametrize(
    ("condition", "is_so"),
    [
        ("{qualification.champion.status: met}", True), ("{qualification.champion.status: verified}", False),
        ("{qualification.champion: {status: verified}}", False), ("{qualification.champion: Ana}", True),
        ("{qualification.champion: {known: true, status: named}}", True),
    ],
)  # fmt: skip
def test_just_one_status_can_be_asked_for(condition: str, is_so: bool) -> None:
    story = asking(condition)
    learn(story, champion=ANA)
    assert holds(story) is is_so


def test_another_champion_is_not_met_because_the_one_before_was() -> None:
    story = asking(MET)
    learn(story, champion=ANA)
    learn(story, champion="Bob")
    assert not holds(story)


def test_the_same_answer_told_again_keeps_its_status() -> None:
    story = asking(MET)
    learn(story, champion=ANA)
    learn(story, champion="Ana")
    assert holds(story)


def test_an_answer_that_is_taken_back_is_not_met() -> None:
    story = asking(MET)
    learn(story, champion=ANA)
    learn(story, champion=None)
    assert not holds(story)


@pytest.mark.parametrize("newest_first", [False, True])
def test_answers_count_by_when_they_happened_whichever_is_told_first(newest_first: bool) -> None:
    story = asking(MET)
    told = [("2026-03-02T08:00:00Z", {"value": "Ana", "status": "verified"}), ("2026-03-02T09:00:00Z", "Bob")]
    story.until("2026-03-02 12:00")
    for at, champion in reversed(told) if newest_first else told:
        learn(story, at=at, champion=champion)
    assert not holds(story)
    assert story.state.deal is not None
    assert story.state.deal.qualification is not None
    assert story.state.deal.qualification.champion == "Bob"


def test_what_shows_an_answer_is_kept() -> None:
    story = asking(MET)
    learn(story, champion=ANA)
    assert story.state.deal is not None
    assert story.state.deal.standing is not None
    assert story.state.deal.standing["champion"].evidence == "call of 3 March"


@pytest.mark.parametrize(
    ("known", "fills"),
    [
        (None, {"champion": "qualification.champion", "champion_status": "qualification.champion.status"}),
        ("Ana", {"champion_status": "qualification.champion.status"}),
    ],
)
def test_a_gate_asks_for_the_answer_and_how_sure_it_is(known: str | None, fills: dict[str, str]) -> None:
    story = Story(playbook(GATED))
    learn(story, champion=known)
    story.tell("meeting_booked", starts_at="2026-03-20T10:00:00Z")
    task = story.task("answer_for_the_gate")
    assert task.fills == fills

    told = {"champion": "Bob", "champion_status": "met"}
    verdict = story.order("complete_task", by="rep", task=task.id, fills={name: told[name] for name in fills})

    assert verdict.accepted, verdict.text
    assert story.stage == "two"


def test_a_status_that_is_none_is_refused_with_what_was_meant() -> None:
    story = Story(playbook(GATED))
    story.tell("meeting_booked", starts_at="2026-03-20T10:00:00Z")
    task = story.task("answer_for_the_gate")
    told = {"champion": "Bob", "champion_status": "mett"}
    verdict = story.order("complete_task", by="rep", task=task.id, fills=told)
    assert not verdict.accepted
    assert "'mett' does not say how sure it is. Did you mean 'met'" in verdict.text


def test_meddpicc_counts_eight_answers() -> None:
    story = asking("{qualification.meddpicc: 8}")
    names = ("metrics", "economic_buyer", "decision_criteria", "decision_process", "pain", "champion")
    learn(story, **dict.fromkeys(names, "known"))
    learn(story, paper_process="legal, then the board", budget="5k")
    assert not holds(story)
    learn(story, competition={"value": "Acme", "status": "named"})
    assert holds(story)


def test_every_question_may_be_answered() -> None:
    assert Answers.model_fields.keys() == Qualification.model_fields.keys()


@pytest.mark.parametrize(
    ("condition", "mistake"),
    [
        ("{qualification.champion: {status: mett}}", "'mett' is no status of an answer. Did you mean 'met'"),
        ("{qualification.bant: {status: met}}", "nobody says of 'qualification.bant' how sure it is"),
        ("{deal.source: {status: met}}", "nobody says of 'deal.source' how sure it is"),
        ("{qualification.champion.status: mett}", "'qualification.champion.status' is never 'mett'"),
        ("{qualification.meddpicc: {gt: 8}}", "'qualification.meddpicc' is never above 8"),
    ],
)
def test_a_status_that_can_never_be_so_is_told(condition: str, mistake: str) -> None:
    text = with_change("if: {deal.source: outbound}", f"if: {condition}")
    found = [str(one) for one in check_bundle({"playbook.yaml": text, **TEMPLATES})]
    assert any(mistake.casefold() in line.casefold() for line in found), found


def test_answers_are_taken_in_one_order_whatever_process_decides() -> None:
    questions = tuple(Answers.model_fields)
    answers = {question: {"value": "yes", "status": "named"} for question in reversed(questions)}
    known = QualificationLearned.model_validate({"answers": answers}).learn()
    assert known is not None
    assert tuple(known.standing or ()) == questions
