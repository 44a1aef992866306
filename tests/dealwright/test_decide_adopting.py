"""A deal that follows a changed playbook: what goes on, where, what is stopped, and what is said of it before."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from dealwright import entries as e
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.loading import load_playbook
from tests.dealwright.story import Story, of_stage, playbook

CADENCE = """
- name: cadence
  on: entered
  until: reply_received
  steps: [{email: one}, {after: 1d, task: call, due: 5d}, {after: 1d, email: two}, {after: 1d, email: three}]
- {name: other, on: entered, do: [{after: 9d, notify: rep, text: Nine days}]}
"""


def following(new: str, *, old: str = CADENCE, at: str = "2026-03-03 11:00", whole: str = "") -> Story:
    """A deal in the middle of the old plays, that has adopted the new ones."""
    story = Story(of_stage(old)).until(at)
    adopt(story, of_stage(new, before=whole) if new else playbook(f"{whole}\nstages: [{{name: selling, owner: rep}}]"))
    return story


def adopt(story: Story, rules: Playbook) -> str:
    """Adopt a playbook, having asked before what would follow."""
    name = f"next-{len(story.offers)}"
    story.offers[name] = (f"{len(story.offers):x}".rjust(64, "f"), rules)
    story.oversleep(f"{story.now:%Y-%m-%d %H:%M}")  # what is over by now is over
    before = story.state.model_dump_json()
    preview = story.order("adopt_playbook", playbook=name, why="x", preview=True)
    assert (story.state.model_dump_json(), story.decision.entries, story.decision.effects) == (before, (), ())
    verdict = story.order("adopt_playbook", playbook=name, why="x")
    assert said(preview.text) == said(verdict.text)
    return said(verdict.text)


def said(text: str) -> str:
    return text.partition("). ")[2]


def steps_of(*steps: str) -> str:
    return f"[{{name: cadence, on: entered, until: reply_received, steps: [{', '.join(steps)}]}}]"


ONE, CALL, TWO, THREE = (
    "{email: one}",
    "{after: 1d, task: call, due: 5d}",
    "{after: 1d, email: two}",
    "{after: 1d, email: three}",
)
X = "{after: 2d, email: extra}"


@pytest.mark.parametrize(
    ("steps", "sent"),
    [
        pytest.param((ONE, CALL, TWO, THREE), ["two", "three"], id="as it was"),
        pytest.param((ONE, CALL, TWO, X, THREE), ["two", "extra", "three"], id="one more ahead"),
        pytest.param((ONE, CALL, TWO, THREE, X), ["two", "three", "extra"], id="one more at the end"),
        pytest.param((ONE, X, CALL, TWO, THREE), ["two", "three"], id="one more behind"),
        pytest.param((X, ONE, CALL, TWO, THREE), ["two", "three"], id="one more before all"),
        pytest.param((CALL, TWO, THREE), ["two", "three"], id="one less behind"),
        pytest.param((ONE, CALL, THREE), ["three"], id="one less: the next one"),
        pytest.param((ONE, CALL, X, THREE), ["extra", "three"], id="another one in place of the next"),
        pytest.param((ONE, CALL, TWO), ["two"], id="one less at the end"),
        pytest.param((ONE, CALL), [], id="nothing more"),
        pytest.param((ONE, CALL, THREE, TWO), ["two", "three"], id="what comes is moved about"),
        pytest.param((THREE, CALL, TWO, ONE), ["two", "three"], id="everything is moved about"),
        pytest.param((TWO, THREE, ONE, CALL), ["two", "three"], id="what was done comes last"),
        pytest.param((ONE, CALL, "{after: 1d, name: second, email: two}", THREE), ["two", "three"], id="a name given"),
    ],
)
def test_a_sequence_goes_on_at_the_step_of_the_same_name_and_nothing_is_sent_twice_or_lost(
    steps: tuple[str, ...], sent: list[str]
) -> None:
    story = following(steps_of(*steps)).until("2026-03-30 10:00")

    assert [line.split()[-1] for line in story.sent] == ["one", *sent]
    assert len({effect.id for effect in story.effects}) == len(story.effects)


def test_a_sequence_that_is_changed_again_and_again_sends_each_message_once() -> None:
    story = following(steps_of(ONE, X, CALL, TWO, THREE))
    adopt(story, of_stage(steps_of(CALL, TWO, X, THREE)))
    adopt(story, of_stage(steps_of(THREE, X, TWO, CALL, ONE)))

    story.until("2026-03-30 10:00")

    assert sorted(line.split()[-1] for line in story.sent) == ["one", "three", "two"]
    assert len({effect.id for effect in story.effects}) == len(story.effects)


def test_what_was_planned_keeps_its_time_and_what_follows_is_reckoned_by_the_new_rules() -> None:
    story = following(steps_of(ONE, CALL, "{after: 6d, email: two}", "{after: 6d, email: three}"))

    assert story.steps == {"e-mail two": "Wed 04 Mar 10:00"}
    assert story.until("2026-03-05 10:00").steps == {"e-mail three": "Tue 10 Mar 10:00"}


def test_a_task_of_a_step_that_is_gone_is_taken_off_the_list_and_the_story_says_so() -> None:
    story = following(steps_of(ONE, TWO, THREE))

    assert story.tasks == {}
    assert story.last(e.TaskClosed).result == "tiny has no such step"
    assert [line.split()[-1] for line in story.until("2026-03-30 10:00").sent] == ["one", "two", "three"]


def test_a_planned_step_that_is_gone_is_left_out_and_the_story_says_so() -> None:
    story = following(steps_of(ONE, CALL, THREE))

    assert [(one.label, one.why) for one in story.noted(e.StepSkipped)] == [
        ("cadence, step 3: e-mail two", "tiny has no such step")
    ]


GATED = "[{name: go, on: entered, steps: [{task: kick_off, wait: true, due: 9d}, {after: 2h, email: welcome}]}]"


@pytest.mark.parametrize(
    ("new", "waits"),
    [
        ("[{email: hi}, {task: kick_off, wait: true, due: 9d}, {after: 2h, email: welcome}]", True),
        ("[{task: kick_off, due: 9d}, {after: 2h, email: welcome}]", False),
        ("[{after: 2h, email: welcome}]", False),
    ],
)
def test_a_sequence_still_waits_for_the_task_that_it_waited_for_if_that_still_is_so(new: str, waits: bool) -> None:
    story = following(f"[{{name: go, on: entered, steps: {new}}}]", old=GATED)

    assert story.until("2026-03-03 13:00").sent == ([] if waits else ["Tue 13:00 welcome"])
    if waits:
        story.order("complete_task", by="rep", task="kick_off")
        assert story.until("2026-03-03 15:00").sent == ["Tue 15:00 welcome"]


def test_a_message_that_waits_for_another_attempt_goes_out_once_under_its_id() -> None:
    story = Story(of_stage(CADENCE))
    story.keep("one")
    story = Story(of_stage(CADENCE), at="2026-03-02 08:00")
    story.keep("one")
    story.until("2026-03-02 09:30")
    (first,) = [effect for effect in story.effects if effect.kind == "send_email"]
    adopt(story, of_stage(steps_of(X, CALL, ONE, TWO)))
    story.come_back(first, "not_done", reason="no mail server")

    story.until("2026-03-20 10:00")

    assert [line.split()[-1] for line in story.sent] == ["one", "one", "two"]
    assert story.effects.count(first) == 1
    assert [one.again for one in story.noted(e.EffectStarted) if one.effect == first.id] == [False, True]


def test_steps_side_by_side_keep_their_times_and_new_ones_come_unless_their_time_is_past() -> None:
    steps = "{after: 9d, notify: rep, text: Nine days}, {after: 3d, notify: boss}, {email: now}"

    story = following(f"[{{name: other, on: entered, do: [{steps}]}}]")

    assert story.steps == {"notify rep": "Wed 11 Mar 10:00", "notify boss": "Thu 05 Mar 10:00"}


def test_the_verdict_says_what_goes_on_and_where_and_what_is_stopped() -> None:
    story = Story(of_stage(CADENCE)).until("2026-03-03 11:00")

    text = adopt(story, of_stage(steps_of(ONE, X, CALL, TWO)))

    assert text == "cadence goes on at step 4; other is stopped: the playbook has no such play."


@pytest.mark.parametrize(
    ("new", "why"),
    [
        pytest.param("[{name: renamed, on: entered, steps: [{email: one}]}]", "has no such play", id="renamed"),
        pytest.param(
            "[{name: cadence, on: entered, do: [{email: one}]}]", "has it in another form (steps, do)", id="do"
        ),
    ],
)
def test_a_play_that_is_gone_or_of_another_form_is_stopped(new: str, why: str) -> None:
    story = following(new, old=steps_of(ONE, CALL, TWO))

    assert (story.tasks, story.steps) == ({}, {})
    assert story.last(e.PlayEnded).why == f"tiny {why}"


def test_a_play_that_belongs_to_another_stage_now_is_stopped() -> None:
    story = Story(of_stage(steps_of(ONE, TWO)))

    text = adopt(
        story,
        playbook("""
