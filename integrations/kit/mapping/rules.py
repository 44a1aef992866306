"""The parts of a mapping file: what they say."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from dealwright.diagnostics.diagnostic import BadValue
from dealwright.diagnostics.suggestions import did_you_mean
from dealwright.facts import FACTS
from dealwright.values.recorded import Given
from integrations.kit.mapping.expressions import Expression
from integrations.kit.mapping.templates import Template, TextTemplate, paths_in

GIVEN_BY_INTAKE = ("id", "at", "source")
"""Fields of a fact that the intake fills in; a mapping does not."""
_SPAN = re.compile(r"([1-9][0-9]{0,3})([mhd])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def _span(value: object) -> object:
    if not isinstance(value, str):
        return value
    if not (found := _SPAN.fullmatch(value)):
        raise BadValue(f"{value!r} is no length of time", "write one such as 90m, 36h or 5d")
    return int(found[1]) * _UNITS[found[2]]


Span = Annotated[timedelta, BeforeValidator(_span)]
"""A length of time: ``90m``, ``36h``, ``5d``."""


class Present(Given):
    """Whether there is anything where an expression leads: neither nothing nor an empty text, list or object."""

    present: bool


Wanted: TypeAlias = str | int | bool | list[str | int] | Present
When: TypeAlias = dict[Expression, Wanted]
"""Where expressions have to lead: to a value, one of several, to anything, or to nothing."""


class Occurred(Given):
    """When an event happened."""

    path: Expression
    unit: Literal["iso", "s", "ms"] = "iso"


class DealRef(Given):
    """How an event names its deal: by the deal's ``id``, by an ``object`` of the source that is linked to it, or both.

    With both, the object counts where the event has no id. An object that is linked to no deal may find one by the
    ``contact``: the e-mail addresses or phone numbers of those who take part. It is linked to the one open deal that
    has one of them among its contacts, if there is exactly one.
    """

    id: Expression | None = None
    object: TextTemplate | None = None
    """The object's id, with its kind where the source has several: ``deal:{event.objectId}``."""
    contact: Expression | None = None

    @model_validator(mode="after")
    def _names_it(self) -> Self:
        if self.contact is not None and self.object is None:
            raise BadValue("nothing is linked to the deal of the contact", "write object: with the object's id")
        if self.id is None and self.object is None:
            raise BadValue("the deal is named by nothing", "write id:, or object: with the object's id")
        if self.object is not None and not any(paths_in(self.object)):
            raise BadValue(f"{self.object!r} is the same for all events", "write one such as deal:{event.objectId}")
        return self


class Lookup(Given):
    """A word of the source put into one of ours, or the other way round, by a table."""

    table: str
    key: Expression | None = None
    """What is found is the value of this key."""
    value: Expression | None = None
    """What is found is the first key with this value."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.key is None) == (self.value is None):
            raise BadValue("a lookup goes one way", "write key: to find a value, or value: to find a key")
        return self


class Echo(Given):
    """How our own write is known when it comes back: a mark of the source is an id of ours.

    Where the installation has not said what our id is, nothing counts as an echo.
    """

    when: When = {}
    mark: Expression
    ours: Expression


class Fetch(Given):
    """For a source that only hints at what happened: what has to be fetched before anything is made of it."""

    when: When = {}
    what: Template
    """What the tool is asked for; its answer stands at ``event.fetched`` when the rules are read."""


class Opening(Given):
    """The deal that an event opens."""

    deal: Template
    playbook: Template = None


class OneOfSeveral(Given):
    """One of several facts that one event tells."""

    when: When = {}
    fact: TextTemplate
    """A fact's name, or the path in braces where the event has it."""
    fields: Template = {}
    """The fact's fields."""
    without: tuple[str, ...] = ()
    """Fields that are left out of what ``fields`` leads to."""
    suffix: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")] | None = None
    """What its id ends with, in the place of the fact's name."""

    @model_validator(mode="after")
    def _is_a_fact(self) -> Self:
        check_fact(self.fact, self.fields)
        return self

    @property
    def ends_with(self) -> str:
        """What tells its id from those of the others."""
        return self.suffix or self.fact


class Rule(Given):
    """What an event means: the first rule whose ``when`` holds counts."""

    when: When = {}
    deal: DealRef | None = None
    """How these events name their deal, if otherwise than the others."""
    skip: str | None = None
    """Keep the event and pass nothing on; why, in words."""
    open: Opening | None = None
    fact: TextTemplate | None = None
    fields: Template = {}
    without: tuple[str, ...] = ()
    """As of a :class:`OneOfSeveral`."""
    facts: Annotated[tuple[OneOfSeveral, ...], Field(min_length=1)] | None = None
    """Several facts, each with an id of its own."""

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if sum(said is not None for said in (self.skip, self.open, self.fact, self.facts)) != 1:
            raise BadValue("a rule says one thing", "write one of skip:, open:, fact: and facts:")
        if self.fact is not None:
            check_fact(self.fact, self.fields)
        endings = [one.ends_with for one in self.facts or ()]
        for ending in endings:
            if endings.count(ending) > 1 or "{" in ending:
                raise BadValue(f"two facts have the ending {ending!r}", "give each a suffix: of its own")
        return self


def check_fact(name: str, fields: object) -> None:
    """Check that there is such a fact with such fields, as far as the file says.

    Raises:
        BadValue: what there is instead.
    """
    if any(paths_in(name)):
        return
    if name not in FACTS:
        raise BadValue(f"{name!r} is no fact", did_you_mean(name, FACTS))
    for field in fields if isinstance(fields, dict) else ():
        known = [one for one in FACTS[name].model_fields if one not in GIVEN_BY_INTAKE]
        if field not in known:
            raise BadValue(f"{name!r} has no field {field!r}", did_you_mean(field, known))
