"""Law 3, of cadences of other tools: nobody is in one who must not be written to, or whom nobody wants there."""

from __future__ import annotations

from collections.abc import Iterator

from dealwright import entries as e
from dealwright.effects import StopEnrolment
from dealwright.values.addresses import normal
from simulation.laws.silenced import Bounces, OptOuts
from simulation.replay import Check, Replay
from simulation.simulated_deal import DecisionMade

_IN_IT = {"done", "uncertain"}
"""The outcomes after which a contact is in a cadence, or may be."""


class NobodyStaysEnrolledUnwanted(Check):
    """Who must not be written to, or not now, is taken out; so is whoever was enrolled for a run that is over.

    Of whom the tool did not surely take out a person is asked.
    """

    listens_to = ("fact_taken", "effect_started", "effect_settled", "play_ended", "enrolment_kept")

    def __init__(self) -> None:
        self._opted_out, self._bounces = OptOuts(), Bounces()
        self._there: dict[str, e.EffectStarted] = {}
        """Who is in a cadence, may be, or will be, by the effect that enrols them."""
        self._unsure: set[str] = set()
        self._started: dict[str, e.EffectStarted] = {}
        self._over: set[str] = set()
        """The runs that are over."""
        self._asked: set[str] = set()
        """The enrolments of which a person is asked."""

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        self._opted_out.hear(replay, entry)
        self._bounces.hear(replay, entry)
        match entry:
            case e.FactTaken(fact="enrolment_ended") if replay.payload.get("how") != "failed":
                self._there.pop(str(replay.payload["enrolment"]), None)
            case e.EffectStarted(does="enrol_contact"):
                self._started[entry.effect] = self._there[entry.effect] = entry
            case e.EffectSettled(does="enrol_contact"):
                self._settle(entry)
            case e.PlayEnded():
                self._over.add(entry.run)
            case e.EnrolmentKept():
                self._asked.add(entry.enrolment)
        yield from ()

    def _settle(self, entry: e.EffectSettled) -> None:
        was_unsure = entry.effect in self._unsure
        self._unsure.discard(entry.effect)
        if entry.status not in _IN_IT:
            self._there.pop(entry.effect, None)
        elif not was_unsure:  # else it is asked for what was done long ago, and taken back since
            self._there[entry.effect] = self._started[entry.effect]
        if entry.status == "uncertain":
            self._unsure.add(entry.effect)

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        for effect in replay.effects.values():
            if isinstance(effect, StopEnrolment):
                self._there.pop(effect.enrolment, None)
        for id_, enrolled in self._there.items():
            if (
                id_ not in self._asked
                and id_ not in made.decision.withdraw
                and (why := self._reason_against(replay, enrolled)) is not None
            ):
                yield f"{enrolled.label!r} leaves {enrolled.contact} in it, although {why}"

    def _reason_against(self, replay: Replay, enrolled: e.EffectStarted) -> str | None:
        memory, contact = replay.memory, enrolled.contact or ""
        if memory.over or memory.paused:
            return "the deal is over" if memory.over else "the deal is paused"
        if memory.contact(contact) is None:
            return "they are no contact any more"
        if self._opted_out.count(contact, enrolled.address):
            return "they opted out"
        if self._bounces.count(enrolled.address):
            return "their address bounced"
        return f"{enrolled.run} is over" if enrolled.run in self._over else None


class OurMarketingWaitsForCadences(Check):
    """While a cadence of another tool writes to a contact, no marketing of ours does, unless it may go beside it.

    A cadence that the tool was asked to stop and has not stopped writes on, until it is told that it does no more.
    """

    listens_to = ("contact_enrolled", "enrolment_over", "effect_started", "effect_settled")

    def __init__(self) -> None:
        self._ever: dict[str, e.ContactEnrolled] = {}
        self._open: dict[str, e.ContactEnrolled] = {}
        self._stops: dict[str, str] = {}
        """By the effect that takes somebody out of a cadence, the enrolment."""

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        match entry:
            case e.ContactEnrolled():
                self._ever[entry.enrolment] = self._open[entry.enrolment] = entry
            case e.EnrolmentOver():
                self._open.pop(entry.enrolment, None)
            case e.EffectStarted(marketing=True) if entry.effect in replay.effects:
                yield from self._judge(entry)
            case e.EffectStarted() if isinstance(stop := replay.effects.get(entry.effect), StopEnrolment):
                self._stops[entry.effect] = stop.enrolment
            case e.EffectSettled(does="stop_enrolment", status="failed") if entry.effect in self._stops:
                enrolment = self._stops[entry.effect]
                self._open[enrolment] = self._ever[enrolment]
            case _:
                pass

    def _judge(self, entry: e.EffectStarted) -> Iterator[str]:
        for one in self._open.values():
            theirs = one.contact == entry.contact or one.address == entry.address
            if theirs and not one.beside and one.enrolment != entry.effect:
                yield f"{entry.label!r} to {entry.contact}, who is in {one.tool}/{one.sequence}"


