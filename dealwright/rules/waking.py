"""When a deal wakes next and for what, and what its search attributes show."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time
from functools import lru_cache

from dealwright.calendar.zones import zone_named
from dealwright.decision import Attributes
from dealwright.facts import FACTS
from dealwright.playbook.language.conditions import Test, that_turn
from dealwright.playbook.language.contact_conditions import SomeContacts
from dealwright.playbook.language.model import Playbook
from dealwright.playbook.language.relative_dates import RelativeDate
from dealwright.rules.decision_context import DecisionContext
from dealwright.rules.next_step import agreed_until
from dealwright.state import DealState
from dealwright.values.times import in_full
from dealwright.waits import next_wait


def next_wake(context: DecisionContext) -> tuple[datetime | None, str]:
    """When the deal must be looked at again without a new fact, and what for."""
    wait = next_wait(context.state, now=context.now, next_step_until=agreed_until(context), turns_at=_turns_at(context))
    if wait is None:
        return None, ""
    at = max(wait.at, context.now)  # what was left to the next decision is due at once
    local = at.astimezone(zone_named(context.calendar_for(context.deal.contact).timezone))
    asked = f" ({wait.who})" if wait.who else ""
    return at, f"Waiting until {in_full(local)} {local.tzname()}: {wait.what}{asked}"[:250]


def _turns_at(context: DecisionContext) -> datetime | None:
    """When a date next makes true or false a level, what gives points, or what the stage waits for or a play began by.

    In a pause the stage is not looked at, and so nothing that it waits for counts.
    """
    leaves = [*_turning(context)]
    if not leaves:
        return None
    clock = context.clock
    return min((at for leaf in leaves for at in leaf.turns(context.state, clock) if at > context.now), default=None)


def _turning(context: DecisionContext) -> Iterator[RelativeDate | SomeContacts]:
    if context.state.stage is None:
        return
    yield from that_turn(context.playbook.levels.values())
    yield from that_turn(_giving_points(context.playbook))
    if context.state.pause is None:
        yield from context.stage.turning
    for crossed in context.state.crossed:
        play = context.playbook.play(crossed.partition("/")[0])
        if play is not None and play.if_ is not None:
            yield from that_turn((play.if_,))


def _giving_points(playbook: Playbook) -> Iterator[Test]:
    """What gives points as long as it is true, of scores that something asks for: the others wake nobody."""
    for name in playbook.asked_of_scores:
        score = playbook.scores.get(name)
        yield from (rule.if_ for rule in (score.points if score else ()) if rule.if_ is not None)


def quiet_facts(playbook: Playbook, stage: str | None) -> tuple[str, ...]:
    """Facts that need no decision now: nothing waits for them, and they teach nothing that rules look at."""
    return () if stage is None else _unheard(playbook.heard(stage))


@lru_cache(maxsize=1024)
def _unheard(heard: frozenset[str]) -> tuple[str, ...]:
    return tuple(name for name in _TEACH_NOTHING if name not in heard)


_TEACH_NOTHING = tuple(name for name, fact in FACTS.items() if not fact.teaches and not fact.always_decided)


def attributes_of(state: DealState) -> dict[str, object]:
    """What the search attributes of a deal in this state show, by name."""
    deal = state.deal
    if deal is None:
        return {"DealOutcome": state.outcome, "NeedsAttention": bool(state.attention)}
    ends = deal.contract.ends_on if deal.contract else None
    return {
        "DealStage": state.stage,
        "DealOwner": state.owner_role,
        "DealAccount": deal.account.id if deal.account else None,
        "DealOutcome": state.outcome or "open",
        "DealPlaybook": state.playbook,
        "DealAmount": float(deal.amount.amount) if deal.amount else None,
        "DealCurrency": deal.amount.currency if deal.amount else None,
        "DealScore": deal.score,
        "DealHealth": deal.health,
        "StageEnteredAt": state.stage_entered_at,
        "RenewalAt": datetime.combine(ends, time(), UTC) if ends else None,
        "NeedsAttention": bool(state.attention),
    }


def attributes_changed(before: DealState, after: DealState) -> Attributes | None:
    """The attributes in which two states of a deal differ; None when they differ in none."""
    if _shown(before) == _shown(after) and before.deal is after.deal:
        return None  # so it is after most decisions, in a tenth of the time
    return changed(attributes_of(before), attributes_of(after))


def _shown(state: DealState) -> tuple[object, ...]:
    """What of a state the attributes show, besides the deal."""
    return state.stage, state.owner_role, state.outcome, state.playbook, state.stage_entered_at, bool(state.attention)


def changed(before: dict[str, object], after: dict[str, object]) -> Attributes | None:
    """The attributes that a decision changed; None when it changed none."""
    changes = {name: value for name, value in after.items() if value is not None and value != before.get(name)}
    unset = tuple(name for name, value in before.items() if value is not None and after.get(name) is None)
    return Attributes.model_validate({**changes, "unset": unset or None}) if changes or unset else None
