"""What the deal was told."""

from __future__ import annotations

from datetime import date
from typing import Literal

from dealwright.deal import EndReason, Known, OwnValue, in_words
from dealwright.entries.base import EntryBase
from dealwright.facts import FACTS, AboutPerson
from dealwright.facts.things import Things
from dealwright.subscription import ToldSubscription
from dealwright.values.recorded import AwareDatetime

_LONGEST_POINT = 200
"""Characters in the name of a point of attention."""


class FactTaken(EntryBase, EndReason):
    """A fact was taken in, with what it taught."""

    kind: Literal["fact_taken"] = "fact_taken"
    fact: str
    id: str | None = None
    variant: str | None = None
    happened_at: AwareDatetime
    late: bool = False
    """It happened before the deal was opened."""
    by: str | None = None
    source: str | None = None
    note: str | None = None
    contact: str | None = None
    reason: str | None = None
    learned: Known | None = None
    taught: tuple[str, ...] = ()
    """The paths about which this is the latest to say something."""
    things: Things | None = None
    about: str | None = None
    """Which meeting, demo, proposal or term it is about: ``demo/<id>``."""
    focus: dict[str, str] = {}
    """By kind, the thing that the deal is about from here on."""
    dates: tuple[str, ...] = ()
    """The dates (``demo.starts_at``) that became known by it, or were moved."""
    no_news: str | None = None
    """Why nothing follows from it; None when it counts."""
    document: str | None = None
    """The proposal or contract that it names, as the tool calls it that made it."""
    beside: bool = False
    """It ends something that the deal is not about: only what is about that hears of it."""
    retracts: str | None = None
    """The fact that it takes back."""
    takes_back_older: str | None = None
    """The fact that was told again since it was taken back: only what happened before is not so."""
    address: str | None = None
    """The address that it is about, as it is written: this entry may reach the journal before older ones."""
    addresses: tuple[str, ...] = ()
    """The addresses that it is about, in their normal form."""
    touch: str | None = None
    """The message that it is about, by its effect id."""
    message_id: str | None = None
    """What mail calls the message that it tells of."""
    unresolved: str | None = None
    """What it names as a person, and leads to nobody whom the deal knows."""
    in_crm: dict[str, str | None] = {}
    """What the deal's record in the CRM holds by it, by part, as it is compared; None where that is not sure."""
    put_back: bool = False
    """Somebody moved the deal in the CRM, and it was put back there."""
    concerns: tuple[str, ...] = ()
    """Of a fact about a person: the contacts of the deal whom it is about; of a conversation, who took part."""
    stands_for: str | None = None
    """The variant as which it is heard also, since the playbook speaks of its own nowhere."""
    told_with: str | None = None
    """The fact that told of it as well: an opt-out comes with a reply that asks for no more messages."""
    refers_to: str | None = None
    """The contact whom a reply names."""
    returns_on: date | None = None
    """Of a reply from somebody who is away: the first day on which they are back."""
    strangers: tuple[str, ...] = ()
    """Of a call, a meeting or a conversation: with whom it was whom the deal does not know, by ids and by addresses in
    their normal form."""
    replaces: str | None = None
    """The contact who leaves the deal by it: they are the wrong one, and whom they name stands in their place."""
    by_the_buyer: bool = False
    """Of a call: the buyer made it."""
    told_subscription: ToldSubscription | None = None
    """What the billing tool told of a subscription."""
    conversation: str | None = None
    """Of a conversation that was recorded: which one, as its tool calls it."""
    ended_at: AwareDatetime | None = None
    """When it was over."""
    link: str | None = None
    """Where it can be listened to, or read."""
    spares: bool | None = None
    """Of a fact about a person: it is about somebody else than whom messages go to, and ends no play of theirs."""

    @property
    def bounced(self) -> bool:
        """Whether its addresses take no mail any more."""
        about = _about_person(self)
        return about is not None and about.ends_all_mail(self.variant)

    @property
    def silences(self) -> str | None:
        """Why its addresses get no more marketing, from any deal; None when it does not say so."""
        about = _about_person(self)
        return about.silences(self.variant) if about is not None else None

    @property
    def point(self) -> str:
        """The point of attention that it raises when it leads to nobody."""
        return self.point_about(self.unresolved)

    def point_about(self, stranger: str | None) -> str:
        """Under what is kept what it tells of somebody whom the deal does not know."""
        return f"{self.fact}:{stranger}"[:_LONGEST_POINT]

    @property
    def written_by_them(self) -> bool:
        """Whether somebody has written who is away no more, if they were."""
        about = _about_person(self)
        return about is not None and about.is_written_by_them(self.variant)

    def sentence(self) -> str:
        words = self.fact.replace("crm_", "CRM_").replace("_", " ") + (f": {self.variant}" if self.variant else "")
        tail = f" - {self.note or self.reason}" if self.note or self.reason else ""
        unsure = " (no id)" if self.id is None else ""
        why_not = f" ({self.no_news})" if self.no_news else ""
        return f"{words[0].upper()}{words[1:]}{' (late)' if self.late else ''}{unsure}{why_not}{tail}"


