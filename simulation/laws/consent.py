"""Law 3: consent and bounces belong to an address in its normal form, absence to a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dealwright import entries as e
from dealwright.effects import EnrolContact, Message
from dealwright.values.addresses import normal
from simulation.laws.memory import Memory
from simulation.laws.silenced import Bounces, OptOuts, named
from simulation.laws.taken_back import TakenBack
from simulation.replay import Check, Replay
from simulation.simulated_deal import DecisionMade

_AT_LEAST, _AT_MOST = timedelta(days=2), timedelta(days=21)
"""How long somebody is away who names no day: three business days, over a weekend and holidays."""
_TO_THE_NEXT_HOURS = timedelta(days=6)
"""After so long a contact's hours have surely begun, over a weekend and holidays."""
_ABOUT_PEOPLE = {"opted_out", "email_bounced", "reply_received"}


class NoMarketingAfterAnOptOut(Check):
    """Who opted out gets no more marketing, at any address; nor does anybody at the address that was named."""

    listens_to = ("fact_taken",)

    def __init__(self) -> None:
        self._opted_out = OptOuts()

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        self._opted_out.hear(replay, entry)
        yield from ()

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        for message in _messages(replay):
            if _is_marketing(message) and self._opted_out.count(message.to.id, message.address):
                yield f"{message.summary!r} to {message.to.id} at {message.address}, who opted out"


class NoMailAfterAHardBounce(Check):
    """An address that bounced for good gets no mail at all, however it is written."""

    listens_to = ("fact_taken",)

    def __init__(self) -> None:
        self._bounces = Bounces()

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        self._bounces.hear(replay, entry)
        yield from ()

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        for message in _messages(replay):
            if self._bounces.count(message.address):
                yield f"{message.summary!r} to {message.address}, which bounced"


class StrangersAskForAttention(Check):
    """An opt-out, a bounce or a reply of somebody whom the deal does not know is put on somebody's list."""

    listens_to = ("fact_taken", "attention_asked")

    def __init__(self) -> None:
        self._strangers: list[e.FactTaken] = []
        self._asked: set[str] = set()

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        if isinstance(entry, e.AttentionAsked):
            self._asked.add(entry.point)
        elif isinstance(entry, e.FactTaken) and entry.fact in _ABOUT_PEOPLE and entry.no_news is None:
            contact, address = named(replay)
            stranger = contact is not None and "@" not in contact and not _ever_known(replay.memory, contact)
            nobodys = address is not None and not replay.memory.whose.get(address)
            if nobodys or (stranger and address is None):
                self._strangers.append(entry)
        yield from ()

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        for fact in self._strangers:
            if not any(point.startswith(f"{fact.fact}:") for point in self._asked):
                yield f"{fact.sentence()} is about {replay.payload}, whom nobody knows and nobody is told of"
        self._strangers.clear()


class Absences:
    """Who said that they are away, and until when, by what they wrote."""

    def __init__(self) -> None:
        self._away: dict[str, tuple[datetime, datetime, datetime]] = {}
        """By contact, when they said so, and the first and the last moment at which they may be back."""
        self._wrote: dict[str, datetime] = {}
        """When each contact last wrote themselves."""
        self._taken_back = TakenBack()

    def hear(self, memory: Memory, entry: e.FactTaken, back: object) -> None:
        """Take in a fact: a reply, unless it was taken back before it came in. Who writes themselves is back."""
        if "reply_received" in {entry.retracts, entry.takes_back_older}:
            self._away = {who: one for who, one in self._away.items() if one[0] > entry.happened_at}
        if self._taken_back.lets_count(entry) and entry.fact == "reply_received":
            self._hear_reply(memory, entry, back)

    def _hear_reply(self, memory: Memory, entry: e.FactTaken, back: object) -> None:
        who = entry.contact or ""
        said_at = self._away[who][0] if who in self._away else None
        wrote = self._wrote.get(who, entry.happened_at)
        if entry.variant != "out_of_office":
            self._wrote[who] = max(entry.happened_at, wrote)
            if said_at is not None and entry.happened_at > said_at:
                del self._away[who]
        elif said_at is not None and entry.happened_at < said_at:
            return
        elif wrote > entry.happened_at:
            self._away.pop(who, None)
        elif not isinstance(back, str):
            self._hear_no_day(who, entry.happened_at)
        else:
            zone = getattr(memory.contact(who), "timezone", None)
            day = datetime.combine(date.fromisoformat(back), time(), ZoneInfo(zone) if zone else UTC).astimezone(UTC)
            unsure = timedelta() if zone else timedelta(hours=14)  # where they are is not known: it is day somewhere
            self._away[who] = (entry.happened_at, day - unsure, day + unsure)

    def recognise(self, memory: Memory, entry: e.PersonRecognised) -> None:
        """Take in what somebody wrote before they were known."""
        for told in entry.told:
            self.hear(memory, told, told.returns_on.isoformat() if told.returns_on else None)

    def _hear_no_day(self, who: str, at: datetime) -> None:
        """They are away for a few days, unless they are away already until a day that they named."""
        _, surely, perhaps = self._away.get(who, (at, at, at))
        if surely > at:
            return
        few_days = (at + _AT_LEAST, at + _AT_MOST)
        known = (surely, perhaps) if perhaps > at else few_days
        self._away[who] = (at, min(few_days[0], known[0]), max(few_days[1], known[1]))

    def surely_until(self, contact: str) -> datetime | None:
        """Until when a contact is away for sure."""
        return self._away[contact][1] if contact in self._away else None

    def perhaps_until(self, contact: str) -> datetime | None:
        """Until when a contact may be away."""
        return self._away[contact][2] if contact in self._away else None


