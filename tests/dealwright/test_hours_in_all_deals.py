"""Whatever reckons with somebody's hours reckons with those of whoever it is: in random lives, and by the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import playbooks
from dealwright import entries as e
from dealwright.calendar.business_calendar import Calendar
from dealwright.playbook.loading import load_playbook
from dealwright.playbook.source.bundle import bundle_hash
from dealwright.rules import suggestions
from dealwright.rules.decision_context import DecisionContext
from simulation.life import live
from simulation.playbook_library import PlaybookLibrary
from simulation.replay import Check, Replay

ROOT = Path(__file__).parents[2]
LIVES = range(120)
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def in_business_time(text: str) -> str:
    """A playbook in which each role works on days of its own, and whatever is waited for is business time."""
    roles = re.search(r"^roles:.*?(?=^\S)", text, re.MULTILINE | re.DOTALL)
    assert roles is not None
    names = re.findall(r"^  (\w+): \{", roles[0], re.MULTILINE)
    shown = roles[0]
    for number, name in enumerate(names):
        share = [day for place, day in enumerate(DAYS) if place % len(names) == number]
        hours = ", ".join(f"{day} 00:00-24:00" for day in share)
        shown = shown.replace(f"  {name}: {{", f'  {name}: {{hours: "{hours}", ', 1)
    text = text.replace(roles[0], shown)
    text = re.sub(r"\b(within: \d{1,2})([mh])\b", r"\1b\2", text)
    keys = "after|due|accept_within|ask_within|answer_within|stalls_after|wait|ask_first"
    return re.sub(rf"\b((?:{keys}): \d{{1,2}})([mhd])\b", r"\1b\2", text)


@cache
def where_nobody_works_with_another() -> PlaybookLibrary:
    shipped = playbooks.shipped()
    texts = [shipped[name]["playbook.yaml"] for name in ("b2b-saas", "five-steps")]
    texts += [files("simulation").joinpath(f"{name}.yaml").read_text("utf-8") for name in ("odd-jobs", "other-tools")]
    offers = {}
    for text in map(in_business_time, texts):
        rules = load_playbook(text)
        offers[rules.playbook] = (bundle_hash({"playbook.yaml": text}), rules)
    return PlaybookLibrary(offers)


class DeadlinesAreInTheHoursOfWhoeverHasThem(Check):
    """Worked out from the wall clock, without the calendar that the rules use."""

    listens_to = (
        "task_opened", "deadline_missed", "approval_requested", "approval_answered", "handoff_offered", "work_given",
        "suggestion_made", "stage_entered", "stalled", "paused", "pause_reviewed", "play_expected", "step_planned",
    )  # fmt: skip

    def __init__(self) -> None:
        self.seen: set[str] = set()

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        for what, role, at in _deadlines(replay, entry):
            self.seen.add(what)
            if not self._works(replay, role, at):
                yield f"{what} of {role}: {at:%a %d %b %H:%M} UTC"

    @staticmethod
    def _works(replay: Replay, role: str, at: datetime) -> bool:
        rule, person = replay.playbook.roles[role], (replay.memory.deal.owners or {}).get(role)
        zone = (person.timezone if person else None) or rule.timezone or replay.playbook.calendar.timezone
        assert rule.hours is not None
        local = at.astimezone(ZoneInfo(zone))
        days = {local.weekday(), (local - timedelta(minutes=1)).weekday()}  # what ends with the day has ended
        return any(rule.hours.week[day] for day in days)


def _deadlines(replay: Replay, entry: e.Entry) -> Iterator[tuple[str, str, datetime]]:
    yield from _of_tasks(entry)
    yield from _of_what_is_asked(replay, entry)
    yield from _of_stages(replay, entry)
    yield from _of_plays(replay, entry)


def _of_tasks(entry: e.Entry) -> Iterator[tuple[str, str, datetime]]:
    match entry:
        case e.TaskOpened():
            if not entry.dated and not entry.given and entry.name != suggestions.TASK:
                yield "a task", entry.role, entry.due_at
            if entry.gates_until is not None:
                yield "a wait for a task", entry.role, entry.gates_until
        case e.DeadlineMissed():
            yield f"the next deadline of a {entry.what}", entry.role, entry.next_deadline


def _of_what_is_asked(replay: Replay, entry: e.Entry) -> Iterator[tuple[str, str, datetime]]:
    match entry:
        case e.ApprovalRequested() if entry.chain:
            yield "an approval", entry.chain[0], entry.answer_by
        case e.ApprovalAnswered() if entry.answer_by is not None:
            chain = replay.state.approvals[entry.approval]
            yield "the next of an approval", chain.chain[chain.answered + 1], entry.answer_by
        case e.HandoffOffered():
            yield "a handoff", entry.to_role, entry.accept_by
        case e.SuggestionMade():
            yield "a suggestion", entry.role, entry.answer_by
        case e.WorkGiven() if entry.answer_by is not None:
            yield f"a {entry.what} that is given on", entry.role, entry.answer_by


def _of_stages(replay: Replay, entry: e.Entry) -> Iterator[tuple[str, str, datetime]]:
    name = entry.stage if isinstance(entry, e.StageEntered) else replay.state.stage
    stage = replay.playbook.stage(name or "")
    if stage is None or stage.stalls_after.unit != "bd":
        return
    match entry:
        case e.StageEntered():
            yield "a stall", stage.owner, entry.stalls_at
        case e.Stalled():
            yield "another stall", stage.owner, entry.next_at


def _of_plays(replay: Replay, entry: e.Entry) -> Iterator[tuple[str, str, datetime]]:
    owner = replay.state.owner_role or replay.playbook.stages[0].owner
    match entry:
        case e.Paused():
            yield "a pause", owner, entry.review_at
        case e.PauseReviewed():
            yield "another look at a pause", entry.role, entry.review_at
        case e.PlayExpected() if entry.begins_at is not None:
            yield "a play that a date begins", owner, entry.begins_at
        case e.StepPlanned() if entry.why is None:  # with a reason, it is put off for as long as that takes
            yield from _of_steps(replay, entry, owner)


def _of_steps(replay: Replay, entry: e.StepPlanned, owner: str) -> Iterator[tuple[str, str, datetime]]:
    step = replay.playbook.step_of(replay.state.runs[entry.run], entry.planned.index)
    if step is None or step.is_touch or step.after is None or step.after.unit not in {"bd", "bh", "bm"}:
        return
    stage = replay.playbook.stage(replay.state.stage or "")
    yield f"a step {step.action}", step.role or (stage.owner if stage else owner), entry.planned.due_at


def what_is_wrong(seeds: range) -> tuple[list[str], set[str]]:
    """What is out of somebody's hours in these lives, and which kinds of deadlines there were."""
    found: list[str] = []
    seen: set[str] = set()
    for seed in seeds:
        check = DeadlinesAreInTheHoursOfWhoeverHasThem()
        life = live(seed, of=where_nobody_works_with_another())
        found += [f"{seed}: {one.text} (entry {one.number})" for one in Replay(life.simulation, [check]).run()]
        seen |= check.seen
    return found, seen


