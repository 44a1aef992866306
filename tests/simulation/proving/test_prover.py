"""Policies tried on lives: what holds, what is told, and that the same seed shows the same."""

from __future__ import annotations

from importlib.resources import files as files_of

import pytest

import playbooks
from dealwright.playbook.loading import load_pinned
from dealwright.yaml.document import read_yaml
from simulation.policies.reading import read_policies
from simulation.proving.prover import Prover
from simulation.timeline.rules import Rules
from tests.simulation.proving.policies import text_of

LIVES = 200
"""Of each shipped playbook: one that breaks a rule of it is found in so many (``test_planted_faults``)."""
TINY = """
playbook: tiny
roles: {rep: {reports_to: boss}, boss: {}}
plays: [{name: recap, on: demo_held, do: [{after: 2h, email: recap}]}]
stages:
  - name: selling
    owner: rep
    leave_when: demo_held
    plays:
      - {name: welcome, on: entered, do: [{email: hello}]}
      - {name: nag, on: email_opened, do: [{notify: boss, text: They read it}]}
      - {name: ask, on: discount_requested, do: [{approval: discount}]}
  - name: done
    owner: rep
approvals:
  - {name: discount, of: proposal.discount, levels: [{up_to: 10, by: [rep]}, {by: [rep, boss]}]}
"""
CIRCLE = """
playbook: circle
roles: {rep: {}}
stages:
  - {name: one, owner: rep, plays: [{name: on, on: entered, do: [{enter: two}]}]}
  - {name: two, owner: rep, plays: [{name: back, on: entered, do: [{enter: one}]}]}
"""
TEMPLATES = {f"templates/{name}.md": "Subject: Hi\n\nHello" for name in ("hello", "recap")}


def prover(policies: str, playbook: str = TINY, *, seed: int = 0, lives: int = 100) -> Prover:
    return lived({"playbook.yaml": playbook, **TEMPLATES}, policies, seed, lives)


def lived(files: dict[str, str], policies: str, seed: int, lives: int) -> Prover:
    playbook = load_pinned(files)  # without the checks: lives find for themselves what is wrong
    rules = Rules(playbook, read_yaml(files["playbook.yaml"], "playbook.yaml"))
    made = Prover(playbook, rules, read_policies(policies, playbook), seed)
    for _ in range(lives):
        made.live_one()
    made.tell_stories()
    return made


def story_of(rule: str) -> list[str]:
    """The story that breaks a policy of the tiny playbook; empty if it holds."""
    (found,) = prover(f"- name: one\n  {rule}").findings
    return [step.text for step in found.story.steps] if found.story is not None else []


@pytest.mark.parametrize("name", playbooks.shipped())
def test_a_shipped_playbook_keeps_its_policies(name: str) -> None:
    lives = lived(playbooks.shipped()[name], text_of(name), seed=8, lives=LIVES)

    assert {one.policy.policy.name: one.story for one in lives.findings if one.broken_in} == {}
    assert [one.policy.policy.name for one in lives.findings if not one.tried_in] == []


BROKEN = {
    "never: {notify: boss, play: nag}": ["A deal from", "email_opened", "notify boss to boss by nag, step 1"],
    "never: {email: any, after: opted_out}": [],
    "never: {play: nag, after: meeting_booked}": ["A deal from", "meeting_booked", "email_opened", "play nag"],
    "never: {play: nag, before: meeting_booked}": ["A deal from", "email_opened", "play nag"],
    "never: {play: nag, more_than: {times: 2, per: 1d}}": ["A deal from", *["email_opened"] * 3, "play nag"],
    "always: {approval: discount, asks: boss}": ["A deal from", "discount_requested", "approval discount"],
    "always: {email: any, marketing: true}": [],
    "always: {email: recap, after: demo_held, within: 1h}": ["A deal from", "demo_held", "No email recap within 1h"],
    "always: {task: call, after: demo_held}": ["A deal from", "demo_held", "No task call at once"],
    "never: {deal.stage: done}": ["A deal from", "demo_held", "Deal.stage done holds in done"],
    "always: {deal.stage: selling}": ["A deal from", "demo_held", "Deal.stage selling does not hold in done"],
    "always: next_step": [],
}


@pytest.mark.parametrize(("rule", "story"), BROKEN.items())
def test_a_policy_is_broken_by_the_shortest_story(rule: str, story: list[str]) -> None:
    steps = story_of(rule.replace("call", "decide_next_step"))

    assert len(steps) == len(story), steps
    for step, expected in zip(steps, story, strict=True):
        assert step.startswith(expected.replace("call", "decide_next_step"))


def test_a_policy_counts_only_where_its_condition_holds() -> None:
    rule = "always: {approval: discount, asks: boss}\n  if: {proposal.discount: {gt: 10}}"

    assert story_of(rule) == []


def test_a_message_within_a_time_is_one_that_comes_too_soon() -> None:
    told_twice = story_of("never: {email: recap, after: demo_held, within: 1h}")

    assert [step for step in told_twice if step == "demo_held"] == ["demo_held"] * 2
    assert len(story_of("never: {email: recap, after: demo_held, within: 200h}")) == 3


def test_what_comes_in_between_excuses() -> None:
    rule = "always: {email: recap, after: email_opened, within: 1h%s}\n  if: {deal.stage: selling}"

    assert len(story_of(rule % "")) == 3
    assert story_of(rule % ", unless: {play: nag}") == []