class WhoIsAwayIsWaitedFor(Check):
    """Messages to a person wait until the day on which they said they are back, or write again."""

    listens_to = ("fact_taken", "person_recognised")

    def __init__(self) -> None:
        self._absences = Absences()
        self._sent: dict[str | None, datetime] = {}

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        if isinstance(entry, e.FactTaken):
            self._sent |= {entry.contact: entry.at} if entry.fact == "reply_received" else {}
            self._absences.hear(replay.memory, entry, replay.payload.get("returns_on"))
        elif isinstance(entry, e.PersonRecognised):
            self._absences.recognise(replay.memory, entry)
        yield from ()

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        for email in _messages(replay):
            until = self._absences.surely_until(email.to.id)
            told_now = self._sent.get(email.to.id) == email.at  # decided before it was told: it may have left
            if until is not None and until > made.now and not told_now:
                yield f"{email.summary!r} to {email.to.id}, who is away until {until}"


class NobodyElseWaits(Check):
    """A message waits for nobody's return but that of whom it is for, or of who shares their address.

    Nor does it wait on, once it was taken back that they are away.
    """

    listens_to = ("fact_taken", "person_recognised", "step_planned", "effect_settled")

    def __init__(self) -> None:
        self._absences = Absences()

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        match entry:
            case e.FactTaken():
                self._absences.hear(replay.memory, entry, replay.payload.get("returns_on"))
            case e.PersonRecognised():
                self._absences.recognise(replay.memory, entry)
            case e.StepPlanned() if (held := entry.planned.held_for) is not None:
                yield from self._judge(replay, held, entry)
            case e.EffectSettled(held_for=str(held)):
                yield from self._judge(replay, held, entry)

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        told = (one for one in made.decision.entries if isinstance(one, e.FactTaken))
        if not any(one.retracts == "reply_received" for one in told) or replay.memory.paused or replay.memory.over:
            return
        later = made.now + _TO_THE_NEXT_HOURS
        for planned in (one for run in replay.state.runs.values() for one in run.planned.values()):
            held = planned.held_for if planned.due_at > later else None
            if held is not None and not self._may_be_away(replay, held, made.now):
                yield f"{planned.label!r} waits on until {planned.due_at} for {held}, who is not away"

    def _judge(self, replay: Replay, held_for: str, entry: e.Entry) -> Iterator[str]:
        if not self._may_be_away(replay, held_for, entry.at):
            yield f"{entry.sentence()!r} waits for {held_for}, who is not away"

    def _may_be_away(self, replay: Replay, held_for: str, at: datetime) -> bool:
        contact = replay.memory.contact(held_for)
        address = normal(contact.email) if contact and contact.email else None
        contacts = replay.memory.deal.contacts or ()
        sharing = {one.id for one in contacts if one.email and normal(one.email) == address}
        until = [self._absences.perhaps_until(one) for one in {held_for, *sharing}]
        return any(one is not None and one > at for one in until)


class TheWrongPersonGetsNothing(Check):
    """Who is the wrong person gets no message, until somebody says anew that they are a contact."""

    listens_to = ("fact_taken", "command_taken")

    def __init__(self) -> None:
        self._wrong: dict[str, datetime] = {}
        """Who said so, and when that was told."""
        self._told: dict[str, datetime] = {}
        """When each contact was last told of."""

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        if isinstance(entry, e.CommandTaken) and entry.command == "amend" and entry.accepted:
            for one in (entry.learned.contacts if entry.learned else None) or ():
                self._tell(one.id, entry.at)
        elif isinstance(entry, e.FactTaken):
            for one in (entry.learned.contacts if entry.learned else None) or ():
                self._tell(one.id, entry.happened_at)
            opened_at = replay.state.opened_at
            told_at = self._told.get(entry.contact or "", opened_at or entry.happened_at)
            names_another = entry.contact != entry.refers_to
            if (
                entry.variant == "wrong_person"
                and entry.no_news is None
                and names_another
                and told_at <= entry.happened_at
            ):
                self._wrong[entry.contact or ""] = entry.at
        yield from ()

    def _tell(self, contact: str, at: datetime) -> None:
        self._wrong.pop(contact, None)
        self._told[contact] = max(at, self._told.get(contact, at))

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        for email in _messages(replay):
            told_now = self._wrong.get(email.to.id) == email.at  # decided before it was told: it may have left
            if email.to.id in self._wrong and not told_now:
                yield f"{email.summary!r} to {email.to.id}, who is the wrong person"


class ARunWritesToItsContact(Check):
    """A message of a play that runs for each contact goes to the contact of its run, and to nobody else."""

    listens_to = ("play_started",)

    def __init__(self) -> None:
        self._whose: dict[str, str] = {}

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        if isinstance(entry, e.PlayStarted) and entry.contact is not None:
            self._whose[entry.run] = entry.contact
        yield from ()

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        for email in _messages(replay):
            whose = self._whose.get(email.run or "", email.to.id)
            if email.to.id != whose:
                yield f"{email.summary!r} to {email.to.id}, and its run is for {whose}"


def _messages(replay: Replay) -> Iterator[Message | EnrolContact]:
    """What is written to somebody by machine: by us, or by the tool that they are enrolled in."""
    return (effect for effect in replay.effects.values() if isinstance(effect, Message | EnrolContact))


def _is_marketing(message: Message | EnrolContact) -> bool:
    return isinstance(message, EnrolContact) or message.marketing


def _ever_known(memory: Memory, contact: str) -> bool:
    return memory.contact(contact) is not None or any(contact in ids for ids in memory.whose.values())
