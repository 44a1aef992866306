"""Mapping files: one YAML file says how a source proves itself and what its events mean for a deal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, StringConstraints, model_validator

from dealwright.diagnostics.diagnostic import BadInput, BadValue, Diagnostic
from dealwright.diagnostics.suggestions import did_you_mean
from dealwright.facts import FACTS
from dealwright.values.iso_codes import wrong_currency
from dealwright.values.recorded import Given
from dealwright.yaml.document import BadYaml, read_yaml
from dealwright.yaml.models import validate
from integrations.kit.mapping_paths import PathText, Template, paths_in

SourceName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
GIVEN_BY_INTAKE = ("id", "at", "source")
"""Fields of a fact that the intake fills in; a mapping does not."""


class BadMapping(BadInput):
    """A mapping file, or what an installation sets for it, that cannot be used."""


class SignedTime(Given):
    """The header with the time of signing, and how far it may be from now, into the past and the future."""

    header: str
    unit: Literal["s", "ms"]
    tolerance_seconds: Annotated[int, Field(ge=1, le=3600)] = 300


class Hmac(Given):
    """A keyed hash of the request, in a header."""

    scheme: Literal["hmac"]
    algorithm: Literal["sha256", "sha1"]
    encoding: Literal["hex", "base64"]
    header: str
    """The header with the signature."""
    signs: Annotated[str, StringConstraints(pattern=r"^(?:[^{}]|\{(?:method|url|body|timestamp)\})+$")]
    """What is hashed: a text with ``{method}``, ``{url}``, ``{body}`` and ``{timestamp}``, as they came in."""
    url_decodes: dict[str, str] = {}
    """Percent-encodings that the source decodes in the URL before it signs."""
    timestamp: SignedTime | None = None

    @model_validator(mode="after")
    def _has_what_it_signs(self) -> Self:
        if ("{timestamp}" in self.signs) != (self.timestamp is not None):
            problem = "timestamp: and {timestamp} in signs: belong together"
            raise BadValue(problem, "write both, or neither")
        return self


class StandardWebhooks(Given):
    """The Standard Webhooks specification, version 1 (``webhook-id``, ``-timestamp``, ``-signature``)."""

    scheme: Literal["standard_webhooks"]


Auth = Annotated[Hmac | StandardWebhooks, Field(discriminator="scheme")]


class Occurred(Given):
    """When an event happened."""

    path: PathText
    unit: Literal["iso", "s", "ms"] = "iso"


class DealRef(Given):
    """How an event names its deal: by the deal's ``id``, or by an ``object`` of the source that is linked to it."""

    id: PathText | None = None
    object: tuple[PathText, ...] = ()

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.id is None) == (not self.object):
            problem = f"the deal is named {'twice' if self.id else 'by nothing'}"
            raise BadValue(problem, "write either id:, or object: with the paths that make up the object's id")
        return self


class Opening(Given):
    """The deal that an event opens."""

    deal: Template
    playbook: Template = None


class Rule(Given):
    """What an event means: the first rule whose ``when`` holds counts."""

    when: dict[PathText, str | int | bool | list[str | int]] = {}
    skip: str | None = None
    """Keep the event and pass nothing on; why, in words."""
    open: Opening | None = None
    fact: str | None = None
    """A fact's name, or the path in braces where the event has it."""
    fields: Template = {}
    """The fact's fields."""
    without: tuple[str, ...] = ()
    """Fields that are left out of what ``fields`` leads to."""

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if sum(said is not None for said in (self.skip, self.open, self.fact)) != 1:
            raise BadValue("a rule says one thing", "write one of skip:, open: and fact:")
        if self.fact is not None and "{" not in self.fact:
            self._check_fact(self.fact)
        return self

    def _check_fact(self, name: str) -> None:
        if name not in FACTS:
            raise BadValue(f"{name!r} is no fact", did_you_mean(name, FACTS))
        for field in self.fields if isinstance(self.fields, dict) else ():
            known = [one for one in FACTS[name].model_fields if one not in GIVEN_BY_INTAKE]
            if field not in known:
                raise BadValue(f"{name!r} has no field {field!r}", did_you_mean(field, known))


class SourceMapping(Given):
    """A mapping file."""

    source: SourceName
    title: str
    about: str
    """Who sends this, and how far that was tried."""
    auth: Auth
    settings: dict[str, str] = {}
    """What an installation may set, with what counts otherwise."""
    split: PathText | None = None
    """Where in the body the events are; without it the body is one event, or a list of them."""
    occurred_at: Occurred
    event_id: Annotated[tuple[PathText, ...], Field(min_length=1)]
    """The paths whose values, joined, tell one event from every other of this source."""
    deal: DealRef
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _knows_its_settings(self) -> Self:
        used = {path for rule in self.rules for path in _paths_of(rule) if path.startswith("setting.")}
        for path in sorted(used):
            if (name := path.removeprefix("setting.")) not in self.settings:
                remedy = did_you_mean(name, self.settings, f"add {name}: to settings")
                raise BadValue(f"{path!r} is not among settings", remedy)
        return self

    def settings_with(self, given: Mapping[str, str]) -> dict[str, JsonValue]:
        """The settings, as given here and otherwise as the file has them.

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
        return {**self.settings, **given}


def mappings_in(folder: Path) -> dict[str, SourceMapping]:
    """A team's own sources, by name.

    Raises:
        BadMapping: what is wrong, with file and line, or that there is no such folder.
    """
    if not folder.is_dir():
        remedy = "name one with mapping files"
        raise BadMapping([Diagnostic(("DEALWRIGHT_WEBHOOK_SOURCES",), f"{folder} is no folder", remedy)])
    return mappings_by_name([(str(path), path.read_text("utf-8")) for path in sorted(folder.glob("*.yaml"))])


def read_mapping(text: str, file: str) -> SourceMapping:
    """Read a mapping file.

    Raises:
        BadMapping: what is wrong, with file and line.
    """
    try:
        document = read_yaml(text, file)
    except BadYaml as unreadable:
        raise BadMapping(unreadable.diagnostics) from None
    mapping, wrong = validate(document, SourceMapping, kind="mapping file", begin="begin with source: <name>")
    if mapping is None or wrong:
        raise BadMapping(wrong)
    return mapping


def mappings_by_name(texts: list[tuple[str, str]]) -> dict[str, SourceMapping]:
    """The mappings in these files (name and text), by the name of their source."""
    mappings = [read_mapping(text, file) for file, text in texts]
    return {mapping.source: mapping for mapping in mappings}


def _paths_of(rule: Rule) -> list[str]:
    opening = [rule.open.deal, rule.open.playbook] if rule.open else []
    return [*rule.when, *paths_in([rule.fact, rule.fields, *opening])]


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