def _about_person(taken: FactTaken) -> type[AboutPerson] | None:
    fact = FACTS.get(taken.fact)
    return fact if fact is not None and issubclass(fact, AboutPerson) else None


class FactRefused(EntryBase):
    """Something reached the deal that is no valid fact. Kept, shown, and otherwise without effect."""

    kind: Literal["fact_refused"] = "fact_refused"
    fact: str
    id: str | None = None
    error: str
    excerpt: str = ""

    def sentence(self) -> str:
        return f"Fact {self.fact!r} refused: {self.error}"


class FactContradicted(EntryBase):
    """A fact came under the id of another one, with other content: only the first was taken in."""

    kind: Literal["fact_contradicted"] = "fact_contradicted"
    fact: str
    id: str
    excerpt: str = ""
    """How the second one begins."""

    @property
    def point(self) -> str:
        """The point of attention that it raises."""
        return f"fact-id:{self.fact[:60]}:{self.id}"[:300]

    def sentence(self) -> str:
        return f"Fact {self.fact!r} came again as {self.id!r} with other content: the first one stands"


class PersonRecognised(EntryBase):
    """Somebody whom a fact named, and whom the deal did not know then, is a contact by now."""

    kind: Literal["person_recognised"] = "person_recognised"
    point: str
    """The point of attention that the fact raised; of a fact that raises none, its name and whom it named."""
    contact: str
    opted_out_at: AwareDatetime | None = None
    """When they opted out, if that is what the fact told."""
    addresses: tuple[str, ...] = ()
    """Their addresses, in the normal form, that get no marketing for it, from any deal."""
    told: tuple[FactTaken, ...] = ()
    """What was told of them under this point, in the order in which it happened, as it is about the contact."""

    def sentence(self) -> str:
        silence = ", who gets no marketing" if self.opted_out_at else ""
        return f"{self.point.partition(':')[2]} is known by now: {self.contact}{silence}"


class TouchesHeld(EntryBase):
    """Somebody gets no message before a time: a contact, or whoever has an address that the deal does not know."""

    kind: Literal["touches_held"] = "touches_held"
    until: AwareDatetime
    why: str
    contact: str | None = None
    told_at: AwareDatetime | None = None
    """When the contact said so."""
    addresses: tuple[str, ...] = ()
    """Their addresses, in the normal form: other deals write to them no sooner either."""
    another_deal: bool | None = None
    """Whether it was another deal that was told so."""

    def sentence(self) -> str:
        whom = self.contact or "somebody whom this deal does not know"
        if self.until <= self.at:
            was = self.why == "away"
            return f"{whom} was away until {self.until:%a %d %b %Y}" if was else f"{whom} is not away: {self.why}"
        return f"No touches to {whom} before {self.until:%a %d %b %Y}: {self.why}"


class ContactRefused(EntryBase):
    """A contact does not want to be reached by a channel, as another deal was told."""

    kind: Literal["contact_refused"] = "contact_refused"
    contact: str
    channel: str
    told_at: AwareDatetime
    """When they said so."""

    def sentence(self) -> str:
        return f"{self.contact} does not want to be reached by {self.channel}, as another deal was told"


class FocusMoved(EntryBase):
    """The meeting or demo that the deal was about is over: it is about the next one now."""

    kind: Literal["focus_moved"] = "focus_moved"
    thing: str
    key: str
    known_at: AwareDatetime
    """When its date became known."""

    def sentence(self) -> str:
        return f"The next {self.thing} is the one that counts now"


class FieldsWorkedOut(EntryBase):
    """What the playbook's tables make of what is known is another value now; None where it is known no longer."""

    kind: Literal["fields_worked_out"] = "fields_worked_out"
    fields: dict[str, OwnValue | None]

    def sentence(self) -> str:
        said = (f"{name} is {'not known' if value is None else in_words(value)}" for name, value in self.fields.items())
        return f"Worked out: {', '.join(said)}"
