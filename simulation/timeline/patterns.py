"""Which happenings somebody means, as tests and policies write it: ``{email: renewal-talk}``, ``opted_out``.

==========================================  =========================================================================
written                                     what it means
==========================================  =========================================================================
``{email: cold-1}``                         a message left (with ``to``: to this contact; with ``marketing``)
``{sms: reminder}``                         a text message of Dealwright's own left (with ``to``)
``{task: call}``                            somebody is asked to do it (with ``owner``: whoever has this role)
``{notify: sales_manager}``                 somebody is told something (with ``text``: the words are in it)
``{webhook: billing}``                      one of the team's own systems is told about the deal
``{subscription: start}``                   the billing tool is asked to do that (with ``text``: words in its terms)
``{enrol: outreach/42}``                      a contact is enrolled in a cadence of another tool
``{document: proposal}``                    a version of it goes out to the buyer
``{approval: discount}``                    it is asked for (with ``asks``: this role is one of those asked)
``{handoff: ae-to-csm}``                    it began (with ``to``: to this role)
``{stage: proposal}``                       the stage was entered
``{closed: lost}``                          the deal ended
``{attention: no-address}``                 somebody should look at the deal (with ``text``)
``{play: renewal}``                         the play started
``demo_held``, ``{task_done: call}``        any fact or event, as a play's ``on`` and ``until`` have it
==========================================  =========================================================================

Where a name stands, ``any`` means all of them, and a list means any of those. ``play: <name>`` beside ``email``,
``task`` and so on means only what that play did.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar, Final

from pydantic import Field, PlainValidator, ValidationError, WithJsonSchema

from dealwright.diagnostics.diagnostic import BadInput, BadValue
from dealwright.diagnostics.model_walk import Spot
from dealwright.diagnostics.notation import Yaml
from dealwright.diagnostics.pydantic_errors import diagnostics_of
from dealwright.diagnostics.suggestions import did_you_mean
from dealwright.facts import FACTS
from dealwright.playbook.language.triggers import EVENTS, event_keys
from dealwright.values.recorded import Text
from simulation.timeline.happening import Happening
from simulation.timeline.pattern import ANY, Names, Pattern


class EmailPattern(Pattern):
    """A message left."""

    kind: ClassVar[str] = "email"
    email: Names
    """The template."""
    to: Names = ()
    """The contact whom it goes to, by id."""
    marketing: bool | None = None
    """Whether it is marketing; either if it is not said."""

    def matches(self, happening: Happening) -> bool:
        return (
            super().matches(happening)
            and (not self.to or happening.to in self.to)
            and (self.marketing is None or happening.marketing is self.marketing)
        )


class SmsPattern(Pattern):
    """A text message of Dealwright's own left."""

    kind: ClassVar[str] = "sms"
    sms: Names
    """The template."""
    to: Names = ()
    """The contacts that it goes to."""

    def matches(self, happening: Happening) -> bool:
        return super().matches(happening) and (not self.to or happening.to in self.to)


class TaskPattern(Pattern):
    """Somebody is asked to do something."""

    kind: ClassVar[str] = "task"
    task: Names
    """The task's name."""
    owner: Names = ()
    """The role that has it."""

    def matches(self, happening: Happening) -> bool:
        return super().matches(happening) and (not self.owner or happening.to in self.owner)


class NotifyPattern(Pattern):
    """Somebody is told something."""

    kind: ClassVar[str] = "notify"
    notify: Names
    """The role that is told."""
    text: Text | None = None
    """Words that are in the text, in any case."""

    def matches(self, happening: Happening) -> bool:
        return super().matches(happening) and _says(happening, self.text)


class WebhookPattern(Pattern):
    """One of the team's own systems is told about the deal."""

    kind: ClassVar[str] = "webhook"
    webhook: Names
    """The endpoint."""


class SubscriptionPattern(Pattern):
    """The billing tool is asked to do something about a subscription."""

    kind: ClassVar[str] = "subscription"
    subscription: Names
    """What it is asked to do: ``start``, ``change`` or ``cancel``; ``agree`` is what a change there came to."""
    text: Text | None = None
    """Words that stand in its terms: ``12,000.00 EUR``."""

    def matches(self, happening: Happening) -> bool:
        return super().matches(happening) and _says(happening, self.text)


class EnrolPattern(Pattern):
    """A contact is enrolled in a cadence that runs in another tool."""

    kind: ClassVar[str] = "enrol"
    enrol: Names
    """The tool and its cadence: outreach/42."""


class DocumentPattern(Pattern):
    """A version of a document goes out to the buyer."""

    kind: ClassVar[str] = "document"
    document: Names
    """The document's name."""


class ApprovalPattern(Pattern):
    """An approval is asked for."""

    kind: ClassVar[str] = "approval"
    approval: Names
    """The approval's name."""
    asks: Names = ()
    """Roles that must say yes: all of them."""

    def matches(self, happening: Happening) -> bool:
        return super().matches(happening) and set(self.asks) <= set(happening.asks)