class NobodyElseWaitsForACadence(Check):
    """A message waits for the end of no cadence but one that its reader is in, and no longer than that lasts."""

    listens_to = (
        "contact_enrolled", "enrolment_over", "enrolment_kept", "step_planned", "step_done", "step_skipped",
        "effect_started",
    )  # fmt: skip

    def __init__(self) -> None:
        self._over: set[str] = set()
        self._whose: dict[str, e.ContactEnrolled] = {}
        self._held: dict[tuple[str, int], str] = {}
        """By run and step, the enrolment whose end it waits for."""

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        match entry:
            case e.ContactEnrolled():
                self._whose[entry.enrolment] = entry
            case e.EnrolmentOver():
                self._over.add(entry.enrolment)
            case e.EnrolmentKept():
                self._over.discard(entry.enrolment)
            case e.StepDone() | e.StepSkipped():
                self._held.pop((entry.run, entry.index), None)
            case e.EffectStarted() if entry.run is not None and entry.step is not None:
                self._held.pop((entry.run, entry.step), None)
            case e.StepPlanned():
                yield from self._plan(replay, entry)
            case _:
                pass

    def _plan(self, replay: Replay, entry: e.StepPlanned) -> Iterator[str]:
        key, held = (entry.run, entry.planned.index), entry.planned.held_while
        self._held.pop(key, None)
        if held is None:
            return
        self._held[key] = held
        started, enrolled = replay.memory.started[entry.run], self._whose[held]
        whose = replay.memory.contact(started.contact)
        address = normal(whose.email) if whose is not None and whose.email else None
        if held in self._over:
            yield f"{entry.sentence()!r} waits for {held}, which is over"
        elif whose is not None and whose.id != enrolled.contact and address != enrolled.address:
            yield f"{entry.sentence()!r} for {whose.id} waits for {enrolled.contact}, who is in a cadence"

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        if replay.memory.paused or replay.memory.over:
            return
        for (run, index), held in self._held.items():
            if held in self._over and run in replay.state.runs:
                yield f"step {index + 1} of {run} waits still for {held}, which is over"


class ACadenceEndsOnce(Check):
    """What is told of a cadence counts once, and while it lasts; then its play goes on with what comes next."""

    listens_to = (
        "contact_enrolled", "enrolment_over", "enrolment_kept", "enrolment_wait_ended", "fact_taken", "step_planned",
        "play_ended",
    )  # fmt: skip

    def __init__(self) -> None:
        self._open: dict[str, e.ContactEnrolled | e.EnrolmentKept] = {}
        self._to_go_on: set[str] = set()
        """The runs that waited for a cadence which is over by this decision."""

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        match entry:
            case e.ContactEnrolled():
                self._open[entry.enrolment] = entry
            case e.FactTaken(fact="enrolment_ended" | "enrolment_advanced", no_news=None):
                if replay.payload["enrolment"] not in self._open:
                    yield f"{entry.sentence()!r} is news of {replay.payload['enrolment']}, which is over"
            case e.EnrolmentKept():
                self._open[entry.enrolment] = entry
            case e.EnrolmentWaitEnded():
                self._let_go_on(replay, self._open[entry.enrolment])
                self._open[entry.enrolment] = self._open[entry.enrolment].model_copy(update={"gates_next": False})
            case e.EnrolmentOver():
                if (one := self._open.pop(entry.enrolment, None)) is None:
                    yield f"{entry.sentence()!r}, which was over before"
                else:
                    self._let_go_on(replay, one)
            case e.StepPlanned() | e.PlayEnded():
                self._to_go_on.discard(entry.run)
            case _:
                pass

    def _let_go_on(self, replay: Replay, one: e.ContactEnrolled | e.EnrolmentKept) -> None:
        if isinstance(one, e.EnrolmentKept):
            return  # no play waits for it
        run = replay.state.runs.get(one.run)
        play = replay.playbook.play(run.play) if run is not None else None
        if one.gates_next and play is not None and play.steps and one.step + 1 < len(play.actions):
            self._to_go_on.add(one.run)

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        for run in self._to_go_on:
            if run in replay.state.runs:
                yield f"the cadence that {run} waited for is over, and it does not go on"
        self._to_go_on.clear()
