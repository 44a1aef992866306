"""Rules broken on purpose: the properties of random lives must notice each, or they would notice nothing."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from dealwright import decide as core
from dealwright import dedup, waits
from dealwright import entries as e
from dealwright.calendar.business_calendar import Calendar
from dealwright.calendar.working_hours import WorkingHours
from dealwright.decision import Decision, Received
from dealwright.effects import SendEmail
from dealwright.fold import commands
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.scores import PointRule, Score
from dealwright.rules import (
    deadlines,
    decision_context,
    experiments,
    handoffs,
    message_times,
    moved_dates,
    planning,
    plays,
    stages,
    steps,
)
from dealwright.rules.actions import email, enrol, message, sending_again
from dealwright.rules.approvals import answers
from dealwright.rules.approvals.asking import Said, settle
from dealwright.rules.decision_context import DecisionContext, Event
from dealwright.state import Approval, DealState
from dealwright.waits import Wait
from simulation.scenarios import Scenario
from tests.dealwright.planting import Plant, expect_notice, forget

ALWAYS_OPEN = Calendar(hours=WorkingHours.parse("Mon-Sun 00:00-24:00"), timezone="UTC")


def until_is_ignored(patch: pytest.MonkeyPatch) -> None:
    def hear_without_stopping(context: DecisionContext, event: Event) -> None:
        for play in context.playbook.listening(context.state.stage, event.key):
            plays.begin(context, play, plays.Cause.of(event, event.key, context))

    patch.setattr(plays, "hear", hear_without_stopping)


def opting_out_is_ignored(patch: pytest.MonkeyPatch) -> None:
    forget(patch, "silenced", dict)
    forget(patch, "opted_out", dict)


def absence_is_ignored(patch: pytest.MonkeyPatch) -> None:
    forget(patch, "away", dict)


def business_hours_are_ignored(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(DecisionContext, "calendar_for", lambda *_: ALWAYS_OPEN)


def a_cadence_begins_at_any_hour(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(enrol, "not_before", lambda *_: None)
    patch.setattr(enrol, "last_moment", lambda context, *_: context.now + timedelta(hours=1))


def a_pause_is_ignored(patch: pytest.MonkeyPatch) -> None:
    forget(patch, "pause", None)


def an_id_is_used_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(decision_context, "effect_id", lambda deal, run, step: f"{deal}/{run.partition('/')[0]}/1/{step}/1")


def deadlines_do_not_wake(patch: pytest.MonkeyPatch) -> None:
    moments, deadlines = waits._moments, {"task", "approval", "handoff"}
    patch.setattr(waits, "_moments", lambda *known: (one for one in moments(*known) if one[1] not in deadlines))


def nobody_minds_a_deal_that_stalls(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(stages, "stall", lambda _: False)


def an_awaited_fact_is_quiet(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(core, "quiet_facts", lambda *_: ("reply_received", "demo_held", "discovery_held"))


def moved_dates_are_not_followed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(moved_dates, "redate", lambda _: None)


def nobody_is_told_of_a_missed_deadline(patch: pytest.MonkeyPatch) -> None:
    miss = deadlines._miss

    def miss_quietly(context: DecisionContext, missed: Wait) -> None:
        with pytest.MonkeyPatch.context() as silence:
            silence.setattr(DecisionContext, "tell", lambda *_, **__: None)
            miss(context, missed)

    patch.setattr(deadlines, "_miss", miss_quietly)


def repeats_are_taken_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(dedup.SeenIds, "is_new", lambda *_: True)


def chance_decides(patch: pytest.MonkeyPatch) -> None:
    by_then = DecisionContext.by_then

    def by_about_then(self: DecisionContext, *given: object) -> datetime:
        return by_then(self, *given) + timedelta(seconds=secrets.randbelow(60))  # type: ignore[arg-type] # as they came

    patch.setattr(DecisionContext, "by_then", by_about_then)


def what_came_last_is_decided_first(patch: pytest.MonkeyPatch) -> None:
    decide = core.decide

    def decide_backwards(
        state: DealState, playbook: Playbook, inbox: Sequence[Received], now: datetime, **more: Any
    ) -> Decision:
        return decide(state, playbook, inbox[::-1], now, **more)

    patch.setattr(core, "decide", decide_backwards)


def nothing_is_called_off(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(DecisionContext, "call_off", lambda *_: False)


def what_is_late_is_caught_up(patch: pytest.MonkeyPatch) -> None:
    plan_next = planning.plan_next

    def plan_from_the_trigger(context: DecisionContext, run_key: str, index: int, since: datetime) -> None:
        run = context.state.runs.get(run_key)
        plan_next(context, run_key, index, run.trigger_at if run else since)

    patch.setattr(steps, "plan_next", plan_from_the_trigger)
    patch.setattr(DecisionContext, "sends_now", lambda *_, **__: False)
    patch.setattr(message_times, "_is_held_up", lambda *_: False)


def the_same_message_goes_out_twice(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(message, "goes_out_now", lambda *_: False)
    patch.setattr(sending_again, "goes_out_now", lambda *_: False)


def skipped_actions_are_not_counted(patch: pytest.MonkeyPatch) -> None:
    note = DecisionContext.note

    def note_without(self: DecisionContext, entry: e.Entry) -> None:
        note(self, entry.model_copy(update={"skipped_required": ()}) if isinstance(entry, e.StageLeft) else entry)

    patch.setattr(DecisionContext, "note", note_without)


def incomplete_handoffs_are_offered(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(handoffs, "_missing", lambda *_: ())


def one_yes_is_enough(patch: pytest.MonkeyPatch) -> None:
    def grant(context: DecisionContext, chain: Approval, yes: Said) -> None:
        settle(context, chain, "granted", yes)

    patch.setattr(answers, "_say_yes", grant)


def plays_go_on_after_the_end(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(stages, "stop", lambda *_, **__: None)
    patch.setattr(DecisionContext, "call_off", lambda *_: False)


def a_command_gets_no_verdict(patch: pytest.MonkeyPatch) -> None:
    turn_away = core._turn_away

    def turn_others_away(context: DecisionContext, received: Received, text: str) -> None:
        if received.kind != "command":
            turn_away(context, received, text)

    patch.setattr(core, "_turn_away", turn_others_away)


def what_came_in_a_pause_waits_too_long(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(commands, "_stood_still", lambda resumed, _: resumed.delay)


def an_awaited_touch_is_only_noted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(email, "SendEmail", lambda **parts: SendEmail(**{**parts, "needs_decision": False}))


def an_arm_is_not_written_down(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(experiments, "_expose", lambda *_: None)


def steps_of_every_arm_are_done(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(planning, "is_of_another_arm", lambda *_: False)
    patch.setattr("dealwright.rules.wanted.experiments", SimpleNamespace(holds=lambda *_, **__: True))


def the_first_times_give_points(patch: pytest.MonkeyPatch) -> None:
    times = PointRule._times
    patch.setattr(PointRule, "_times", lambda rule, state: times(rule, state)[::-1])


def points_grow_with_time(patch: pytest.MonkeyPatch) -> None:
    left = Score._left
    patch.setattr(Score, "_left", lambda score, point, now: point.give * 2 - left(score, point, now))


def levels_are_not_looked_at(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("dealwright.rules.scores._look_at", lambda *_: None)


def scores_stand_still_in_a_pause(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(waits, "_in_a_pause", lambda _, pause, *__: iter((waits._end_of(pause),)))


FAULTS: list[tuple[Plant, str, Scenario | None]] = [
    (the_first_times_give_points, "PointsAreForWhatHappened", None),
    (points_grow_with_time, "TimeRaisesNoScore", None),
    (levels_are_not_looked_at, "LevelsAreWhatIsSo", None),
    (until_is_ignored, "UntilStopsAPlay", None),
    (opting_out_is_ignored, "NoMarketingToTheSilenced", None),
    (absence_is_ignored, "NothingToWhoeverIsAway", None),
    (business_hours_are_ignored, "TouchesKeepToTheWindow", None),
    (a_cadence_begins_at_any_hour, "TouchesKeepToTheWindow", "tools"),
    (a_pause_is_ignored, "NothingWhilePaused", None),
    (an_id_is_used_again, "NoEffectTwice", None),
    (deadlines_do_not_wake, "AlwaysANextWakeTime", None),
    (nobody_minds_a_deal_that_stalls, "NothingDueIsLeft", None),
    (an_awaited_fact_is_quiet, "quiet_changes_nothing", None),
    (moved_dates_are_not_followed, "DatesAreFollowed", None),
    (nobody_is_told_of_a_missed_deadline, "MissedIsTold", None),
    (repeats_are_taken_again, "EveryFactOnce", None),
    (chance_decides, "same_input_same_decision", None),
    (scores_stand_still_in_a_pause, "looking_in_between_changes_nothing", None),
    (what_came_last_is_decided_first, "splitting_changes_nothing", None),
    (nothing_is_called_off, "StoppedMeansCalledOff", None),
    (what_is_late_is_caught_up, "NoBursts", None),
    (the_same_message_goes_out_twice, "NoBursts", "odd"),
    (skipped_actions_are_not_counted, "SkippedIsCounted", "renewed"),
    (incomplete_handoffs_are_offered, "HandoffsAreComplete", None),
    (one_yes_is_enough, "ApprovalsNeedEverybody", None),
    (plays_go_on_after_the_end, "NothingAfterTheEnd", None),
    (a_command_gets_no_verdict, "EveryFactOnce", "completed"),
    (what_came_in_a_pause_waits_too_long, "PausesKeepWhatIsLeft", None),
    (an_awaited_touch_is_only_noted, "TouchesAreHeard", None),
    (an_arm_is_not_written_down, "OneArmForEver", None),
    (steps_of_every_arm_are_done, "OneArmForEver", None),
]


@pytest.mark.parametrize(("plant", "check", "scenario"), FAULTS, ids=[plant.__name__ for plant, *_ in FAULTS])
def test_a_planted_fault_is_noticed(
    plant: Plant, check: str, scenario: Scenario | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)

    expect_notice(plant, check, among=(scenario,) if scenario else ())
