"""What a deal waits for: the timer, the agenda and the page say the same of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dealwright import entries as e
from dealwright.deal import Deal
from dealwright.fold import fold
from dealwright.state import DealState
from dealwright.views.details_markdown import page_of
from dealwright.views.snapshot import agenda_of, snapshot_of
from dealwright.waits import deadlines_of, next_wait, waits_of

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
TASK = e.TaskOpened(at=NOW, task="t1", title="Call Ana", name="call", role="sdr", due_at=NOW + 5 * HOUR)
PAUSED = e.Paused(at=NOW, by="Ana", review_at=NOW + 9 * HOUR)


def told(*entries: e.Entry) -> DealState:
    state = DealState()
    fold(state, e.DealOpened(at=NOW, deal=Deal(id="acme"), playbook="b2b-saas", bundle="abc"))
    for entry in entries:
        fold(state, entry)
    return state


@pytest.mark.parametrize(
    "entries",
    [
        (TASK,),
        (TASK.model_copy(update={"on_list_at": NOW + HOUR}),),
        (TASK.model_copy(update={"gates_until": NOW + 2 * HOUR}),),
        (TASK, PAUSED),
    ],
    ids=["a task", "a task that is put on a list", "a task that is waited for", "a pause"],
)
def test_timer_snapshot_and_page_tell_of_the_same(entries: tuple[e.Entry, ...]) -> None:
    state = told(*entries)
    wait = next_wait(state)
    assert wait is not None
    assert (snapshot_of(state).next_at, snapshot_of(state).next_action) == (wait.at, wait.what)
    assert (wait.at, wait.what, wait.why) in [(item.at, item.what, item.why) for item in agenda_of(state)]
    assert wait.what in page_of(state)


def test_nothing_comes_before_the_end_of_a_pause() -> None:
    wait = next_wait(told(TASK, PAUSED))
    assert wait is not None
    assert (wait.at, wait.kind) == (NOW + 9 * HOUR, "pause")


def test_scores_and_dates_do_not_stand_still_in_a_pause() -> None:
    faded = e.ScoreWorkedOut(at=NOW, score="intent", value=40, was=0, points=(), falls_at=NOW + 3 * HOUR)

    at_the_line = next_wait(told(TASK, PAUSED, faded), now=NOW)
    assert at_the_line is not None
    assert (at_the_line.at, at_the_line.kind) == (NOW + 3 * HOUR, "score")
    on_the_day = next_wait(told(TASK, PAUSED), now=NOW, turns_at=NOW + 2 * HOUR)
    assert on_the_day is not None
    assert on_the_day.at == NOW + 2 * HOUR


def test_a_finished_deal_waits_for_nothing() -> None:
    state = told(TASK, PAUSED, e.DealClosed(at=NOW, outcome="lost", reason="price"))
    assert list(waits_of(state)) == []
    assert next_wait(state) is None


def test_only_what_people_are_asked_for_has_a_deadline() -> None:
    state = told(TASK.model_copy(update={"gates_until": NOW + 2 * HOUR}), PAUSED)
    assert [(wait.kind, wait.id, wait.who) for wait in deadlines_of(state)] == [("task", "t1", "sdr")]
    assert list(deadlines_of(state, by=NOW)) == []


def test_the_day_of_the_agreed_next_step_is_waited_for() -> None:
    wait = next_wait(told(TASK), next_step_until=NOW + HOUR)
    assert wait is not None
    assert (wait.at, wait.kind) == (NOW + HOUR, "next_step")