stages:
  - {name: selling, owner: rep}
  - {name: later, owner: rep, plays: [{name: cadence, on: entered, steps: [{email: one}, {after: 1d, email: two}]}]}
"""),
    )

    assert text == "cadence is stopped: the playbook has it in another stage."


def test_a_play_whose_end_has_come_by_the_new_rules_is_stopped() -> None:
    story = Story(of_stage(steps_of(ONE, TWO)))
    story.tell("demo_held")

    text = adopt(story, of_stage(steps_of(ONE, TWO).replace("until: reply_received", "until: demo_held")))

    assert text == "cadence is stopped: demo held."


WHOLE = f"plays: {steps_of(ONE, CALL, TWO, THREE)}".replace("on: entered", "on: {entered: selling}")
TWO_STAGES = """
stages:
  - {name: selling, owner: rep, leave_when: demo_held}
  - {name: later, owner: rep}
"""


def test_a_play_of_a_stage_that_becomes_one_of_the_whole_deal_outlives_the_stage() -> None:
    story = Story(of_stage(CADENCE)).until("2026-03-03 11:00")
    adopt(story, playbook(WHOLE + TWO_STAGES))

    story.tell("demo_held")

    assert [line.split()[-1] for line in story.until("2026-03-30 10:00").sent] == ["one", "two", "three"]


def test_a_play_of_the_whole_deal_that_becomes_one_of_the_stage_ends_with_the_stage() -> None:
    plays = f"    plays: {steps_of(ONE, CALL, TWO, THREE)}\n"
    story = Story(playbook(WHOLE + TWO_STAGES)).until("2026-03-03 11:00")
    adopt(
        story,
        playbook(
            "stages:\n  - name: selling\n    owner: rep\n    leave_when: demo_held\n"
            f"{plays}  - {{name: later, owner: rep}}\n"
        ),
    )

    story.tell("demo_held")

    assert [line.split()[-1] for line in story.until("2026-03-30 10:00").sent] == ["one"]


DATED = "{name: remind, on: {before: demo.starts_at, by: 2d}, do: [{email: reminder, marketing: false}]}"


def test_a_dated_play_that_has_run_does_not_run_again_because_it_moved_to_the_whole_deal() -> None:
    story = Story(of_stage(f"[{DATED}]"))
    story.tell("demo_booked", starts_at="2026-03-06T10:00:00Z")
    story.until("2026-03-05 10:00")

    adopt(story, playbook(f"plays: [{DATED}]\nstages: [{{name: selling, owner: rep}}]"))

    assert story.until("2026-03-09 10:00").sent == ["Wed 10:00 reminder"]


def test_the_verdict_says_when_the_new_rules_lead_the_deal_on_at_once() -> None:
    story = Story(of_stage(CADENCE))
    story.tell("demo_held")

    assert adopt(story, playbook(TWO_STAGES)).endswith("The deal goes on to later at once.")
    assert story.stage == "later"


def test_a_preview_of_what_cannot_be_adopted_says_why() -> None:
    story = Story(of_stage(CADENCE))

    verdict = story.order("adopt_playbook", playbook="nowhere", why="x", preview=True)

    assert (verdict.accepted, verdict.text) == (False, "There is no playbook 'nowhere' in the store: publish it first.")


SHIPPED = Path(__file__).parents[2] / "playbooks" / "b2b-saas"


@pytest.mark.parametrize("seed", range(60))
def test_whatever_changes_in_a_play_nothing_is_sent_twice_and_what_was_said_before_comes_true(seed: int) -> None:
    choose = random.Random(seed)
    names = ["one", "two", "three", "four", "five"]
    story = Story(of_stage(_sequence(names)))
    for _ in range(3):
        story.wait(hours=choose.randint(1, 40))
        running = {run.play for run in story.state.runs.values()}
        names = _changed(choose, names)
        text = adopt(story, of_stage(_sequence(names)))
        going_on = {run.play for run in story.state.runs.values()}
        assert {line.split()[0] for line in text.rstrip(".").split("; ") if "goes on" in line} == running & going_on
    story.until("2026-06-01 10:00")

    sent = [line.split()[-1] for line in story.sent]
    assert len(sent) == len(set(sent))
    assert len({effect.id for effect in story.effects}) == len(story.effects)
    assert {"one", *(set(names) & {"one", "two", "three", "four", "five"})} <= {"one", *sent, *_left_out(story)}


def _sequence(names: list[str]) -> str:
    return steps_of("{email: one}", *(f"{{after: 1d, email: {name}}}" for name in names if name != "one"))


def _changed(choose: random.Random, names: list[str]) -> list[str]:
    kept = [name for name in names if choose.random() < 0.8]
    choose.shuffle(kept)
    return [*kept, *(f"new{choose.getrandbits(40)}" for _ in range(choose.randint(0, 2)))] or ["one"]


def _left_out(story: Story) -> set[str]:
    return {one.label.split()[-1] for one in story.noted(e.StepSkipped)}


def test_the_shipped_playbook_adopted_anew_stops_nothing() -> None:
    rules = load_playbook((SHIPPED / "playbook.yaml").read_text())
    story = Story(rules, source="inbound")
    story.tell("lead_qualified", level="mql")
    running = sorted(story.state.runs)

    text = adopt(story, rules)

    assert sorted(story.state.runs) == running
    assert "is stopped" not in text
    assert "warm-lead goes on at step" in text
