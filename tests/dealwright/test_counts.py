"""Facts that are counted: so often, within so long, by when they happened."""

from __future__ import annotations

from itertools import permutations

import pytest

from dealwright.diagnostics.diagnostic import BadInput
from dealwright.fold.counting import MOST_COUNTED
from dealwright.playbook.language.condition_syntax import read_condition
from tests.dealwright.story import Story, of_stage, playbook

HOT = of_stage(
    "- {name: hot, on: {buying_signal_seen: invite, times: 3, within: 7d}, do: [{notify: rep, text: Hot}]}",
)


def signal(story: Story, day: int, hour: int = 9, kind: str = "invite") -> None:
    story.tell("buying_signal_seen", signal=kind, at=f"2026-03-{day:02}T{hour:02}:00:00Z")


def runs(story: Story) -> int:
    return sum(entry.kind == "play_started" for entry in story.entries)


def told_on(*days: int, rules: str = "") -> Story:
    story = Story(playbook(rules) if rules else HOT, at="2026-03-01 09:00").until("2026-03-30 09:00")
    for day in days:
        signal(story, day)
    return story


@pytest.mark.parametrize(("days", "started"), [((2, 4), 0), ((2, 4, 9), 1), ((2, 4, 10), 0), ((2, 4, 10, 11), 1)])
def test_a_play_starts_once_a_fact_happened_so_often_within_so_long(days: tuple[int, ...], started: int) -> None:
    assert runs(told_on(*days)) == started


def test_what_comes_on_top_of_the_count_starts_nothing_anew() -> None:
    assert runs(told_on(2, 3, 4, 5, 6)) == 1


def test_another_count_starts_it_again() -> None:
    assert runs(told_on(2, 3, 4, 20, 21, 22)) == 2


@pytest.mark.parametrize("days", sorted(permutations((2, 3, 4, 5))))
def test_the_order_in_which_facts_arrive_changes_nothing(days: tuple[int, ...]) -> None:
    assert runs(told_on(*days)) == 1


def test_other_variants_do_not_count() -> None:
    story = told_on(2, 3)
    signal(story, 4, kind="job_post")

    assert runs(story) == 0


def test_what_two_systems_tell_of_one_moment_is_one_time() -> None:
    story = told_on(2, 3)
    story.tell("buying_signal_seen", id="another", signal="invite", at="2026-03-03T09:00:00Z")

    assert runs(story) == 0


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        (("ana", "ben"), [("ana",), ("ben",)]),
        (("ana", "ana"), [("ana",)]),
        (("ana", "stranger"), [("ana",)]),
        (("ana", "ben", "stranger"), [("ana",), ("ben",)]),
        (("stranger", "another"), [()]),
        (("ana", "ben", "team@buyer.example"), [("ana", "ben")]),
    ],
)
def test_of_one_moment_each_contact_counts_once_and_a_stranger_beside_nobody_only(
    told: tuple[str, ...], kept: list[tuple[str, ...]]
) -> None:
    team = [{"id": who, "name": who, "email": f"{who}@buyer.example"} for who in ("ana", "ben")]
    shared = [{**one, "email": "team@buyer.example"} for one in team]
    for order in permutations(told):
        story = Story(HOT, contacts=shared if "@" in "".join(told) else team)
        for who in order:
            story.tell("reply_received", sentiment="interested", contact=who, at="2026-03-02T09:00:00Z")

        assert [one.concerns for one in story.state.counted["reply_received:interested"]] == kept, order


def test_what_was_taken_back_does_not_count() -> None:
    story = told_on(2, 3)
    story.tell("fact_retracted", retracts="buying_signal_seen", at="2026-03-03T10:00:00Z")
    signal(story, 4)

    assert runs(story) == 0


@pytest.mark.parametrize("late", [True, False])
def test_what_happened_before_the_retraction_does_not_count_though_the_fact_was_told_again(late: bool) -> None:
    story = told_on(4, 5) if late else told_on(2, 4, 5)
    story.tell("fact_retracted", retracts="buying_signal_seen", at="2026-03-03T10:00:00Z")
    if late:
        signal(story, 2)
    assert [one.at.day for one in story.state.counted["buying_signal_seen:invite"]] == [4, 5]


def test_a_condition_counts_what_happened_in_the_visit() -> None:
    rules = """
stages:
  - name: quiet
    owner: rep
    leave_when: {call_logged: [no_answer, voicemail], times: 3}
    to: done
  - {name: done, owner: rep, leave_when: {call_logged: any, times: 2}, to: quiet}
"""
    story = Story(playbook(rules)).until("2026-03-02 12:30")
    for hour in (11, 12):
        story.tell("call_logged", result="no_answer", at=f"2026-03-02T{hour}:00:00Z")
    story.until("2026-03-02 14:00").tell("call_logged", result="connected", at="2026-03-02T13:00:00Z")
    assert story.state.stage == "quiet"

    story.until("2026-03-02 15:00").tell("call_logged", result="voicemail", at="2026-03-02T14:30:00Z")
    assert story.state.stage == "done"
    story.until("2026-03-02 17:00").tell("call_logged", result="connected", at="2026-03-02T16:00:00Z")
    assert story.state.stage == "quiet"


def test_no_more_times_of_a_fact_are_kept_than_can_be_counted() -> None:
    story = Story(HOT)
    for minute in range(MOST_COUNTED + 5):
        story.tell("buying_signal_seen", signal="invite", at=f"2026-03-02T09:{minute:02}:00Z")

    kept = story.state.counted["buying_signal_seen:invite"]
    assert [one.at.minute for one in kept] == list(range(5, MOST_COUNTED + 5))


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ({"entered": "any", "times": 2}, "'entered' is no fact, and only facts are counted"),
        ({"demo_helt": "any", "times": 2}, "Did you mean 'demo_held'?"),
        ({"demo_held": "any", "times": 1}, "1 is no count. Write a whole number from 2 to 20."),
        ({"demo_held": "any", "times": 21}, "21 is no count"),
        ({"demo_held": "any", "times": True}, "True is no count"),
        ({"demo_held": "any", "within": "7d"}, "this does not count one fact"),
        ({"demo_held": "any", "demo_missed": "any", "times": 2}, "this does not count one fact"),
        ({"demo_held": "any", "times": 2, "within": "2bd"}, "Write minutes, hours or days"),
        ({"demo_held": "any", "times": 2, "within": "1w"}, "write 7d"),
        ({"call_logged": "conected", "times": 2}, "'call_logged' is never 'conected'"),
    ],
)
def test_a_count_that_cannot_be_is_refused(written: object, why: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_condition(written)
    assert why.lower() in str(refused.value).lower()
