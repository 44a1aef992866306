"""What is wrong with a test beyond its form: names that the playbook does not have, facts that no deal would take."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from dealwright.diagnostics.diagnostic import BadInput, Diagnostic
from dealwright.diagnostics.suggestions import did_you_mean
from dealwright.playbook.checks.references import names_of, unknown_name
from dealwright.playbook.language.declared_words import unknown_word
from dealwright.playbook.language.model import Playbook
from dealwright.validation.opening import admit
from simulation.playbook_tests.language import Beginning, Occasion
from simulation.playbook_tests.opening import as_opened, deal_id, opens_at
from simulation.playbook_tests.points import Clock
from simulation.playbook_tests.told import Told, wrong_content
from simulation.timeline.names import unknown_names

_NAMES = {
    "move_to_stage": "stage", "reopen": "stage", "skip_play": "play", "start_play": "play", "complete_task": "task",
    "accept_handoff": "handoff", "decline_handoff": "handoff", "decide_approval": "approval", "reassign": "role",
}  # fmt: skip
"""For each command that names something of the playbook, the field that does; it is called like what it names."""


def wrong_in(test: Occasion, playbook: Playbook) -> Iterator[Diagnostic]:
    """Everything that is wrong with a test of this playbook, at its place in the test."""
    clock = Clock(playbook.calendar)
    begins_at = opens_at(test.given, clock)
    yield from _beginning(test.given, playbook, begins_at)
    for told in test.given.facts:
        yield from _told(told, playbook, clock, begins_at)
    for what in test.when:
        for told in what.told:
            yield from _told(told, playbook, clock, begins_at)
    yield from _backwards(test, clock, begins_at)
    for expected in test.expected:
        for pattern in expected.patterns():
            for one in unknown_names(pattern, playbook):
                yield one.under("then", *expected.place)


def _beginning(given: Beginning, playbook: Playbook, begins_at: datetime) -> Iterator[Diagnostic]:
    yield from unknown_name("stage", given.stage, names_of(playbook, "stage"), ("given", "in"))
    yield from _arms(given, playbook)
    try:
        deal = admit(as_opened(given, playbook, begins_at))
    except BadInput as error:
        yield from (one.under("given") for one in error.diagnostics)
        return
    if (word := unknown_word("source", deal.source, playbook.declared("sources"))) is not None:
        yield word.under("given", "source")
    for role in deal.owners or ():
        yield from unknown_name("role", role, names_of(playbook, "role"), ("given", "owners", role))


def _arms(given: Beginning, playbook: Playbook) -> Iterator[Diagnostic]:
    wrong = False
    for name, arm in given.arms.items():
        place = ("given", "arms", name)
        if (experiment := playbook.experiments.get(name)) is None:
            wrong, remedy = True, did_you_mean(name, playbook.experiments, "declare it under experiments")
            yield Diagnostic(place, f"{name!r} is no experiment of the playbook", remedy, of_key=True)
        elif not experiment.arms.get(arm):
            wrong, given_to = True, [each for each, weight in experiment.arms.items() if weight]
            yield Diagnostic(place, f"no deal gets {arm!r} of {name!r}", did_you_mean(arm, given_to))
    if not wrong and deal_id(given.arms, playbook) is None:
        yield Diagnostic(("given", "arms"), "no deal was found that is in all of these arms", "name fewer in one test")


def _told(told: Told, playbook: Playbook, clock: Clock, now: datetime) -> Iterator[Diagnostic]:
    for one in wrong_content(told, clock, now):
        yield one.under(*told.place)
    field = _NAMES.get(told.name)
    name = told.fields.get(field) if field is not None else None
    if field is not None and isinstance(name, str) and "/" not in name:
        yield from unknown_name(field, name, names_of(playbook, field), told.place)
    if told.name == "buying_signal_seen" and isinstance(signal := told.fields.get("signal"), str):
        word = unknown_word("signal", signal, playbook.declared("signals"))
        yield from (word.under(*told.place),) if word is not None else ()


def _backwards(test: Occasion, clock: Clock, begins_at: datetime) -> Iterator[Diagnostic]:
    """What happens before what stands above it: time only goes on."""
    now = begins_at
    for what in test.when:
        at = clock.moment(what.at, now)
        if at < now:
            above = f"{clock.shown(now):%Y-%m-%d %H:%M}"
            remedy = "put it in its place, or say under given when the deal was opened, as at: 2026-01-05"
            yield Diagnostic(what.place, f"{what.at} is before {above}, when the deal is already", remedy)
        now = max(at, now)