def test_in_every_life_each_deadline_is_in_the_hours_of_whoever_has_it() -> None:
    found, seen = what_is_wrong(LIVES)

    assert found == []
    assert seen >= {
        "a task", "a wait for a task", "the next deadline of a task", "the next deadline of a handoff",
        "the next deadline of a approval", "an approval", "the next of an approval", "a handoff", "a suggestion",
        "a stall", "another stall", "a pause", "another look at a pause", "a play that a date begins",
        "a approval that is given on", "a step task", "a step notify", "a step enter", "a step close", "a step sms",
    }  # fmt: skip


@pytest.mark.parametrize("whose", ["the owner's", "the team's"])
def test_it_would_be_noticed_if_deadlines_went_by_the_hours_of_somebody_else(
    monkeypatch: pytest.MonkeyPatch, whose: str
) -> None:
    real = DecisionContext.calendar_of

    def of_somebody_else(context: DecisionContext, role: str) -> Calendar:
        owner = context.state.owner_role or context.playbook.stages[0].owner
        return real(context, owner) if whose == "the owner's" else context.playbook.calendars.team

    monkeypatch.setattr(DecisionContext, "calendar_of", of_somebody_else)

    assert what_is_wrong(range(6))[0]


MADE_BY = {"dealwright/playbook/language/team.py", "dealwright/preferences.py"}
"""Who makes a calendar: the playbook's rule, which only ``calendars`` asks, and what people wish to be told when."""
ASKED_BY = {
    "of": {"dealwright/rules/clocks.py", "dealwright/rules/routing.py"},  # a role's in a deal; one of a pool's
    "of_contact": {"dealwright/rules/decision_context.py"},
    "team": {
        "dealwright/rules/decision_context.py",  # how long things are that nobody has to do
        "dealwright/playbook/checks/limits.py",
        "simulation/policies/spans.py",
    },
    "calendar_in": {"dealwright/playbook/language/calendars.py", "simulation/playbook_tests/points.py"},
}
"""Who may ask for which calendar. Any other place asks the decision's context, by the role whose hours they are."""
ROOMS = ("dealwright", "simulation/policies", "simulation/playbook_tests", "simulation/proving", "activities", "store")


def test_no_other_place_knows_hours_so_none_can_forget_whose_they_are() -> None:
    made: set[str] = set()
    asked: dict[str, set[str]] = {name: set() for name in ASKED_BY}
    for path in (path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        name = str(path.relative_to(ROOT))
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Name("Calendar")):
                    made.add(name)
                case ast.Attribute(value=ast.Attribute(attr="calendars"), attr=attr) if attr in asked:
                    asked[attr].add(name)
                case ast.Attribute(attr="calendar_in"):
                    asked["calendar_in"].add(name)

    assert (made, asked) == (MADE_BY, ASKED_BY)