class HandoffPattern(Pattern):
    """A handoff began."""

    kind: ClassVar[str] = "handoff"
    handoff: Names
    """The handoff's name."""
    to: Names = ()
    """The role that is to take the deal over."""

    def matches(self, happening: Happening) -> bool:
        return super().matches(happening) and (not self.to or happening.to in self.to)


class StagePattern(Pattern):
    """A stage was entered."""

    kind: ClassVar[str] = "stage"
    stage: Names
    """The stage's name."""


class ClosedPattern(Pattern):
    """The deal ended."""

    kind: ClassVar[str] = "closed"
    closed: Names
    """The outcome."""


class AttentionPattern(Pattern):
    """Somebody should look at the deal."""

    kind: ClassVar[str] = "attention"
    attention: Names
    """The point of attention."""
    text: Text | None = None
    """Words that are in the text, in any case."""

    def matches(self, happening: Happening) -> bool:
        return super().matches(happening) and _says(happening, self.text)


class PlayPattern(Pattern):
    """A play started."""

    kind: ClassVar[str] = "play"
    play: Names
    """The play's name."""


class TriggerPattern(Pattern):
    """A fact or event, as the playbook's triggers have it."""

    kind: ClassVar[str] = "keys"
    keys: Annotated[tuple[str, ...], Field(min_length=1)]
    """The facts and events that are meant, by their keys."""

    def matches(self, happening: Happening) -> bool:
        return not set(self.keys).isdisjoint(happening.keys)

    def words(self) -> str:
        return " or ".join(key.replace("_", " ").replace(":", ": ") for key in self.keys)


PATTERNS: Final[Mapping[str, type[Pattern]]] = {
    one.kind: one
    for one in (
        EmailPattern, SmsPattern, TaskPattern, NotifyPattern, WebhookPattern, SubscriptionPattern, EnrolPattern,
        DocumentPattern, ApprovalPattern, HandoffPattern, StagePattern, ClosedPattern, AttentionPattern, PlayPattern,
    )
}  # fmt: skip
"""What may be meant but facts and events, by the key that names it."""
_DOES = tuple(PATTERNS)[:-1]


def read_pattern(written: object, *, besides: Sequence[str] = ()) -> Pattern:
    """Read which happenings are meant. ``besides`` are keys that the reader takes out before: they are suggested too.

    Raises:
        BadInput: what is wrong and where, and what to write instead.
    """
    match written:
        case Pattern():
            return written
        case str() if written in PATTERNS:
            raise BadValue(f"{written!r} alone says not which", f"write {{{written}: {ANY}}}, or its name")
        case str():
            return TriggerPattern(keys=_trigger(written, None, besides))
        case dict() if written:
            return _read_mapping(written, besides)
    example = "write {email: <template>}, {task: <name>}, {stage: <name>} or a fact's name"
    raise BadValue(f"{'nothing' if written is None else repr(written)} is nothing that happens", example)


def _read_mapping(written: Mapping[str, object], besides: Sequence[str]) -> Pattern:
    kinds = [key for key in _DOES if key in written] or [key for key in PATTERNS if key in written]
    if len(kinds) > 1:
        raise BadValue(f"this says {' and '.join(kinds)}", "write each for itself, in a list")
    if not kinds:
        name, *more = written
        if more:
            raise BadValue(f"this says {' and '.join(map(str, written))}", "write each for itself, in a list")
        try:
            return TriggerPattern(keys=_trigger(str(name), written[name], besides))
        except BadInput as error:
            raise BadInput(one.under(str(name)) for one in error.diagnostics) from None
    model = PATTERNS[kinds[0]]
    try:
        return model.model_validate(written)
    except ValidationError as error:
        raise BadInput(diagnostics_of(error, model, _Keys(besides))) from None


def _trigger(name: str, variant: object, besides: Sequence[str]) -> tuple[str, ...]:
    known = [*FACTS, *EVENTS, *PATTERNS, *besides]
    if name not in known:
        problem = f"{name!r} is no fact or event, and nothing that a play does"
        raise BadValue(problem, did_you_mean(name, known, f"write one of {', '.join(PATTERNS)}, or a fact's name"))
    return event_keys(name, variant)


class _Keys(Yaml):
    """The words of a file in which a pattern has other keys beside its own."""

    def __init__(self, besides: Sequence[str]) -> None:
        super().__init__()
        self._besides = tuple(besides)

    def unknown(self, name: str, value: object, spot: Spot) -> tuple[str, str]:
        problem, _ = super().unknown(name, value, spot)
        return problem, did_you_mean(name, (*spot.fields, *self._besides))


def _says(happening: Happening, text: str | None) -> bool:
    return text is None or text.casefold() in happening.text.casefold()


Meant = Annotated[Pattern, PlainValidator(read_pattern), WithJsonSchema({"$comment": "Happening"})]
"""A pattern as a field of a file's model."""
