"""A word that the playbook does not declare is told to whoever used it, and is never taken for another."""

import pytest

from dealwright import entries as e
from tests.dealwright.story import Story, of_stage

DECLARED = "sources: [inbound, outbound]\nsignals: [pricing]\nnotes: [use_case]"
PLAYS = """
- name: warm
  on: entered
  if: {deal.source: inbound}
  do: [{email: hello}, {task: call}]
- {name: hurry, on: {buying_signal_seen: pricing}, do: [{notify: rep, text: Hurry}]}
"""
RULES = of_stage(PLAYS, before=DECLARED)
FREE = of_stage(PLAYS)


@pytest.mark.parametrize("source", ["Inbound", "INBOUND", "inbound ", "in-bound", "webinar"])
def test_a_deal_from_a_source_that_is_none_is_not_let_in(source: str) -> None:
    story = Story(RULES, source=source)

    assert story.outcome == "refused"
    assert f"source: {source!r} is no source of this playbook" in (story.state.reason or "")
    assert "Sources are inbound, outbound." in (story.state.reason or "")
    assert story.effects == []


def test_whoever_opens_the_deal_is_told_which_source_was_meant() -> None:
    assert "Did you mean 'inbound'?" in (Story(RULES, source="Inbound").state.reason or "")


def test_a_deal_from_a_declared_source_or_from_none_is_let_in() -> None:
    assert Story(RULES, source="inbound").sent == ["Mon 10:00 hello"]
    assert Story(RULES).outcome is None


def test_a_source_cannot_be_amended_to_one_that_is_none() -> None:
    story = Story(RULES, source="outbound")

    refused = story.order("amend", known={"source": "Inbound"}, why="They called us")

    assert not refused.accepted
    assert "Did you mean 'inbound'?" in refused.text
    assert story.state.deal is not None
    assert story.state.deal.source == "outbound"
    assert story.order("amend", known={"source": "inbound"}, why="They called us").accepted


def test_a_signal_that_is_none_is_refused_and_kept_for_somebody_to_see() -> None:
    story = Story(RULES)

    story.tell("buying_signal_seen", signal="Pricing")

    assert story.told == []
    assert "Did you mean 'pricing'?" in story.last(e.FactRefused).error
    assert "fact:buying_signal_seen" in story.state.attention
    story.tell("buying_signal_seen", signal="pricing")
    assert story.told == ["rep: Hurry"]
    assert story.state.attention == {}


def test_a_note_under_another_name_is_kept_and_somebody_is_asked_to_look() -> None:
    story = Story(RULES, source="inbound")

    story.tell("notes_learned", notes={"use case": "Reports", "use_case": "Charts"})
    story.order("complete_task", task="call", notes={"use_cse": "Tables"})
    story.order("amend", known={"notes": {"usecase": "Maps"}}, why="From a call")

    assert story.state.deal is not None
    assert set(story.state.deal.notes or ()) == {"use case", "use_case", "use_cse", "usecase"}
    assert sorted(story.state.attention) == ["note:use case", "note:use_cse", "note:usecase"]
    assert "Did you mean 'use_case'?" in story.state.attention["note:use_cse"]


def test_a_deal_that_comes_with_such_a_note_is_let_in_and_asks_for_attention() -> None:
    assert list(Story(RULES, notes={"goal": "Growth"}).state.attention) == ["note:goal"]


def test_where_nothing_is_declared_every_word_is_taken() -> None:
    story = Story(FREE, source="Webinar", notes={"anything": "x"})

    story.tell("buying_signal_seen", signal="whatever")

    assert story.outcome is None
    assert story.state.attention == {}
