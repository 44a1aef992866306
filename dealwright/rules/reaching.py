"""What holds for a person over all deals when somebody reaches them by a channel, as the store tells it.

The store makes the last checks before such work is put on somebody's list: what this person refused, whether they are
away, and how often others reached them. No deal knows the others.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from dealwright import entries as e
from dealwright.effects import CreateTask, Outcome
from dealwright.rules import absence
from dealwright.rules.decision_context import DecisionContext

_LOOK_AGAIN_AFTER = timedelta(minutes=15)
"""Where the store knows less than the deal: what the deal knows is there by then."""


def allowed_at(context: DecisionContext, channel: str | None, contact: str | None) -> datetime | None:
    """When the deal was told last that a contact may be reached by a channel; None where it was not, or no longer."""
    wish = context.state.channel_wishes.get(f"{channel} {contact}")
    return wish.at if wish is not None and wish.allowed else None


def when_again(context: DecisionContext, outcome: Outcome, effect: CreateTask) -> datetime:
    """When to look again whom to reach, after the store held work back; the deal remembers what others were told."""
    contact, channel = effect.reaches, effect.channel
    later = max(outcome.until or context.now, context.now + _LOOK_AGAIN_AFTER)
    if contact is None or channel is None:
        return later
    if outcome.refused_at is not None:
        return remember_refusal(context, contact.id, channel, outcome.refused_at)
    if outcome.away_since is not None and outcome.until is not None:
        is_away = absence.believe_another_deal(context, contact, outcome.away_since, outcome.until)
        return outcome.until if is_away else context.now + _LOOK_AGAIN_AFTER
    return later


def remember_refusal(context: DecisionContext, contact: str, channel: str, told_at: datetime) -> datetime:
    """Note what a contact refused in another deal; returns when to look again whom to reach."""
    known = context.state.channel_wishes.get(f"{channel} {contact}")
    if known is not None and known.at >= told_at:
        return context.now + _LOOK_AGAIN_AFTER
    context.note(e.ContactRefused(at=context.now, contact=contact, channel=channel, told_at=told_at))
    return context.now
