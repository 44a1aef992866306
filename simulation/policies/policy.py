"""What a policy may say.

=================================================================  ===================================================
written                                                            broken when
=================================================================  ===================================================
``never: {email: any, after: opted_out}``                          such a thing happens once ``after`` has happened
``never: {email: offer, before: demo_held}``                       … while ``before`` has not happened
``never: {email: any, after: demo_held, within: 2h}``              … so soon after it
``never: {email: any, more_than: {times: 3, per: 7d}}``            … more often than that; with ``about: contact``, for
                                                                   one contact
``never: {email: offer, earlier_than: {before: …, by: 120d}}``     … earlier than that, by the date that is known then
``never: {email: offer, later_than: {before: demo.starts_at}}``    … later than that
``always: {task: call, after: demo_held, within: 1bd}``            it does not happen in time
``always: {task: renew, by: {before: contract.ends_on, by: 60d}}``  it has not happened by then
``always: {approval: discount, asks: finance}``                    one such is otherwise
``never: {…condition…}``, ``always: {…condition…}``                after any decision the condition holds, or does not
``always: next_step``                                              an open deal has no next step
=================================================================  ===================================================

``if`` beside it: only where this condition holds at that moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, Self, TypeAlias, TypeVar

from pydantic import Field, PlainValidator, ValidationError, ValidationInfo, WithJsonSchema, model_validator

from dealwright.calendar.durations import Span
from dealwright.diagnostics.diagnostic import BadInput, BadValue, Diagnostic
from dealwright.diagnostics.notation import Yaml
from dealwright.diagnostics.pydantic_errors import diagnostics_of
from dealwright.diagnostics.suggestions import the_same
from dealwright.facts import FACTS, Thing
from dealwright.playbook.language.condition_syntax import Condition, read_condition
from dealwright.playbook.language.conditions import Test
from dealwright.playbook.language.dates import Dated
from dealwright.playbook.language.fields import own_paths
from dealwright.playbook.language.triggers import EVENTS
from dealwright.values.recorded import Given, Name
from simulation.timeline.pattern import Pattern
from simulation.timeline.patterns import PATTERNS, read_pattern

NEXT_STEP = "next_step"
"""What an open deal always has: somebody's next step."""
When = TypeVar("When", "NeverWhen", "AlwaysWhen")
_JOINED = frozenset({"not", "all", "any"})


def _read_patterns(written: object) -> tuple[Pattern, ...]:
    if isinstance(written, tuple):
        return written
    if not isinstance(written, list):
        return (read_pattern(written),)
    found, wrong = [], []
    for index, each in enumerate(written):
        try:
            found.append(read_pattern(each))
        except BadInput as error:
            wrong += [one.under(index) for one in error.diagnostics]
    if wrong or not found:
        raise BadInput(wrong or [Diagnostic((), "an empty list means nothing", "write what happens, or take it out")])
    return tuple(found)


Patterns = Annotated[tuple[Pattern, ...], PlainValidator(_read_patterns), WithJsonSchema({"$comment": "Happenings"})]
"""What happens, any of these, as a field of a policy."""


class MoreThan(Given):
    """How often is too often."""

    times: Annotated[int, Field(ge=1, le=1000)]
    """More than so many."""
    per: Span
    """Within any time as long as this."""


class NeverWhen(Given):
    """When it must not happen."""

    after: Patterns = ()
    """Once one of these has happened."""
    before: Patterns = ()
    """Until one of these has happened."""
    within: Span | None = None
    """Only so long after ``after``."""
    about: Thing | Literal["contact"] | None = None
    """Only what is about the same meeting, demo, proposal or contract term as ``after``, or for the same contact."""
    more_than: MoreThan | None = None
    """More often than this; with ``about: contact`` for one contact."""
    earlier_than: Dated | None = None
    """Earlier than this time, reckoned from a date as it is known then."""
    later_than: Dated | None = None
    """Later than this time, reckoned from a date as it is known then."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        for key in ("within", "about"):
            if getattr(self, key) is not None and not self.after and not self._is_counted_by_contact(key):
                raise BadValue(f"{key!r} says nothing without after", "write after: and what it is reckoned from")
        return self

    def _is_counted_by_contact(self, key: str) -> bool:
        return key == "about" and self.about == "contact" and self.more_than is not None


class AlwaysWhen(Given):
    """When it must have happened."""

    after: Patterns = ()
    """Each time that one of these has happened."""
    within: Span | None = None
    """So soon after it; at once, if it is not said."""
    by: Dated | None = None
    """By this time at the latest, reckoned from a date as it is known before."""
    unless: Patterns = ()
    """But if one of these happens in between."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.by is not None and (self.after or self.within):
            key = "after" if self.after else "within"
            raise BadValue(f"{key!r} says nothing beside by", "write one of them: by is reckoned from its date alone")
        if not self.after and (self.within or (self.unless and self.by is None)):
            key = "within" if self.within else "unless"
            raise BadValue(f"{key!r} says nothing without after", "write after: and what it is reckoned from")
        return self


