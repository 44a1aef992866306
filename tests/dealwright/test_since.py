"""Since when facts count for a condition: what it belongs to, or what it names."""

from __future__ import annotations

import pytest

from dealwright.playbook.loading import check_bundle
from tests.dealwright.playbook.valid_playbook import TEMPLATES, with_change
from tests.dealwright.story import Story, playbook

TWO = """
{before}
stages:
  - {{name: one, owner: rep, leave_when: lead_qualified}}
  - name: two
    owner: rep
    leave_when: {leave_when}
    plays:
{plays}
  - {{name: three, owner: rep}}
"""
ASK = "      - {{name: ask, on: note_added, {condition}, do: [{{notify: rep, text: Now}}]}}"


def told(condition: str, *before: tuple[str, dict[str, object]], in_two: tuple[str, ...] = ()) -> bool:
    """Whether a play of the second stage starts after these facts in the first one, and those in the second."""
    rules = TWO.format(before="", leave_when="demo_held", plays=ASK.format(condition=condition))
    story = Story(playbook(rules))
    for fact, payload in before:
        story.wait(hours=1).tell(fact, **payload)
    story.wait(hours=1).tell("lead_qualified", level="sql")
    for fact in in_two:
        story.wait(hours=1).tell(fact)
    story.wait(hours=1).tell("note_added", text="look")
    return story.told == ["rep: Now"]


REPLY: tuple[str, dict[str, object]] = ("reply_received", {"sentiment": "other"})


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("if: {reply_received: other}", False),
        ("if: {reply_received: other, since: visit}", False),
        ("if: {reply_received: other, since: deal}", True),
        ("if: {reply_received: [interested, other], since: deal}", True),
        ("if: {reply_received: interested, since: deal}", False),
        ("if: {reply_received: any, since: deal}", True),
        ("if: {reply_received: any, times: 2, within: 3h}", False),
        ("if: {reply_received: any, times: 2, within: 3h, since: deal}", True),
        ("if: {any: [demo_held, {reply_received: other}], since: deal}", True),
        ("if: {all: [{demo_held: any, since: visit}, {reply_received: other}], since: deal}", False),
        ("if: {reply_received: other, deal.source: inbound, since: deal}", False),
        ("unless: {reply_received: other, since: deal}", False),
        ("unless: {reply_received: other}", True),
    ],
)
def test_the_play_of_a_stage_looks_back_past_its_visit_where_it_says_so(condition: str, holds: bool) -> None:
    assert told(condition, REPLY, REPLY) is holds


def test_what_happened_in_this_visit_counts_since_the_deal_too() -> None:
    assert told("if: {invoice_paid: any, since: deal}", in_two=("invoice_paid",))


def test_a_play_of_the_whole_deal_may_ask_of_the_visit_alone() -> None:
    plays = "plays:\n" + ASK.format(condition="if: {reply_received: other, since: visit}").replace(
        "      - {name: ask", "  - {name: first"
    )
    story = Story(playbook(TWO.format(before=plays, leave_when="demo_held", plays=ASK.format(condition="alone: true"))))
    story.tell("reply_received", sentiment="other")
    story.wait(hours=1).tell("lead_qualified", level="sql")
    story.wait(hours=1).tell("note_added", text="look")
    assert story.told == ["rep: Now"]  # by the stage's play only


def test_a_step_may_look_back_past_its_run() -> None:
    play = "      - {name: ask, on: note_added, do: [{notify: rep, text: Now, if: {reply_received: any, since: deal}}]}"
    story = Story(playbook(TWO.format(before="", leave_when="demo_held", plays=play)))
    story.tell("reply_received", sentiment="other")
    story.wait(hours=1).tell("lead_qualified", level="sql")
    story.wait(hours=1).tell("note_added", text="look")
    assert story.told == ["rep: Now"]


def test_a_stage_may_be_left_for_what_happened_before_it() -> None:
    plays = ASK.format(condition="alone: true")
    leave_when = "{all: [next_step_agreed, {reply_received: any, since: deal}]}"
    story = Story(playbook(TWO.format(before="", leave_when=leave_when, plays=plays)))
    story.tell("reply_received", sentiment="other")
    story.wait(hours=1).tell("lead_qualified", level="sql")
    story.wait(hours=1).tell("next_step_agreed")
    assert story.stage == "three"


@pytest.mark.parametrize(
    ("old", "new", "mistake"),
    [
        ("if: {deal.source: outbound}", "if: {reply_received: other, since: run}", "Nothing counts since 'run'"),
        ("if: {deal.source: outbound}", "if: {deal.source: outbound, since: deal}", "'since' stands beside no fact"),
        ("if: {deal.source: outbound}", "if: {since: deal}", "'since' stands beside no fact"),
        (
            "leave_when: {reply_received: interested}", "leave_when: {reply_received: interested, since: deal}",
            "This may be so already when the stage is entered",
        ),
        (
            "if: {deal.source: outbound}", "if: {all: [demo_held, {not: {demo_held: any, since: deal}}]}",
            "'demo held' would have happened and not happened",
        ),
    ],
)  # fmt: skip
def test_a_mistake_about_since_is_told(old: str, new: str, mistake: str) -> None:
    found = [str(one) for one in check_bundle({"playbook.yaml": with_change(old, new), **TEMPLATES})]
    assert any(mistake in line for line in found), found


def test_ever_but_not_in_this_visit_is_no_contradiction() -> None:
    new = "if: {all: [{demo_held: any, since: deal}, {not: demo_held}]}"
    found = [
        str(one)
        for one in check_bundle({"playbook.yaml": with_change("if: {deal.source: outbound}", new), **TEMPLATES})
    ]
    assert not any("never true" in line for line in found), found
