"""Law 3, of channels: nobody is called, texted or written to against their wish, at the wrong hour, or too often.

And whoever did not answer is left alone for a while, where the playbook says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from dealwright import entries as e
from dealwright.calendar.business_calendar import Calendar
from dealwright.calendar.durations import ELAPSED
from dealwright.effects import SendEmail
from dealwright.identity import first_id
from dealwright.playbook.language.channel_rules import ChannelRule
from dealwright.playbook.language.model import Playbook
from dealwright.values.addresses import normal
from simulation.laws.taken_back import TakenBack
from simulation.replay import Check, Replay
from simulation.simulated_deal import DecisionMade

_SAYS = {"channel_allowed": True, "channel_refused": False}
_IN_WRITING = {"sms", "social"}


class NobodyIsReachedAgainstTheirWish(Check):
    """Nobody is reached by a channel that they refused, or have not allowed where they must."""

    listens_to = ("fact_taken", "person_recognised", "contact_refused", "task_opened")

    def __init__(self) -> None:
        self._wishes: dict[tuple[str, str], tuple[datetime, bool]] = {}
        """By channel and contact: when they last said something of it, and what."""
        self._opted_out: set[str] = set()
        self._taken_back = TakenBack()

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        if isinstance(entry, e.FactTaken):
            self._hear(entry)
        elif isinstance(entry, e.PersonRecognised):
            for told in entry.told:
                self._hear(told)
        elif isinstance(entry, e.ContactRefused):
            self._say(entry.channel, entry.contact, entry.told_at, allowed=False)
        elif isinstance(entry, e.TaskOpened) and entry.channel is not None and entry.reaches is not None:
            yield from self._judge(replay, entry, entry.channel, entry.reaches)

    def _hear(self, entry: e.FactTaken) -> None:
        if not self._taken_back.lets_count(entry):
            return
        whom = {*entry.concerns, *([entry.contact] if entry.contact else [])}
        if entry.fact in _SAYS:
            for contact in whom:
                self._say(entry.variant or "", contact, entry.happened_at, allowed=_SAYS[entry.fact])
        elif entry.fact == "opted_out" and entry.contact is not None:
            self._opted_out.add(entry.contact)
        elif entry.retracts in _SAYS:
            for key, (at, allowed) in list(self._wishes.items()):
                if allowed is _SAYS[entry.retracts] and at <= entry.happened_at:
                    del self._wishes[key]

    def _say(self, channel: str, contact: str, at: datetime, *, allowed: bool) -> None:
        before = self._wishes.get((channel, contact))
        if before is None or before[0] <= at:
            self._wishes[channel, contact] = (at, allowed)

    def _judge(self, replay: Replay, entry: e.TaskOpened, channel: str, contact: str) -> Iterator[str]:
        _, allowed = self._wishes.get((channel, contact), (None, None))
        if allowed is False:
            yield f"{entry.sentence()!r} reaches {contact}, who refused the channel {channel}"
        elif channel in _IN_WRITING and contact in self._opted_out:
            yield f"{entry.sentence()!r} writes to {contact}, who opted out"
        elif allowed is None and _rule(replay.playbook, channel).consent == "needed" and _is_first(entry):
            yield f"{entry.sentence()!r} reaches {contact}, who has not allowed the channel {channel}"


class ChannelsKeepTheirHours(Check):
    """Whoever is to be reached by a channel is so in its hours, on their own clock."""

    listens_to = ("task_opened",)

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        if not isinstance(entry, e.TaskOpened) or entry.channel is None or not _is_first(entry):
            return
        hours, contact = _rule(replay.playbook, entry.channel).hours, replay.memory.contact(entry.reaches)
        if hours is None or contact is None or contact.timezone is None:
            return
        if Calendar(hours=hours, timezone=contact.timezone).next_open(entry.at) != entry.at:
            yield f"{entry.sentence()!r} at {entry.at}, outside the channel's hours in {contact.timezone}"


class ChannelsKeepTheirLimits(Check):
    """Nobody is reached by a channel more often than its limit says; what is asked for and open counts."""

    listens_to = ("task_opened", "task_closed")

    def __init__(self) -> None:
        self._open: dict[str, tuple[str, str]] = {}
        """By task, the channel and the contact."""
        self._reached: defaultdict[tuple[str, str], list[datetime]] = defaultdict(list)

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        if isinstance(entry, e.TaskClosed):
            whom = self._open.pop(entry.task, None)
            if whom is not None and entry.how == "done":
                self._reached[whom].append(entry.at)
        elif isinstance(entry, e.TaskOpened) and entry.channel is not None and entry.reaches is not None:
            whom = (entry.channel, entry.reaches)
            yield from self._judge(replay.playbook, entry, whom)
            self._open[entry.task] = whom

    def _judge(self, playbook: Playbook, entry: e.TaskOpened, whom: tuple[str, str]) -> Iterator[str]:
        limit = _rule(playbook, whom[0]).limit
        if limit is None or limit.per.unit not in ELAPSED or not _is_first(entry):
            return
        per: timedelta = ELAPSED[limit.per.unit] * limit.per.amount
        lately = sum(at > entry.at - per for at in self._reached[whom])
        waiting = sum(other == whom for other in self._open.values())
        if lately + waiting >= limit.max:
            yield f"{entry.sentence()!r}: {whom[1]} was reached {lately} times, {waiting} are open, of {limit.max}"


class WhoDidNotAnswerIsLeftAlone(Check):
    """A deal that ends lost or unresponsive says that those whom it wrote to are left alone from then on."""

    listens_to = ("effect_settled",)

    def __init__(self) -> None:
        self._written: set[str] = set()

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        if isinstance(entry, e.EffectSettled) and entry.does == "send_email" and entry.status in {"done", "uncertain"}:
            self._written |= {replay.memory.went_to[entry.effect]} if entry.effect in replay.memory.went_to else set()
        yield from ()

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        entries = made.decision.entries
        ends = any(isinstance(one, e.DealClosed) and one.outcome in {"lost", "unresponsive"} for one in entries)
        if not ends or replay.playbook.limits.cooling is None:
            return
        cooled = {one for entry in entries if isinstance(entry, e.CoolOffBegan) for one in entry.addresses}
        if missing := self._written - cooled:
            yield f"the deal ends, and nobody leaves {', '.join(sorted(missing))} alone"


class MarketingKeepsToTheCoolOff(Check):
    """Marketing asks the store whether its reader is left alone, unless the playbook lets this deal write."""

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        cooling = replay.playbook.limits.cooling
        if cooling is None or (cooling.unless is not None and "reply_received" in replay.state.happened):
            return
        for effect in replay.effects.values():
            if isinstance(effect, SendEmail) and effect.marketing and effect.to.email:
                asked = {cap.key for cap in effect.caps if cap.scope == e.COOLED_CONTACT and not cap.counts}
                if asked != {normal(effect.to.email)}:
                    yield f"{effect.summary!r} to {effect.to.email} asks for no cool-off"


def _rule(playbook: Playbook, channel: str) -> ChannelRule:
    return next((rule for name, rule in playbook.channels.items() if name == channel), ChannelRule())


def _is_first(entry: e.TaskOpened) -> bool:
    """Whether it is asked for the first time, and not of another person or by another time."""
    return entry.task == first_id(entry.task)
