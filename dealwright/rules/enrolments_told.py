"""What follows once a tool tells of an enrolment."""

from __future__ import annotations

from dealwright.facts import EnrolmentAdvanced, EnrolmentEnded, Fact
from dealwright.rules import enrolments
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.outcomes import settle_uncertain


def mind(context: DecisionContext, fact: Fact) -> None:
    """What a tool tells of an enrolment proves that it has it; one that it tells to be over is over."""
    if isinstance(fact, EnrolmentAdvanced | EnrolmentEnded):
        settle_uncertain(context, fact.enrolment, "done", "the tool tells of it")
        kept = context.state.enrolments.get(fact.enrolment)
        enrolments.end_told(context, fact)
        if kept is not None and kept.stop is not None and kept.id not in context.state.enrolments:
            settle_uncertain(context, kept.stop, "done", "the tool tells that they are out of it")
