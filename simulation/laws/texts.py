"""Law 3, of text messages that the machine sends: to whom they may go, when, and how often."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dealwright import entries as e
from dealwright.calendar.durations import ELAPSED
from dealwright.effects import SendSms
from dealwright.playbook.language.channel_rules import ChannelRule
from dealwright.playbook.language.model import Playbook
from dealwright.values.phone_numbers import e164
from simulation.laws.silenced import OptOuts
from simulation.laws.taken_back import TakenBack
from simulation.replay import Check, Replay
from simulation.simulated_deal import DecisionMade

_SAYS = {"channel_allowed": True, "channel_refused": False}


class NobodyIsTextedAgainstTheirWish(Check):
    """Only who agreed gets text messages, at a number of which nobody said STOP, and at which something arrives."""

    listens_to = ("fact_taken", "person_recognised", "contact_refused", "effect_started", "effect_settled")

    def __init__(self) -> None:
        self._wishes: dict[str, tuple[datetime, bool]] = {}
        """By contact and by number: when something was said of text messages last, and what."""
        self._dead: set[str] = set()
        """The numbers at which nothing arrives."""
        self._opted_out = OptOuts()
        self._on_their_way: dict[str, e.EffectStarted] = {}
        self._taken_back = TakenBack()

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        self._opted_out.hear(replay, entry)
        match entry:
            case e.FactTaken() if self._taken_back.lets_count(entry):
                self._hear(replay, entry)
            case e.PersonRecognised():
                self._recognise(entry)
            case e.ContactRefused(channel="sms"):
                self._say(entry.contact, entry.told_at, allowed=False)
            case e.EffectStarted(does="send_sms"):
                self._on_their_way[entry.effect] = entry
            case e.EffectSettled():
                self._on_their_way.pop(entry.effect, None)
            case _:
                pass
        yield from ()

    def _hear(self, replay: Replay, entry: e.FactTaken) -> None:
        if entry.fact in _SAYS and entry.variant == "sms":
            number = e164(str(replay.payload.get("address") or ""))
            whose = {number, *entry.concerns, entry.contact} - {None}
            for one in whose:
                self._say(str(one), entry.happened_at, allowed=_SAYS[entry.fact])
        elif entry.fact == "sms_undelivered" and entry.variant == "hard":
            touch = str(replay.payload.get("touch") or "")
            number = e164(str(replay.payload.get("address") or "")) or replay.memory.went_to.get(touch)
            self._dead |= {number} if number is not None else set()
        elif entry.retracts in _SAYS:
            for whose_, (at, allowed) in list(self._wishes.items()):
                if allowed is _SAYS[entry.retracts] and at <= entry.happened_at:
                    del self._wishes[whose_]

    def _recognise(self, entry: e.PersonRecognised) -> None:
        """What was said of text messages before somebody was known was said by them."""
        for told in entry.told:
            if told.fact in _SAYS and told.variant == "sms" and self._taken_back.lets_count(told):
                for one in {entry.contact, *told.concerns}:  # several may have one number
                    self._say(one, told.happened_at, allowed=_SAYS[told.fact])

    def _say(self, whose: str, at: datetime, *, allowed: bool) -> None:
        before = self._wishes.get(whose)
        if before is None or before[0] <= at:
            self._wishes[whose] = (at, allowed)

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        for id_, text in self._on_their_way.items():
            why = self._reason_against(text.contact or "", text.address)
            if why is not None and id_ not in made.decision.withdraw:
                yield f"{text.label!r} is on its way to {text.contact} at {text.address}, although {why}"
        self._on_their_way = {id_: one for id_, one in self._on_their_way.items() if id_ not in made.decision.withdraw}

    def _reason_against(self, contact: str, number: str | None) -> str | None:
        if number is None or number in self._dead:
            return "nothing arrives there"
        (_, their_wish), (_, of_number) = (self._wishes.get(whose, (None, None)) for whose in (contact, number))
        if their_wish is False or of_number is False:
            return "they want none"
        if their_wish is None:
            return "they never agreed"
        return "they opted out" if self._opted_out.count(contact, number) else None


class TextsKeepTheirHours(Check):
    """Text messages leave in the hours of their channel, on their reader's clock."""

    listens_to = ("effect_started",)

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        text = replay.effects.get(entry.effect) if isinstance(entry, e.EffectStarted) else None
        if not isinstance(text, SendSms):
            return
        hours, zone = _rule(replay.playbook).hours, text.to.timezone
        if hours is None or zone is None:
            return
        local = entry.at.astimezone(ZoneInfo(zone))
        minute = local.hour * 60 + local.minute
        if not any(opens <= minute < closes for opens, closes in hours.week[local.weekday()]):
            yield f"{text.summary!r} at {local:%a %H:%M} of {zone}"
        if text.not_after is None or text.not_after <= entry.at:
            yield f"{text.summary!r} may go out until {text.not_after}, which is past"


class TextsKeepTheirLimits(Check):
    """Nobody gets more text messages than the channel's limit says, whichever plays send them."""

    listens_to = ("effect_started", "effect_settled")

    def __init__(self) -> None:
        self._on_their_way: dict[str, tuple[str, datetime]] = {}
        self._sent: defaultdict[str, list[datetime]] = defaultdict(list)
        """By contact, when messages went out, or may have."""

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        if isinstance(entry, e.EffectSettled):
            whom, started_at = self._on_their_way.pop(entry.effect, ("", entry.at))
            if entry.status in {"done", "uncertain"}:
                self._sent[whom].append(entry.at if entry.status == "done" else started_at)
        elif isinstance(entry, e.EffectStarted) and entry.does == "send_sms" and entry.effect in replay.effects:
            whom = entry.contact or ""
            yield from self._judge(replay, entry, whom)
            self._on_their_way[entry.effect] = (whom, entry.at)

    def _judge(self, replay: Replay, entry: e.EffectStarted, whom: str) -> Iterator[str]:
        limit = _rule(replay.playbook).limit
        if limit is None or limit.per.unit not in ELAPSED:
            return
        per: timedelta = ELAPSED[limit.per.unit] * limit.per.amount
        lately = sum(at > entry.at - per for at in self._sent[whom])
        waiting = sum(other == whom for other, _ in self._on_their_way.values())
        if lately + waiting >= limit.max:
            yield f"{entry.label!r}: {whom} got {lately} of {limit.max}, and {waiting} are on their way"


def _rule(playbook: Playbook) -> ChannelRule:
    return next((rule for name, rule in playbook.channels.items() if name == "sms"), ChannelRule())