def test_what_no_life_came_to_is_not_called_tried() -> None:
    (found,) = prover("- name: one\n  never: {stage: selling, after: {stage: selling}}", lives=20).findings

    assert found.tried_in == 20
    (found,) = prover("- name: one\n  never: {email: any, after: {closed: churned}}", lives=20).findings
    assert found.tried_in == 0


def test_the_same_seed_shows_the_same() -> None:
    policies = "- name: one\n  never: {play: nag, after: meeting_booked}"
    one, again, other = prover(policies), prover(policies), prover(policies, seed=1)

    assert one.findings == again.findings
    assert one.findings != other.findings


def test_plays_that_start_each_other_without_end_are_counted() -> None:
    assert prover("- {name: one, always: next_step}", CIRCLE, lives=20).endless == 20


def test_a_playbook_with_everything_can_be_lived_by() -> None:
    text = files_of("simulation").joinpath("odd-jobs.yaml").read_text("utf-8")
    policies = "- {name: one, always: next_step}\n- {name: two, never: {closed: any}}"
    one, two = lived({"playbook.yaml": text}, policies, seed=0, lives=60).findings

    assert (one.tried_in, one.broken_in) == (60, 0)
    assert two.broken_in > 0


def test_the_rule_is_named_with_its_line() -> None:
    (found,) = prover("- name: one\n  never: {notify: boss, play: nag}").findings

    assert found.story is not None
    assert found.story.rule is not None
    assert found.story.rule.location.line == 1 + TINY[: TINY.index("{notify: boss")].count("\n")


TRIED = TINY.replace(
    "[{email: hello}]", "[{email: hello, unless: {experiment.text: warm}}, {email: recap, if: {experiment.text: warm}}]"
).replace("stages:", "experiments: {text: {arms: {plain: 3, warm: 1}}}\nstages:")


def arms_of(rule: str) -> list[str]:
    """How the stories begin that break a policy of a playbook with an experiment."""
    (found,) = prover(f"- name: one\n  {rule}", TRIED).findings
    return [found.story.steps[0].text] if found.story is not None else []


def test_lives_are_in_every_arm_and_a_story_says_in_which() -> None:
    (warm,) = arms_of("never: {email: recap, play: welcome}")
    (plain,) = arms_of("never: {email: hello}")

    assert warm.endswith(", in the arm warm of text is opened")
    assert plain.endswith(", in the arm plain of text is opened")


def test_a_policy_may_count_in_one_arm_only() -> None:
    assert arms_of("never: {email: hello}\n  if: {experiment.text: warm}") == []
    assert arms_of("never: {email: hello}\n  if: {experiment.text: plain}") != []


def test_who_granted_more_need_not_be_asked_again() -> None:
    sure = "- name: one\n  always: {approval: discount, asks: boss}\n  if: {proposal.discount: {gt: 10}}\n"
    (granted,) = prover(sure, lives=600).findings
    unasked = TINY.replace("{by: [rep, boss]}", "{up_to: 20, by: [rep]}, {by: [boss]}")
    (missed,) = prover(sure, unasked).findings

    assert (granted.tried_in > 0, granted.broken_in) == (True, 0)
    assert missed.broken_in > 0


GATED = """
playbook: gated
roles: {rep: {}, boss: {}}
committee: {champion: 1}
stages:
  - {name: first, owner: rep, leave_when: meeting_held}
  - {name: second, owner: rep, leave_when: discovery_held}
  - name: third
    owner: rep
    leave_when: demo_held
    gate: {hard: true, require: {a champion: {qualification.champion: {status: met}}, six: {qualification.meddic: 6}}}
  - {name: fourth, owner: rep, plays: [{name: ask, on: email_opened, do: [{task: price}]}]}
approvals:
  - name: desk
    rules:
      - {if: {proposal.discount: {gt: 20}}, by: [boss]}
      - {if: {deal.amount: {gt: 500000}}, currency: GBP, by: [boss]}
"""


@pytest.mark.parametrize(
    "policy",
    [
        "always: {approval: desk, asks: boss}\n  if: {proposal.discount: {gt: 20}}",
        "always: {approval: desk, asks: boss}\n  if: {deal.amount: {gt: 500000}}",
        "never: {stage: fourth, before: demo_held}",
        "never: {task: price, before: demo_held}",
    ],
)
def test_lives_come_to_what_a_policy_is_about_behind_gates_and_beyond_bounds(policy: str) -> None:
    (found,) = prover(f"- name: one\n  {policy}", GATED, lives=60).findings

    assert found.tried_in > 0


TWO_EACH = """
playbook: two-each
roles: {rep: {}}
committee: {champion: 1, sponsor: 1}
stages:
  - name: selling
    owner: rep
    plays:
      - {name: cold, on: entered, for_each: {contact: {}}, steps: [{email: hello}, {after: 2d, email: recap}]}
"""


@pytest.mark.parametrize(("times", "about", "breaks"), [(2, "", True), (2, ", about: contact", False)])
def test_how_often_is_counted_for_the_deal_or_for_each_contact(times: int, about: str, *, breaks: bool) -> None:
    rule = f"never: {{email: any, more_than: {{times: {times}, per: 7d}}{about}}}"
    (found,) = prover(f"- name: one\n  {rule}", TWO_EACH, lives=40).findings

    assert (found.broken_in > 0) == breaks


def test_who_is_written_to_too_often_is_named() -> None:
    rule = "never: {email: any, more_than: {times: 1, per: 7d}, about: contact}"
    (found,) = prover(f"- name: one\n  {rule}", TWO_EACH, lives=40).findings

    assert found.story is not None
    assert "is number 2 for c" in found.story.why
