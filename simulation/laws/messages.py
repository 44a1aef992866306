"""Law 1: nothing is said of what is over, moved or called off, and all that is said is what is known then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from dealwright import entries as e
from dealwright.deal import Contact, Deal, Meeting, Person, Proposal
from dealwright.effects import EnrolContact, Message, SendEmail
from dealwright.facts.things import Record
from dealwright.playbook.language.dates import Dated
from simulation.replay import Check, Replay
from simulation.simulated_deal import DecisionMade

_ANY_ZONE = timedelta(hours=14)
"""A day may end this much later somewhere than in UTC."""
_SEVERAL = ("meeting", "demo", "proposal")
"""The parts of a deal that are one of several."""


class NoMessageAboutWhatIsOff(Check):
    """No message about a meeting that is over, moved or called off: what it names stands in the journal as booked."""

    listens_to = ("effect_started",)

    def __init__(self) -> None:
        self._told_of = _ToldOf()

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        self._told_of.note(replay, entry)
        yield from ()

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        for email, dated in _dated_messages(replay):
            part = dated.anchor.partition(".")[0]
            named = getattr(email.deal, part, None)
            if not isinstance(named, Meeting):
                continue
            table = replay.memory.things(part)
            meant = self._told_of.known_now(replay, email, part)
            known = [one for one in meant if isinstance(one, Meeting) and one.starts_at == named.starts_at]
            if dated.before and not any(one.status == "booked" for one in known):
                yield f"{email.summary!r} of {named}, and of such a {part} is known: {list(table.values())}"
            if dated.after and known and all(one.status == "cancelled" for one in known):
                yield f"{email.summary!r} of {named.starts_at}, which was called off"


class NoMessageAfterItsDate(Check):
    """No message after the date that it is reckoned from: it is started before, and may not be handed over later."""

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        for email, dated in _dated_messages(replay):
            date = _end_of(email.deal, dated.anchor) if dated.before else None
            if date is None:
                continue
            if made.now >= date:
                yield f"{email.summary!r} is started at {made.now}, after {dated.anchor} ({date})"
            if email.not_after is None or email.not_after > date:
                yield f"{email.summary!r} may leave until {email.not_after}, after {dated.anchor} ({date})"


class MessagesAreMadeOfWhatIsKnown(Check):
    """What leaves is for whom, from whom and about what the journal says when it is started."""

    listens_to = ("effect_started",)

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        message = replay.effects.get(entry.effect) if isinstance(entry, e.EffectStarted) else None
        if not isinstance(message, Message | EnrolContact) or not isinstance(entry, e.EffectStarted):
            return
        memory = replay.memory
        if _as_enrolled(message, known := memory.contact(message.to.id), again=entry.again) != known:
            yield f"{entry.label!r} goes to {message.to}, known is {known}"
        if not message.address or entry.address != message.address:
            yield f"{entry.label!r} goes to {message.address}, the journal says {entry.address}"
        holder = memory.holder(message.sender_role or "", replay.playbook)
        if message.sender != holder:
            yield f"{entry.label!r} is from {_name(message.sender)}, {message.sender_role} is {_name(holder)}"
        if message.deal != (seen := memory.seen_in_messages()):
            yield f"{entry.label!r} tells of {_difference(message.deal, seen)}"


class NothingIsSaidThatIsNoLongerSo(Check):
    """No message says what is no longer so: nobody is asked to open what they opened, or answered by another one."""

    listens_to = ("fact_taken", "effect_started")

    def __init__(self) -> None:
        self._accepted: dict[str | None, datetime] = {}
        self._told_of = _ToldOf()

    def on_entry(self, replay: Replay, entry: e.Entry) -> Iterator[str]:
        self._told_of.note(replay, entry)
        if isinstance(entry, e.FactTaken) and entry.retracts == "proposal_accepted":
            self._accepted.clear()
        elif isinstance(entry, e.FactTaken) and entry.fact == "proposal_accepted" and entry.no_news is None:
            self._accepted[entry.about] = max(entry.happened_at, self._accepted.get(entry.about, entry.happened_at))
        yield from ()

    def on_decision(self, replay: Replay, made: DecisionMade) -> Iterator[str]:
        for email in made.decision.effects:
            if not isinstance(email, SendEmail) or email.template != "proposal-nudge":
                continue
            offer = email.deal.proposal
            meant = self._told_of.known_now(replay, email, "proposal")
            known = [one for one in meant if isinstance(one, Proposal)]
            if offer is None or not any(one.status == "sent" and one.opened_at is None for one in known):
                yield f"{email.summary!r} about {offer}, known is {known}"
            elif offer.sent_at is not None and any(at > offer.sent_at for at in self._accepted.values()):
                yield f"{email.summary!r} about {offer}, and since it was sent they have accepted one: {self._accepted}"


class _ToldOf:
    """Which meeting, demo and proposal each message tells of: the one that it was when the message was started.

    Not by its name: of what nobody has named yet, somebody may tell the name at that very moment.
    """

    def __init__(self) -> None:
        self._keys: dict[tuple[str, str], list[str]] = {}

    def note(self, replay: Replay, entry: e.Entry) -> None:
        """Remember what a message tells of that is started."""
        message = replay.effects.get(entry.effect) if isinstance(entry, e.EffectStarted) else None
        if isinstance(message, Message):
            for part in _SEVERAL:
                table, named = replay.memory.things(part), getattr(message.deal, part)
                self._keys[message.id, part] = [key for key, one in table.items() if one == named]

    def known_now(self, replay: Replay, message: Message, part: str) -> list[Record]:
        """What is known by now of what a message tells of."""
        table = replay.memory.things(part)
        return [table[key] for key in self._keys.get((message.id, part), ())]


def _dated_messages(replay: Replay) -> Iterator[tuple[SendEmail, Dated]]:
    """The messages that leave, each with every date that it is reckoned from."""
    for email in replay.effects.values():
        if not isinstance(email, SendEmail):
            continue
        started = replay.memory.started.get(email.run or "")
        play = replay.playbook.play(started.play) if started else None
        if play is None or email.step is None or email.step >= len(play.actions):
            continue
        for dated in (play.dated, play.actions[email.step].at):
            if dated is not None:
                yield email, dated


def _end_of(deal: Deal, path: str) -> datetime | None:
    part, _, field = path.partition(".")
    value = getattr(deal if part == "deal" else getattr(deal, part, None), field, None)
    if value is None or isinstance(value, datetime):
        return value
    return datetime.combine(value, time(), UTC) + _ANY_ZONE


def _as_enrolled(message: Message | EnrolContact, known: Contact | None, *, again: bool) -> Contact:
    """Whom a message is for. An enrolment that is tried again is of the address that it was of at first."""
    if not (again and isinstance(message, EnrolContact)) or known is None:
        return message.to
    return message.to.model_copy(update={"email": known.email})


def _name(person: Person | None) -> str:
    return "nobody" if person is None else f"{person.name} <{person.email}>"


def _difference(one: Deal, other: Deal) -> str:
    parts = [name for name, value in one if value != getattr(other, name)]
    return "; ".join(f"{name} {getattr(one, name)}, known is {getattr(other, name)}" for name in parts)
