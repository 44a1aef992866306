"""What goes out to contacts: never too much, never too late, never to somebody who does not want it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from dealwright import entries as e
from dealwright.effects import SENT, EnrolContact, Message, SendEmail
from dealwright.playbook.language.plays import Play
from dealwright.values.addresses import normal
from simulation.replay import Check, Replay
from simulation.simulated_deal import DecisionMade

TO_PEOPLE = {"send_email", "send_sms", "enrol_contact", "create_task", "hand_over", "request_approval"}
"""What a person outside the engine gets, and what is called off when nobody wants it any more."""
_STAND_AFTER_THE_END = {
    "update_crm",
    "close_task",
    "log_activity",
    "stop_enrolment",
    "withdraw_document",
    "cancel_subscription",
}
_MESSAGES = {"send_email", "send_sms", "enrol_contact"}


class UntilStopsAPlay(Check):
    """No further step of a play whose ``until`` happened."""

    listens_to = ("fact_taken", "task_closed", "play_started", "play_ended", "effect_started", "step_planned")

    def __init__(self) -> None:
        self._running: dict[str, e.PlayStarted] = {}
        self._over: dict[str, str] = {}

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        match entry:
            case e.FactTaken(no_news=None):
                self._happened(replay, entry, entry.fact, entry.variant)
            case e.TaskClosed(how="done") if entry.task in replay.state.tasks:
                self._happened(replay, entry, "task_done", replay.state.tasks[entry.task].name, entry.outcome)
            case e.PlayStarted():
                self._running[entry.run] = entry
            case e.PlayEnded():
                self._running.pop(entry.run, None)
            case e.EffectStarted() if entry.run in self._over and entry.does in {*TO_PEOPLE, "notify"}:
                yield f"{entry.label!r} although {self._over[entry.run]} stopped {entry.run}"
            case e.StepPlanned() if entry.run in self._over:
                yield f"{entry.planned.label!r} is planned although {self._over[entry.run]} stopped {entry.run}"

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        for run, key in self._over.items():
            if run in replay.state.runs:
                yield f"{run} goes on although {key} happened"

    def _happened(self, replay: Replay, entry: e.Entry, name: str, variant: str | None, *outcome: str | None) -> None:
        keys = {name, f"{name}:{variant}", *(f"{name}:{variant}:{one}" for one in outcome)}
        at = entry.happened_at if isinstance(entry, e.FactTaken) else entry.at
        for run, started in self._running.items():
            play = replay.playbook.play(started.play)
            since = started.since_at or at
            another = isinstance(entry, e.FactTaken) and entry.about is not None and entry.about != started.about
            met = keys & set(play.until) if play and at >= since and not another else set()
            if play and any(_is_theirs(replay, entry, started, play, key) for key in met):
                self._over[run] = min(met)


def _is_theirs(replay: Replay, entry: e.Entry, started: e.PlayStarted, play: Play, key: str) -> bool:
    """Whether what happened is about whom a run writes to, as far as it is about one person."""
    if isinstance(entry, e.TaskClosed):
        return started.contact in {None, replay.state.tasks[entry.task].contact}
    if not isinstance(entry, e.FactTaken) or entry.fact not in {"opted_out", "email_bounced", "reply_received"}:
        return True
    if started.contact is None:
        return not (entry.spares and entry.fact != "reply_received")
    return started.contact in entry.concerns or (key, "anyone") in play.stops.said


class StoppedMeansCalledOff(Check):
    """What a stopped play had on its way is called off."""

    listens_to = ("play_ended",)

    def __init__(self) -> None:
        self._stopped: list[tuple[str, str]] = []

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        if isinstance(entry, e.PlayEnded) and entry.how == "stopped":
            unwanted = TO_PEOPLE - {"hand_over"} if entry.why.startswith("left ") else TO_PEOPLE
            on_its_way = [p for p in replay.state.pending.values() if p.run == entry.run and p.does in unwanted]
            self._stopped += [(entry.run, pending.effect) for pending in on_its_way if not pending.uncertain]
        yield from ()

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        for run, effect in self._stopped:
            if effect not in made.decision.withdraw:
                yield f"{effect} stays on its way although {run} was stopped"
        self._stopped.clear()


class NoMarketingToTheSilenced(Check):
    """No marketing to whoever opted out, and no mail at all to an address that bounced."""

    listens_to = ("fact_taken",)

    def __init__(self) -> None:
        self._no_marketing: set[str] = set()
        self._no_mail: set[str] = set()

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        if isinstance(entry, e.FactTaken) and entry.fact == "opted_out":
            known = (replay.state.deal.contacts if replay.state.deal else None) or ()
            own = {contact.email for contact in known if contact.email and contact.id == entry.contact}
            self._no_marketing |= {*entry.addresses, *(address.lower() for address in own)}
        elif isinstance(entry, e.FactTaken) and entry.fact == "email_bounced" and entry.variant == "hard":
            self._no_mail |= {*entry.addresses}
        yield from ()

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        for email in [effect for effect in made.decision.effects if isinstance(effect, SendEmail)]:
            address = (email.to.email or "").lower()
            if address in self._no_mail or (email.marketing and address in self._no_marketing):
                yield f"{email.summary!r} to {address}, who wants none"


class NothingToWhoeverIsAway(Check):
    """No message to a contact who is away, unless they have written since."""

    listens_to = ("fact_taken", "person_recognised", "touches_held")

    def __init__(self) -> None:
        self._away: dict[str, tuple[datetime, datetime]] = {}
        self._wrote: dict[str, datetime] = {}
        self._noted: dict[str, datetime] = {}

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        if isinstance(entry, e.TouchesHeld) and entry.contact:
            self._away[entry.contact] = (entry.until, entry.told_at or entry.at)
            self._noted[entry.contact] = entry.at
        for told in entry.told if isinstance(entry, e.PersonRecognised) else (entry,):
            match told:
                case e.FactTaken(fact="reply_received", no_news=None) if told.variant != "out_of_office":
                    who = told.contact or ""
                    self._wrote[who] = max(told.happened_at, self._wrote.get(who, told.happened_at))
        yield from ()

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        for email in [effect for effect in made.decision.effects if isinstance(effect, SendEmail)]:
            until, told_at = self._away.get(email.to.id, (made.now, made.now))
            wrote = self._wrote.get(email.to.id)
            if self._noted.get(email.to.id) == email.at:  # decided at that moment before it was told: it may have left
                continue
            if until > made.now and not (wrote is not None and wrote > told_at):
                yield f"{email.summary!r} to {email.to.id}, who is away until {until}"


class TouchesAreHeard(Check):
    """What waits for a touch hears of it: its outcome is decided on, not only noted."""

    listens_to = ("effect_settled",)

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        if not isinstance(entry, e.EffectSettled) or replay.decided or (sent := SENT.get(entry.does)) is None:
            return
        pending = replay.state.pending.get(entry.effect)
        for key in (sent, f"{sent}:{pending.template if pending else None}"):
            if waiting := replay.playbook.listening(replay.state.stage, key):
                yield f"{entry.label!r} was only noted, and {[play.name for play in waiting]} wait for it"


class NothingWhilePaused(Check):
    """No touch and no other step goes out while the deal is paused."""

    listens_to = ("effect_started",)

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        if replay.state.pause is None or not isinstance(entry, e.EffectStarted):
            return
        if entry.does in _MESSAGES or (entry.step is not None and entry.does in {"create_task", "notify"}):
            yield f"{entry.label!r} although paused since {replay.state.pause.since}"


class NothingAfterTheEnd(Check):
    """Once the deal is over, nothing comes by itself. Nothing goes out but that a buyer is back, and why it ended.

    Beside it, somebody may be asked what becomes of a subscription, which outlives no deal by itself.
    """

    def __init__(self) -> None:
        self._over = False

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        if self._over and not made.batch:
            yield "a decision after the end"
        self._over = replay.state.finished
        if self._over:
            asked = {"create_task", "notify"} if any(item.kind == "outcome" for item in made.batch) else set()
            for effect in made.decision.effects:
                billed = effect.kind == "create_task" and effect.run is None and "/billing/" in effect.id
                if effect.kind not in _STAND_AFTER_THE_END | asked and not (
                    billed or any(part in effect.id for part in ("/after-the-end/", "/why-it-ended/"))
                ):
                    yield f"{effect.summary!r} although the deal is {replay.state.outcome}"


class TouchesKeepToTheWindow(Check):
    """No touch leaves outside the contact's hours.

    Where the contact's own clock is not known, those are the hours of whoever had the deal when it left: an owner of
    whom the deal is told afterwards, at the same moment, changes nothing of it.
    """

    listens_to = ("effect_started",)

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        effect = replay.effects.get(entry.effect) if isinstance(entry, e.EffectStarted) else None
        if isinstance(effect, SendEmail | EnrolContact):
            yield from _outside(replay, effect, entry.at)


def _outside(replay: Replay, email: SendEmail | EnrolContact, now: datetime) -> Iterator[str]:
    """Worked out from the wall clock and the list of holidays, without the calendar that rules use."""
    rule, owners = replay.playbook.calendar, (replay.state.deal.owners if replay.state.deal else None) or {}
    role = replay.playbook.roles.get(replay.state.owner_role or "")
    owner = owners.get(replay.state.owner_role or "")
    fallback = (owner.timezone if owner else None) or (role.fixed_timezone if role else None) or rule.timezone
    country = email.to.country or (owner.country if owner else None) or (role.fixed_country if role else None)
    local = now.astimezone(ZoneInfo(email.to.timezone or fallback))
    minute = local.hour * 60 + local.minute
    if not any(opens <= minute < closes for opens, closes in rule.hours.week[local.weekday()]):
        yield f"{email.summary!r} at {local:%a %H:%M} of {email.to.timezone or fallback}"
    if email.to.country and local.date() in _holidays(email.to.country, local.year):
        yield f"{email.summary!r} on {local:%d %b}, a holiday in {country}"
    if email.not_after is None or email.not_after <= now:
        yield f"{email.summary!r} may go out until {email.not_after}, which is past"


@lru_cache(maxsize=512)
def _holidays(region: str, year: int) -> frozenset[object]:
    country, _, part = region.partition("-")
    if country not in holidays.list_supported_countries():
        return frozenset()
    known = part if part in holidays.list_supported_countries()[country] else None
    return frozenset(holidays.country_holidays(country, subdiv=known, years=year))


class NoBursts(Check):
    """Nothing is caught up in a burst: never two marketing messages of one play to one person at one moment.

    And never the same message twice about the same thing.
    """

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        started = replay.memory.started
        same = [
            (one.template, one.address, started[one.run].about if one.run in started else None)
            for one in made.decision.effects
            if isinstance(one, Message)
        ]
        for message in {message for message in same if same.count(message) > 1}:
            yield f"{same.count(message)} times {message} at once"
        plays = [
            ((effect.run or "").rsplit("/", 2)[0], normal(effect.to.email or ""))
            for effect in made.decision.effects
            if isinstance(effect, SendEmail) and effect.marketing
        ]
        for play, address in {play for play in plays if plays.count(play) > 1}:
            yield f"{plays.count((play, address))} messages of {play} to {address} at once"
