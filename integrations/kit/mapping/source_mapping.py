"""A mapping file as a model: how a source proves itself and what its events mean for a deal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, StringConstraints, model_validator

from dealwright.diagnostics.diagnostic import BadInput, BadValue, Diagnostic
from dealwright.diagnostics.suggestions import did_you_mean
from dealwright.values.iso_codes import wrong_currency
from dealwright.values.recorded import Given
from integrations.kit.mapping.answers import Answer, Challenge
from integrations.kit.mapping.expressions import Expression, uses_of
from integrations.kit.mapping.rules import DealRef, Echo, Fetch, Lookup, Occurred, Rule, Span
from integrations.kit.mapping.templates import paths_in
from integrations.kit.proof.schemes import Auth

SourceName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
Tables = Mapping[str, Mapping[str, str]]


class BadMapping(BadInput):
    """A mapping file, or what an installation sets for it, that cannot be used."""


class SourceMapping(Given):
    """A mapping file."""

    source: SourceName
    title: str
    about: str
    """Who sends this, and how far that was tried."""
    auth: Auth
    refuse_literals: dict[str, tuple[str, ...]] = {}
    """For a header, what never passes for a proof: a source may write that it has none."""
    secret_fields: tuple[Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")], ...] = ()
    """Fields of a JSON body whose values are secrets: of a refused request they are not kept."""
    keep_ids_for: Span | None = None
    """How long an event's id is remembered at least: longer than the source goes on sending it."""
    settings: dict[str, str] = {}
    """What an installation may set, with what counts otherwise."""
    tables: dict[str, dict[str, str]] = {}
    """Words of ours with words of the source; an installation's connection adds its own."""
    lookup: dict[str, Lookup] = {}
    """What is looked up for each event, by the name under ``lookup`` where it is found."""
    largest_body_mib: Annotated[int, Field(ge=1, le=64)] = 1
    """MiB that a request's body may have: mail has attachments."""
    body: Literal["json", "form", "xml", "none", "code"] = "json"
    """What the body is written in. With ``none`` all is in the headers, and a request is one event; with ``code`` the
    tool's own handler reads it, and the file needs no rules."""
    json_in: tuple[str, ...] = ()
    """Fields of the body whose text is JSON again."""
    challenge: Challenge | None = None
    answer: Answer | None = None
    """What the source wants to hear; without it 202 and our receipt."""
    split: Expression | None = None
    """Where in the body the events are; without it the body is one event, or a list of them."""
    occurred_at: Occurred = Occurred(path="event.at")
    event_id: Annotated[tuple[Expression, ...], Field(min_length=1)] = ("event.id",)
    """The paths whose values, joined, tell one event from every other of this source."""
    deal: DealRef = DealRef(id="event.deal_id")
    echo: tuple[Echo, ...] = ()
    fetch: Fetch | None = None
    rules: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _says_what_events_mean(self) -> Self:
        for key in ("occurred_at", "event_id", "deal", "rules"):
            if self.body != "code" and (key not in self.model_fields_set or not getattr(self, key)):
                raise BadValue(f"{key!r} is missing", f"add {key}:")
        return self

    @model_validator(mode="after")
    def _knows_what_it_looks_at(self) -> Self:
        for root, known, where in (("setting", self.settings, "settings"), ("lookup", self.lookup, "lookup")):
            for name in sorted(name for used, name in self.uses if used == root and name):
                if name not in known:
                    remedy = did_you_mean(name, known, f"add {name}: to {where}")
                    raise BadValue(f"{f'{root}.{name}'!r} is not among {where}", remedy)
        for one in self.lookup.values():
            if one.table not in self.tables:
                raise BadValue(f"there is no table {one.table!r}", did_you_mean(one.table, self.tables))
        return self

    @model_validator(mode="after")
    def _is_told_once(self) -> Self:
        if self.auth.must_fetch and self.fetch is None:
            raise BadValue("the proof says nothing of the content", "write fetch: with what is to be asked for")
        for path in self._paths_of_content() if self.auth.must_fetch else ():
            if any(root == "event" and name != "fetched" for root, name in uses_of(path)):
                problem = f"{path!r} is what anybody may have written"
                raise BadValue(problem, "take deals and fields from event.fetched, which the tool itself has said")
        if not self.auth.has_time and self.keep_ids_for is None:
            problem = "the proof says no time, so that only the event's id tells a repetition"
            raise BadValue(problem, "write keep_ids_for: longer than the source tries again, such as 5d")
        return self

    @cached_property
    def uses(self) -> frozenset[tuple[str, str]]:
        """What its expressions look at: each root with the field of it (empty for the whole)."""
        return frozenset(use for path in self._paths() for use in uses_of(path))

    @property
    def by_object(self) -> bool:
        """Whether events may name their deal by an object of the source."""
        return any(ref.object is not None for ref in self._deals())

    @property
    def by_id(self) -> bool:
        """Whether events may name their deal by its id."""
        return any(ref.id is not None for ref in self._deals())

    def with_settings(self, given: Mapping[str, str], tables: Tables | None = None) -> Source:
        """The source as an installation has it: settings and tables as given here and otherwise as the file has them.

        Raises:
            BadMapping: a setting is given that the file does not know, or an unknown currency.
        """
        currencies = {name for rule in self.rules for name in _currency_settings(rule.fields)}
        for name, value in given.items():
            place = ("DEALWRIGHT_WEBHOOK_SETTINGS", self.source, name)
            if name not in self.settings:
                problem = f"{self.source!r} has no setting {name!r}"
                raise BadMapping([Diagnostic(place, problem, did_you_mean(name, self.settings))])
            if name in currencies and value and (wrong := wrong_currency(value)) is not None:
                raise BadMapping([wrong.under(*place)])
        words = {name: {**table, **(tables or {}).get(name, {})} for name, table in self.tables.items()}
        return Source(self, {**self.settings, **given}, words)

    def _deals(self) -> list[DealRef]:
        return [self.deal, *(rule.deal for rule in self.rules if rule.deal)]

    def _paths_of_content(self) -> Iterator[str]:
        """The paths of what deals are told."""
        for ref in self._deals():
            yield from (path for path in (ref.id, ref.contact, *paths_in(ref.object)) if path)
        for rule in self.rules:
            opening = [rule.open.deal, rule.open.playbook] if rule.open else []
            yield from paths_in([rule.fact, rule.fields, *opening])
            yield from paths_in([part for one in rule.facts or () for part in (one.fact, one.fields)])

    def _paths(self) -> Iterator[str]:
        yield from (*self.event_id, self.occurred_at.path)
        yield from (path for one in self.lookup.values() for path in (one.key, one.value) if path)
        yield from (path for echo in self.echo for path in (*echo.when, echo.mark, echo.ours))
        if self.fetch:
            yield from (*self.fetch.when, *paths_in(self.fetch.what))
        yield from self._paths_of_content()
        for rule in self.rules:
            yield from rule.when
            yield from (path for one in rule.facts or () for path in one.when)


@dataclass(frozen=True, slots=True)
class Source:
    """A source as this installation has it."""

    mapping: SourceMapping
    settings: Mapping[str, JsonValue] = field(default_factory=dict)
    tables: Tables = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The source's name."""
        return self.mapping.source


def _currency_settings(template: JsonValue) -> Iterator[str]:
    """The settings that are filled in as a ``currency``."""
    match template:
        case dict():
            for key, value in template.items():
                yield from _currency_settings(value)
                if key == "currency":
                    yield from (path.removeprefix("setting.") for path in paths_in(value))
        case list():
            for value in template:
                yield from _currency_settings(value)
