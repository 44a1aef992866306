"""Experiments: a deal is exposed to one when its arm decides something. That is written down, once."""

from __future__ import annotations

from collections.abc import Iterator

from dealwright import entries as e
from dealwright.playbook.language.conditions import Test
from dealwright.playbook.language.counts import Since
from dealwright.playbook.language.experiments import asks_only_for_arms, experiments_in
from dealwright.playbook.language.plays import Play
from dealwright.playbook.language.steps.step import Step
from dealwright.rules.decision_context import DecisionContext
from dealwright.state import DealState


def holds(
    context: DecisionContext, condition: Test, since: Since, *, play: str | None = None, seen: DealState | None = None
) -> bool:
    """Whether a condition holds on which something depends now: the deal is exposed to what it decides by arms.

    ``seen`` is the deal as the condition sees it, where that is not as it is: with another contact.
    """
    state = context.state if seen is None else seen
    held = condition.test(state, since, context.clock)
    if context.playbook.experiments:
        for name in dict.fromkeys(experiments_in(condition)):
            others = () if name in state.arms else _in_every_arm(context, state, name)
            if any(condition.test(other, since, context.clock) is not held for other in others):
                _expose(context, name, play)
    return held


def is_of_another_arm(context: DecisionContext, play: Play, step: Step) -> bool:
    """Whether a step is one of another arm alone, so that it takes no time. Its arm decides when its turn comes."""
    if step.if_ is None or not context.playbook.experiments or not asks_only_for_arms(step.if_):
        return False
    return not holds(context, step.if_, None, play=play.name)


def _in_every_arm(context: DecisionContext, state: DealState, name: str) -> Iterator[DealState]:
    """The deal as it would be in each arm of an experiment."""
    for arm in context.playbook.experiments[name].arms:
        yield state.model_copy(update={"arms": {**state.arms, name: arm}})


def _expose(context: DecisionContext, name: str, play: str | None) -> None:
    arm = context.playbook.experiments[name].arm_of(name, context.deal.id)
    context.note(
        e.ExperimentExposed(at=context.now, experiment=name, arm=arm, stage=context.state.stage or "", play=play)
    )
