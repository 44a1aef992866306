"""Questions asked while a deal lives: what would be decided if the same had come otherwise?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from random import Random
from typing import TypeAlias

from pydantic import TypeAdapter

from dealwright import entries as e
from dealwright.decision import Decision, Received
from dealwright.effects import (
    ChangeSubscription,
    CloseTask,
    EnrolContact,
    Message,
    SendDocument,
    StartSubscription,
    StopEnrolment,
)
from dealwright.fold import fold
from dealwright.playbook.language.model import Playbook
from dealwright.state import DealState
from simulation.numbered_ids import named_by_order
from simulation.replay import Violation
from simulation.simulated_deal import DecisionMade, SimulatedDeal

Relation: TypeAlias = Callable[[SimulatedDeal, DecisionMade, e.DealOpened | None], Iterator[str]]

_INBOX = TypeAdapter(tuple[Received, ...])
_ENTRY: TypeAdapter[e.Entry] = TypeAdapter(e.Entry)
SHARE_CHECKED = 0.1
"""The share of decisions that are made once more in other ways."""
_A_MOMENT = timedelta(microseconds=1)


class MetamorphicChecks:
    """An observer that decides again in other ways, of some decisions in all of them."""

    def __init__(self, seed: int, share: float = SHARE_CHECKED) -> None:
        self.found: list[Violation] = []
        self._random = Random(f"probes {seed}")
        self._share = share

    def decided(self, simulation: SimulatedDeal, made: DecisionMade, opened: e.DealOpened | None) -> None:
        """A decision was made."""
        if len(made.batch) > 1:
            self._note(simulation, splitting_changes_nothing, splitting_changes_nothing(simulation, made, opened))
        if self._random.random() < self._share:
            for relation in (
                same_input_same_decision,
                json_changes_nothing,
                deciding_again_changes_nothing,
                looking_in_between_changes_nothing,
                fold_is_total,
            ):
                self._note(simulation, relation, relation(simulation, made, opened))

    def waits(self, simulation: SimulatedDeal, received: Received) -> None:
        """A quiet fact waits in the inbox."""
        self._note(simulation, quiet_changes_nothing, quiet_changes_nothing(simulation, received))

    def _note(self, simulation: SimulatedDeal, relation: Callable[..., Iterator[str]], problems: Iterator[str]) -> None:
        number = len(simulation.entries)
        self.found += [Violation(relation.__name__, simulation.now, text, number) for text in problems]


def same_input_same_decision(
    simulation: SimulatedDeal, made: DecisionMade, opened: e.DealOpened | None
) -> Iterator[str]:
    """The same input leads to the same decision."""
    again = simulation.decided(made.batch, opened)
    if again != made.decision:
        yield f"decided {_difference(made.decision, again)}"


def json_changes_nothing(simulation: SimulatedDeal, made: DecisionMade, opened: e.DealOpened | None) -> Iterator[str]:
    """State, inbox and decision may be written down and read back between any two decisions."""
    state = DealState.model_validate_json(simulation.state.model_dump_json(exclude_none=True))
    if state != simulation.state:
        yield f"the state reads back as {state}"
    batch = _INBOX.validate_json(_INBOX.dump_json(made.batch, exclude_none=True))
    again = simulation.decided_in(state, simulation.playbook, batch, opened)
    if again != made.decision:
        yield f"decided from JSON {_difference(made.decision, again)}"
    read = Decision.model_validate_json(made.decision.model_dump_json(exclude_none=True))
    if read != made.decision:
        yield f"the decision reads back with {_difference(made.decision, read)}"


def deciding_again_changes_nothing(
    simulation: SimulatedDeal, made: DecisionMade, _: e.DealOpened | None
) -> Iterator[str]:
    """Looking once more at the same moment, without news, changes nothing."""
    state, playbook = _after(simulation, simulation.state, [made.decision])
    if state.finished:
        return
    again = simulation.decided_in(state, playbook, ())
    if again.entries or again.effects or again.withdraw:
        yield f"deciding again leads to {[entry.sentence() for entry in again.entries]}"
    if again.wake_at != made.decision.wake_at:
        yield f"deciding again moves the wake time from {made.decision.wake_at} to {again.wake_at}"


def looking_in_between_changes_nothing(
    simulation: SimulatedDeal, made: DecisionMade, _: e.DealOpened | None
) -> Iterator[str]:
    """Time may pass in one step or in several: nothing follows before a deal asked to be looked at, whoever looks."""
    state, playbook = _after(simulation, simulation.state, [made.decision])
    wake_at = made.decision.wake_at
    if state.finished or wake_at is None:
        return
    for at in (made.now + (wake_at - made.now) / 2, wake_at - _A_MOMENT):
        if at <= made.now:
            continue
        looked = simulation.decided_in(state, playbook, (), now=at)
        if looked.entries or looked.effects or looked.withdraw:
            yield f"looking at {at}, before {wake_at}, leads to {[entry.sentence() for entry in looked.entries]}"
        elif looked.wake_at != wake_at:
            yield f"looking at {at} moves the wake time from {wake_at} to {looked.wake_at}"


def fold_is_total(simulation: SimulatedDeal, made: DecisionMade, _: e.DealOpened | None) -> Iterator[str]:
    """An entry of a later release changes nothing, and is kept as it is."""
    later = {"kind": "rocket_started", "at": made.now.isoformat(), "to": "the moon"}
    entry = _ENTRY.validate_python(later)
    state = simulation.state.copy_to_work_on()
    fold(state, entry)
    if state.model_copy(update={"entries": state.entries - 1}) != simulation.state:
        yield "an unknown entry changed the state"
    if _ENTRY.dump_python(entry, mode="json").get("to") != "the moon":
        yield "an unknown entry lost a field"


def splitting_changes_nothing(
    simulation: SimulatedDeal, made: DecisionMade, opened: e.DealOpened | None
) -> Iterator[str]:
    """What arrives at one moment may be decided together or one by one: the same is done, and waited for."""
    state, playbook = simulation.state, simulation.playbook
    decisions: list[Decision] = []
    for item in made.batch:
        decisions.append(simulation.decided_in(state, playbook, (item,), opened if not decisions else None))
        state, playbook = _after(simulation, state, decisions[-1:])
    if _calls_back_what_may_have_left(decisions):  # one by one, another one to the same person waits until it is known
        return
    together, apart = (_net(made_of, simulation.state) for made_of in ([made.decision], decisions))
    if together != apart:
        yield f"together: {sorted(together - apart)}, one by one: {sorted(apart - together)}"
    if made.decision.wake_at != decisions[-1].wake_at:
        yield f"together it wakes at {made.decision.wake_at}, one by one at {decisions[-1].wake_at}"


def quiet_changes_nothing(simulation: SimulatedDeal, received: Received) -> Iterator[str]:
    """A fact that may wait for the next decision would lead to nothing now."""
    if simulation.state.finished or simulation.wake_at <= simulation.now:
        return
    now = simulation.decided([received])
    if now.effects or now.withdraw:
        yield f"{received.name} was to wait, and would lead to {[effect.summary for effect in now.effects]}"
    if now.wake_at != simulation.wake_at:
        yield f"{received.name} was to wait, and would move the wake time from {simulation.wake_at} to {now.wake_at}"


def _after(simulation: SimulatedDeal, state: DealState, decisions: Iterable[Decision]) -> tuple[DealState, Playbook]:
    state = state.copy_to_work_on()
    for decision in decisions:
        for entry in decision.entries:
            fold(state, entry)
    return state, simulation.library.playbook(state.bundle or "")


def _calls_back_what_may_have_left(decisions: Sequence[Decision]) -> bool:
    may_have_left = Message | EnrolContact | SendDocument | StartSubscription | ChangeSubscription
    started = {effect.id for decision in decisions for effect in decision.effects if isinstance(effect, may_have_left)}
    return any(effect in started for decision in decisions for effect in decision.withdraw)


def _net(decisions: Sequence[Decision], before: DealState) -> Counter[str]:
    """What is done in the end: started and not called off at the same moment, and what is called off of before."""
    started = {effect.id: effect for decision in decisions for effect in decision.effects}
    withdrawn = {effect for decision in decisions for effect in decision.withdraw}
    unseen = withdrawn & set(started)
    unseen |= {
        entry.effect
        for decision in decisions
        for entry in decision.entries
        if isinstance(entry, e.EffectSettled) and entry.status == "withdrawn"
    }
    done = [
        effect.model_dump_json()
        for effect in started.values()
        if effect.id not in unseen
        and not (isinstance(effect, CloseTask) and effect.task in unseen)
        and not (isinstance(effect, StopEnrolment) and effect.enrolment in unseen)
    ]
    deal_id = before.deal.id if before.deal else ""
    return named_by_order((*done, *(withdrawn - unseen)), deal_id, before.entries)


def _difference(one: Decision, other: Decision) -> str:
    return "; ".join(
        f"{name}: {value} / {getattr(other, name)}" for name, value in one if value != getattr(other, name)
    )