@dataclass(frozen=True)
class NeverHappens:
    """Such a thing must not happen then."""

    pattern: Pattern
    when: NeverWhen


@dataclass(frozen=True)
class AlwaysHappens:
    """Such a thing must happen then; where nothing says when, each of its kind must be such."""

    pattern: Pattern
    when: AlwaysWhen


@dataclass(frozen=True)
class Holds:
    """After each decision a condition holds, or never does."""

    condition: Test
    never: bool


@dataclass(frozen=True)
class HasNextStep:
    """An open deal has somebody's next step."""


Rule: TypeAlias = NeverHappens | AlwaysHappens | Holds | HasNextStep


def _read_never(written: object, info: ValidationInfo) -> Rule:
    if isinstance(written, Rule):
        return written
    if not isinstance(written, dict) or not _is_happening(written, NeverWhen):
        return Holds(read_condition(written, own_paths(info)), never=True)
    pattern, when = _split(written, NeverWhen, info)
    return NeverHappens(pattern, when)


def _read_always(written: object, info: ValidationInfo) -> Rule:
    if isinstance(written, Rule):
        return written
    if written == NEXT_STEP:
        return HasNextStep()
    if isinstance(written, str) and the_same(written, [NEXT_STEP]):
        raise BadValue(f"{written!r} is no fact or event", f"did you mean {NEXT_STEP!r}?")
    if not isinstance(written, dict) or not _is_happening(written, AlwaysWhen):
        return Holds(read_condition(written, own_paths(info)), never=False)
    pattern, when = _split(written, AlwaysWhen, info)
    if not when.after and when.by is None and not requirements(pattern):
        remedy = "write after: and when it must happen, or what each such must be (marketing: true, asks: finance)"
        raise BadValue(f"{pattern.words()!r} alone says nothing", remedy)
    return AlwaysHappens(pattern, when)


def dates_in(policy: Policy) -> tuple[Dated, ...]:
    """The times of a policy that are reckoned from a date."""
    match policy.rule:
        case NeverHappens(_, when):
            return tuple(one for one in (when.earlier_than, when.later_than) if one is not None)
        case AlwaysHappens(_, AlwaysWhen(by=Dated() as by)):
            return (by,)
    return ()


def requirements(pattern: Pattern) -> tuple[str, ...]:
    """The keys that say what each of a kind must be: all but its name, and the play that does it."""
    given = pattern.model_fields_set - {pattern.kind, "play", "keys"}
    return tuple(name for name in type(pattern).model_fields if name in given)


def _is_happening(written: Mapping[str, object], when: type[Given]) -> bool:
    """Whether a mapping says what happens, and not what is so."""
    keys = set(map(str, written))
    if keys & {*PATTERNS, *when.model_fields}:
        return True
    return not any("." in key or key in FACTS or key in EVENTS or key in _JOINED for key in keys)


def _split(written: Mapping[str, object], model: type[When], info: ValidationInfo) -> tuple[Pattern, When]:
    """What happens, and when."""
    keys = tuple(model.model_fields)
    about = {key: value for key, value in written.items() if key not in keys}
    wrong: list[Diagnostic] = []
    pattern = when = None
    try:
        pattern = read_pattern(about, besides=keys)
    except BadInput as error:
        wrong += error.diagnostics
    try:
        when = model.model_validate({key: value for key, value in written.items() if key in keys}, context=info.context)
    except ValidationError as error:
        wrong += diagnostics_of(error, model, Yaml())
    if pattern is None or when is None:
        raise BadInput(wrong)
    return pattern, when


class Policy(Given):
    """What must never or always be in any deal of the playbook."""

    name: Name
    """What it promises, in words."""
    never: Annotated[Rule, PlainValidator(_read_never), WithJsonSchema({"$comment": "Never"})] | None = None
    """What must not happen, or must not be so."""
    always: Annotated[Rule, PlainValidator(_read_always), WithJsonSchema({"$comment": "Always"})] | None = None
    """What must happen, or must be so."""
    if_: Condition | None = Field(default=None, alias="if")
    """Only where this holds at that moment."""

    @model_validator(mode="after")
    def _one_rule(self) -> Self:
        if (self.never is None) == (self.always is None):
            found = "never and always" if self.never else "neither never nor always"
            raise BadValue(f"the policy has {found}", "write one of them, and another policy for the other")
        return self

    @property
    def rule(self) -> Rule:
        """What it says."""
        rule = self.never or self.always
        assert rule is not None  # noqa: S101 - one of them is there
        return rule
