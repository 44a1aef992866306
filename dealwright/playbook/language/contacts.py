"""How a playbook says which contacts it means, and whose facts stop a play."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Discriminator, PlainSerializer, PlainValidator, Tag, WithJsonSchema

from dealwright import contacts
from dealwright.calendar.durations import Span
from dealwright.deal import Contact
from dealwright.diagnostics.diagnostic import BadValue, read_parts
from dealwright.facts import FACTS, AboutPerson
from dealwright.playbook.language.fields import Word
from dealwright.playbook.language.triggers import ANY, event_keys, read_triggers
from dealwright.state import DealState
from dealwright.values.recorded import Given

From: TypeAlias = Literal["same", "anyone"]
"""Whose facts count: those of the contact that a run is for, or of any contact."""


def _as_list(written: object) -> object:
    return [written] if isinstance(written, str) else written


Roles: TypeAlias = Annotated[
    tuple[Word, ...],
    BeforeValidator(_as_list),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "minLength": 1},
                {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}},
            ]
        }
    ),
]
"""Roles in the buying committee: one, or a list."""


class ContactsMeant(Given):
    """Which contacts of a deal are meant."""

    role: Roles = ()
    """Those who have this role in the buying committee, or one of these; without it, every contact."""

    def of(self, state: DealState) -> tuple[Contact, ...]:
        """These contacts of a deal, as they are known now; of several with one address the first."""
        return contacts.in_roles(state, self.role)

    def words(self) -> str:
        """Who is meant, as people say it."""
        return " or ".join(role.replace("_", " ") for role in self.role) or "every contact"


class ForEach(Given):
    """For whom a play runs: once for each contact that is meant."""

    contact: ContactsMeant = ContactsMeant()
    """The contacts: by their role, or with {} all of them."""


class PutOffBy(Given):
    """How long a run waits when a colleague of its contact has replied."""

    delay: Span
    """Nothing of the run comes before so much time has passed since the reply, in the contact's calendar."""


def _how_it_goes_on(written: object) -> str:
    return "delay" if isinstance(written, (Mapping, PutOffBy)) else "word"


WhenColleagueReplies: TypeAlias = Annotated[
    Annotated[Literal["stop", "go_on"], Tag("word")] | Annotated[PutOffBy, Tag("delay")],
    Discriminator(_how_it_goes_on),
]
"""What becomes of a run when a colleague of its contact replies."""


@dataclass(frozen=True, slots=True)
class Until:
    """What stops a play, by key, and of what is about a person, whose counts."""

    keys: tuple[str, ...] = ()
    said: tuple[tuple[str, From], ...] = ()
    """The keys of which the playbook says whose count."""

    def counts_from(self, key: str) -> From:
        """Whose fact of a key stops a run for one contact: theirs, unless the playbook says otherwise."""
        return dict(self.said).get(key, "same")


def _read_until(written: object) -> Until:
    """Read what stops a play: facts and events, of which some may say from whom.

    Raises:
        BadInput: what is wrong and where, and what to write instead.
    """
    if isinstance(written, Until):
        return written
    if isinstance(written, list):
        parts = read_parts(enumerate(written), _read_one)
        keys = tuple(key for part in parts for key in part.keys)
        return Until(keys, tuple(pair for part in parts for pair in part.said))
    return _read_one(written)


def _read_one(written: object) -> Until:
    if not isinstance(written, Mapping) or "from" not in written:
        return Until(read_triggers(written))
    facts = [(str(name), (str(name), variant)) for name, variant in written.items() if name != "from"]
    if len(facts) != 1:
        raise BadValue("'from' says of one fact whose counts", "write {reply_received: any, from: anyone}")
    (keys,) = read_parts(facts, _keys_of_person)
    (from_,) = read_parts([("from", written["from"])], _whose)
    return Until(keys, tuple((key, from_) for key in keys))


def _keys_of_person(given: tuple[str, object]) -> tuple[str, ...]:
    name, variant = given
    keys = event_keys(name, variant)
    fact = FACTS.get(name)
    if fact is None or not issubclass(fact, AboutPerson):
        people = [known for known, each in FACTS.items() if issubclass(each, AboutPerson)]
        raise BadValue(
            f"{name!r} is about the deal, and from nobody", f"take 'from' out: only {', '.join(people)} have it"
        )
    return keys


def _whose(written: object) -> From:
    match written:
        case "same" | "anyone":
            return written
    raise BadValue(f"{written!r} does not say from whom", "write same (the contact that the run is for) or anyone")


def _as_written(until: Until) -> list[object]:
    """For differences between playbooks: the keys, with from whom where that is said."""
    said = dict(until.said)
    return [{key: ANY, "from": said[key]} if key in said else key for key in until.keys]


UntilField = Annotated[
    Until,
    PlainValidator(_read_until),
    PlainSerializer(_as_written, return_type=list[object]),
    WithJsonSchema({"$comment": "Until"}),
]
"""What stops a play, as a field of a playbook's model."""
