"""When a message may leave: in its reader's hours, not while they are away, and not beside another one."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from dealwright.calendar.business_calendar import Calendar
from dealwright.calendar.durations import Span
from dealwright.deal import Contact
from dealwright.playbook.language.steps.enrol import EnrolStep
from dealwright.playbook.language.steps.message import MessageStep
from dealwright.rules import enrolments
from dealwright.rules.absence import may_go_at, whose_return
from dealwright.rules.decision_context import BETWEEN_MESSAGES, DecisionContext
from dealwright.state import Run
from dealwright.values.addresses import normal

UNTIL_OUT = Span.parse("5bd")
"""How long a message waits for the end of a cadence of another tool before it is looked at again."""


class PutOff(NamedTuple):
    """When a message can leave at the earliest, and why not now."""

    at: datetime
    why: str
    held_for: str | None = None
    """The contact who is away."""
    held_while: str | None = None
    """The enrolment of the contact that is under way."""


class Reach(NamedTuple):
    """How a message reaches its reader."""

    calendar: Calendar
    """Their hours for such messages."""
    address: str
    """Where it goes."""


def not_before(
    context: DecisionContext,
    run: Run,
    step: MessageStep | EnrolStep,
    contact: Contact,
    reach: Reach,
    besides: str = "",
) -> PutOff | None:
    """What keeps a message from leaving now; None for nothing."""
    calendar, address = reach
    opens, away = may_go_at(context, contact, calendar), whose_return(context, contact)
    if opens > context.now:
        return PutOff(opens, f"{away} is away" if away else "outside the contact's hours", away)
    if step.at is not None and (times := context.time_of(step.at)) is not None and times[1] > context.now:
        return PutOff(calendar.next_open(times[1]), "its date moved")
    if step.at is None and run.not_before is not None and run.not_before > context.now:
        return PutOff(run.not_before, "a colleague of theirs replied")
    if not step.is_marketing:
        return None
    if (enrolment := enrolments.under_way(context, contact, besides)) is not None:
        at = calendar.add(context.now, UNTIL_OUT)
        return PutOff(at, f"they are in {enrolment.cadence} still", held_while=enrolment.id)
    if context.sends_now(address, besides=besides) or _is_held_up(context, run, besides):
        return PutOff(calendar.add(context.now, BETWEEN_MESSAGES), "another message goes out now")
    others = [at for key, at in context.state.marketing_at.items() if _is_anothers(key, run, address)]
    free_at = calendar.add(max(others), BETWEEN_MESSAGES) if others else context.now
    return PutOff(free_at, "another play wrote to them within a day") if free_at > context.now else None


def _is_anothers(key: str, run: Run, whose: str) -> bool:
    """Whether a message that was started is one of another play to the same person."""
    other, _, address = key.partition(" ")
    return other != run.play and address == normal(whose)


def _is_held_up(context: DecisionContext, run: Run, besides: str) -> bool:
    """Whether an earlier message of the same run is still to leave."""
    return any(
        one.run == run.key and one.marketing and one.again_at is not None and not besides
        for one in context.state.pending.values()
    )
